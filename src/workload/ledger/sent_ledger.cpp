#include "workload/ledger/sent_ledger.hpp"

namespace stoker::workload {

void SentLedger::add(std::vector<AckRange>& ranges, uint64_t sequence, int64_t offset) {
    if (!ranges.empty()) {
        AckRange& last = ranges.back();
        const bool follows = last.first + last.count == sequence;
        const bool lies_behind = last.offset < 0
                                     ? offset < 0
                                     : last.offset + int64_t(last.count) == offset;
        if (follows && lies_behind) {
            ++last.count;
            return;
        }
    }
    ranges.push_back({.first = sequence, .count = 1, .offset = offset});
}

}  // namespace stoker::workload
