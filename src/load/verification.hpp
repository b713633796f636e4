// Verification: which messages of which producer arrived, how often, and how late. It counts what
// was consumed; what was lost is the difference to what the producer says was acknowledged.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <unordered_map>
#include <utility>

#include "load/histogram.hpp"
#include "load/stamp.hpp"

namespace stoker::load {

/// A set of sequence numbers in pages of 4,096 bits; a page that is full costs no bits any more, so
/// a producer whose messages all arrive costs a few bytes for each 4,096 of them.
class SequenceSet {
public:
    enum class Insert { added, present, refused };

    /// Refused when one page more would exceed pages_max: sequences come from message headers,
    /// which anybody can write.
    Insert insert(uint64_t sequence);
    bool contains(uint64_t sequence) const;

    int64_t count() const { return count_; }
    /// One more than the highest sequence seen, 0 when there is none.
    uint64_t end() const { return end_; }

    static constexpr size_t pages_max = 1 << 20;

private:
    static constexpr size_t page_words = 64;
    static constexpr uint64_t page_bits = page_words * 64;
    struct Page {
        std::array<uint64_t, page_words> words{};
        int count = 0;
    };
    std::unordered_map<uint64_t, std::unique_ptr<Page>> pages_;  ///< null: every bit is set
    int64_t count_ = 0;
    uint64_t end_ = 0;
};

/// One thread, or behind a lock.
class Verification {
public:
    struct Producer {
        SequenceSet seen;
        int64_t duplicated = 0;
    };
    /// Run id and producer index.
    using Name = std::pair<uint64_t, uint32_t>;

    void record(const Stamp& stamp, int64_t now_wall_ns);
    /// A message without a stamp, or with one that is not ours.
    void record_unstamped() { ++unstamped_; }

    int64_t distinct() const { return distinct_; }
    int64_t duplicated() const { return duplicated_; }
    int64_t unstamped() const { return unstamped_; }
    /// Distinct messages of one run.
    int64_t distinct_of(uint64_t run) const;
    const std::map<Name, Producer>& producers() const { return producers_; }
    /// From the intended send time to now, in microseconds; first arrivals only.
    const Histogram& end_to_end_us() const { return end_to_end_us_; }

    static constexpr size_t producers_max = 4096;

private:
    std::map<Name, Producer> producers_;
    int64_t distinct_ = 0;
    int64_t duplicated_ = 0;
    int64_t unstamped_ = 0;
    Histogram end_to_end_us_;
};

}  // namespace stoker::load
