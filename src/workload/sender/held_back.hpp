// HeldBack: the time during which a sender could not send because its client had no room, or did
// not come back. It is the cluster's share of a message's lateness; what is left is the
// generator's own, and that decides whether a run can be trusted.
#pragma once

#include <cstdint>
#include <deque>

namespace stoker::workload {

/// Times are nanoseconds of one clock. Stretches are added in ascending order and do not overlap.
class HeldBack {
public:
    void add(int64_t begin_ns, int64_t end_ns);
    /// How much of the time since `since_ns` was held back. Asked with times that never fall: what
    /// lies before them is forgotten.
    int64_t since(int64_t since_ns);
    int64_t total_ns() const { return total_ns_; }

private:
    struct Stretch {
        int64_t begin_ns;
        int64_t end_ns;
    };
    std::deque<Stretch> stretches_;
    int64_t remembered_ns_ = 0;  ///< of `stretches_`
    int64_t total_ns_ = 0;
};

}  // namespace stoker::workload
