#include "load/verification.hpp"

#include <algorithm>

namespace stoker::load {

SequenceSet::Insert SequenceSet::insert(uint64_t sequence) {
    uint64_t number = sequence / page_bits;
    auto found = pages_.find(number);
    if (found == pages_.end()) {
        if (pages_.size() >= pages_max) return Insert::refused;
        found = pages_.emplace(number, std::make_unique<Page>()).first;
    }
    if (!found->second) return Insert::present;
    Page& page = *found->second;
    uint64_t& word = page.words[sequence % page_bits / 64];
    uint64_t bit = uint64_t(1) << (sequence % 64);
    if (word & bit) return Insert::present;
    word |= bit;
    if (++page.count == int(page_bits)) found->second.reset();
    ++count_;
    end_ = std::max(end_, sequence + 1);
    return Insert::added;
}

bool SequenceSet::contains(uint64_t sequence) const {
    const auto found = pages_.find(sequence / page_bits);
    if (found == pages_.end()) return false;
    if (!found->second) return true;
    return found->second->words[sequence % page_bits / 64] >> (sequence % 64) & 1;
}

void Verification::record(const Stamp& stamp, int64_t now_wall_ns) {
    Name name{stamp.run, stamp.producer};
    auto found = producers_.find(name);
    if (found == producers_.end()) {
        if (producers_.size() >= producers_max) return record_unstamped();
        found = producers_.try_emplace(name).first;
    }
    switch (found->second.seen.insert(stamp.sequence)) {
        case SequenceSet::Insert::added:
            ++distinct_;
            // In unsigned numbers: a forged time must not overflow.
            end_to_end_us_.record(
                int64_t(uint64_t(now_wall_ns) - uint64_t(stamp.intended_wall_ns)) / 1000);
            break;
        case SequenceSet::Insert::present:
            ++found->second.duplicated;
            ++duplicated_;
            break;
        case SequenceSet::Insert::refused:
            record_unstamped();
            break;
    }
}

int64_t Verification::distinct_of(uint64_t run) const {
    int64_t sum = 0;
    for (auto at = producers_.lower_bound({run, 0}); at != producers_.end(); ++at) {
        if (at->first.first != run) break;
        sum += at->second.seen.count();
    }
    return sum;
}

}  // namespace stoker::load
