#include "CxxPriorityQueue.h"

#include <queue>
#include <vector>

namespace {

struct Payload {
    uint64_t first, second;
};

struct TotalEntry {
    int64_t time;
    uint64_t rank;
    Payload payload;
    bool operator<(const TotalEntry &other) const {
        return time > other.time || (time == other.time && rank > other.rank);
    }
};

struct TimeEntry {
    int64_t time;
    Payload payload;
    bool operator<(const TimeEntry &other) const { return time > other.time; }
};

TotalEntry make(TotalEntry, int64_t time, uint64_t sequence) {
    return {time, sequence, {sequence, sequence}};
}

TimeEntry make(TimeEntry, int64_t time, uint64_t sequence) {
    return {time, {sequence, sequence}};
}

template <typename Entry>
uint64_t hold(
    std::priority_queue<Entry> &queue, uint64_t &sequence, const int64_t *delays, uint64_t mask,
    uint64_t first, uint64_t count) {
    uint64_t sum = 0;
    for (uint64_t index = first; index < first + count; ++index) {
        Entry entry = queue.top();
        queue.pop();
        sum = sum * 31 + static_cast<uint64_t>(entry.time);
        queue.push(make(Entry{}, entry.time + delays[index & mask], sequence++));
    }
    return sum;
}

} // namespace

struct CxxQueue {
    bool isTotal;
    uint64_t sequence = 0;
    std::priority_queue<TotalEntry> total;
    std::priority_queue<TimeEntry> timed;
};

CxxQueue *cxx_queue_create(int total) {
    return new CxxQueue{total != 0, 0, {}, {}};
}

void cxx_queue_destroy(CxxQueue *queue) {
    delete queue;
}

void cxx_queue_push(CxxQueue *queue, int64_t time) {
    if (queue->isTotal) {
        queue->total.push(make(TotalEntry{}, time, queue->sequence++));
    } else {
        queue->timed.push(make(TimeEntry{}, time, queue->sequence++));
    }
}

uint64_t cxx_queue_hold(
    CxxQueue *queue, const int64_t *delays, uint64_t mask, uint64_t first, uint64_t count) {
    return queue->isTotal ? hold(queue->total, queue->sequence, delays, mask, first, count)
                          : hold(queue->timed, queue->sequence, delays, mask, first, count);
}
