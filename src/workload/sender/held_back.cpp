#include "workload/sender/held_back.hpp"

#include <algorithm>

namespace stoker::workload {

void HeldBack::add(int64_t begin_ns, int64_t end_ns) {
    if (end_ns <= begin_ns) return;
    total_ns_ += end_ns - begin_ns;
    remembered_ns_ += end_ns - begin_ns;
    if (!stretches_.empty() && stretches_.back().end_ns == begin_ns) {
        stretches_.back().end_ns = end_ns;
        return;
    }
    stretches_.push_back({begin_ns, end_ns});
}

int64_t HeldBack::since(int64_t since_ns) {
    while (!stretches_.empty() && stretches_.front().end_ns <= since_ns) {
        remembered_ns_ -= stretches_.front().end_ns - stretches_.front().begin_ns;
        stretches_.pop_front();
    }
    if (stretches_.empty()) return 0;
    return remembered_ns_ - std::max<int64_t>(0, since_ns - stretches_.front().begin_ns);
}

}  // namespace stoker::workload
