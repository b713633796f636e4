// OffsetMap: for each key of a stretch of a log, the offset of its last record, in memory that is
// bounded beforehand: 24 bytes a key, as in Apache Kafka's SkimpyOffsetMap. The cleaner keeps it
// for the length of one round.
//
// A key is known by 128 bits of SipHash-2-4 under a secret that is drawn anew for each map. Two
// keys that collide would be taken for one, and the older one's record would be lost; upstream's
// MD5 leaves that to whoever computes a collision (a second on any machine). With a secret nobody
// can look for one, and by chance a map of 2^27 keys (three gigabytes) has one with probability
// 2^-75: a disk returns a wrong bit unnoticed far more often.
//
// One thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <optional>

#include "base/bytes.hpp"
#include "base/ids.hpp"

namespace stoker::storage {

struct KeyHash {
    uint64_t low = 0;
    uint64_t high = 0;

    bool operator==(const KeyHash&) const = default;
};

using HashSecret = std::array<uint64_t, 2>;

/// SipHash-2-4 with 128 bits of result (Aumasson and Bernstein).
KeyHash hash_key(const HashSecret& secret, ByteView key);

class OffsetMap {
public:
    static constexpr size_t slot_size = 24;

    /// Room for `slots` keys, 1 or more. Memory that no key falls into is never touched.
    OffsetMap(size_t slots, const HashSecret& secret);

    size_t slots() const { return slots_; }
    size_t size() const { return size_; }
    double utilization() const { return double(size_) / double(slots_); }

    /// False, and nothing is changed, when the key is new and `size_max` keys are there; that is
    /// below slots(). Offsets of one key rise.
    bool put(ByteView key, Offset offset, size_t size_max);
    std::optional<Offset> find(ByteView key) const;

    /// Up to where the log was read into the map; nothing behind it is to be judged by it.
    Offset latest() const { return latest_; }
    void set_latest(Offset offset) { latest_ = offset; }

private:
    struct Slot {
        KeyHash hash;
        int64_t offset_plus_one;  // 0: empty
    };
    struct Free {
        void operator()(Slot* slots) const { std::free(slots); }
    };
    static_assert(sizeof(Slot) == slot_size);

    /// The key's slot, or the empty one where it would be.
    Slot& slot_of(const KeyHash& hash) const;

    const size_t slots_;
    const HashSecret secret_;
    std::unique_ptr<Slot[], Free> table_;
    size_t size_ = 0;
    Offset latest_{-1};
};

}  // namespace stoker::storage
