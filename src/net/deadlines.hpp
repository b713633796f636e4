// When to look at which session again: a min-heap whose entries may be out of date.
//
// A session's deadline moves with every byte, so moving it must cost nothing: the heap keeps the
// earliest time that was asked for; when it comes, the owner looks at what the deadline is by then
// and asks again.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <queue>
#include <vector>

namespace stoker::net {

inline constexpr int64_t never = std::numeric_limits<int64_t>::max();

/// One thread.
class Deadlines {
public:
    struct Entry {
        int64_t at_ms = never;
        uint64_t id = 0;
        bool operator>(const Entry& other) const { return at_ms > other.at_ms; }
    };

    void add(int64_t at_ms, uint64_t id) { heap_.push({at_ms, id}); }
    int64_t next_ms() const { return heap_.empty() ? never : heap_.top().at_ms; }
    /// The earliest entry; only when next_ms() is not `never`.
    Entry take() {
        const Entry first = heap_.top();
        heap_.pop();
        return first;
    }

private:
    std::priority_queue<Entry, std::vector<Entry>, std::greater<>> heap_;
};

}  // namespace stoker::net
