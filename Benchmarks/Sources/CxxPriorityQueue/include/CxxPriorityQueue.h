#pragma once

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// A std::priority_queue of events with 16-byte payloads, behind C so that the loop that is timed stays in C++.
typedef struct CxxQueue CxxQueue;

/// With `total` the order is (time, rank), as topsim's; without it is time alone, and entries are 8 bytes smaller.
CxxQueue *cxx_queue_create(int total);
void cxx_queue_destroy(CxxQueue *queue);
void cxx_queue_push(CxxQueue *queue, int64_t time);

/// Pops and pushes `count` times, each new event `delays[i & mask]` after the one that left; returns a sum over the
/// times that left.
uint64_t cxx_queue_hold(
    CxxQueue *queue, const int64_t *delays, uint64_t mask, uint64_t first, uint64_t count);

#ifdef __cplusplus
}
#endif
