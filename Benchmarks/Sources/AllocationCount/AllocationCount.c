// Counts allocations by standing in for malloc and its kin: an executable's own definitions come before the C
// library's, for the Swift runtime too. glibc keeps its own under other names.

#include "AllocationCount.h"

#if defined(__GLIBC__)

    #include <errno.h>
    #include <stddef.h>

    extern void *__libc_malloc(size_t size);
    extern void *__libc_calloc(size_t count, size_t size);
    extern void *__libc_realloc(void *memory, size_t size);
    extern void *__libc_memalign(size_t alignment, size_t size);

    // One thread measures; others that allocate at the same time would only add to the count.
    static volatile int64_t count = 0;

    int64_t allocation_count(void) { return count; }

    void *malloc(size_t size) {
        count = count + 1;
        return __libc_malloc(size);
    }

    void *calloc(size_t number, size_t size) {
        count = count + 1;
        return __libc_calloc(number, size);
    }

    void *realloc(void *memory, size_t size) {
        count = count + 1;
        return __libc_realloc(memory, size);
    }

    void *memalign(size_t alignment, size_t size) {
        count = count + 1;
        return __libc_memalign(alignment, size);
    }

    void *aligned_alloc(size_t alignment, size_t size) { return memalign(alignment, size); }

    int posix_memalign(void **memory, size_t alignment, size_t size) {
        void *found = memalign(alignment, size);
        if (!found) return ENOMEM;
        *memory = found;
        return 0;
    }

#else

    int64_t allocation_count(void) { return -1; }

#endif
