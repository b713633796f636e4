#include "storage/offset_map.hpp"

#include <bit>
#include <cstring>
#include <new>

#include "base/check.hpp"

namespace stoker::storage {

namespace {

constexpr size_t word_size = 8;

uint64_t load_little_endian(const std::byte* from, size_t size) {
    uint64_t word = 0;
    for (size_t i = 0; i < size; ++i) word |= std::to_integer<uint64_t>(from[i]) << (8 * i);
    return word;
}

/// The four words of SipHash's state.
struct SipState {
    uint64_t a, b, c, d;

    void round() {
        a += b;
        b = std::rotl(b, 13) ^ a;
        a = std::rotl(a, 32);
        c += d;
        d = std::rotl(d, 16) ^ c;
        a += d;
        d = std::rotl(d, 21) ^ a;
        c += b;
        b = std::rotl(b, 17) ^ c;
        c = std::rotl(c, 32);
    }
    void absorb(uint64_t word) {
        d ^= word;
        round();
        round();
        a ^= word;
    }
    uint64_t squeeze() {
        for (int i = 0; i < 4; ++i) round();
        return a ^ b ^ c ^ d;
    }
};

}  // namespace

KeyHash hash_key(const HashSecret& secret, ByteView key) {
    SipState state{secret[0] ^ 0x736f6d6570736575, secret[1] ^ 0x646f72616e646f6d,
                   secret[0] ^ 0x6c7967656e657261, secret[1] ^ 0x7465646279746573};
    state.b ^= 0xee;
    size_t at = 0;
    for (; key.size() - at >= word_size; at += word_size) {
        uint64_t word = 0;
        if constexpr (std::endian::native == std::endian::little) {
            std::memcpy(&word, key.data() + at, word_size);
        } else {
            word = load_little_endian(key.data() + at, word_size);
        }
        state.absorb(word);
    }
    const uint64_t rest = load_little_endian(key.data() + at, key.size() - at);
    state.absorb(rest | uint64_t(key.size()) << 56);
    state.c ^= 0xee;
    KeyHash hash;
    hash.low = state.squeeze();
    state.b ^= 0xdd;
    hash.high = state.squeeze();
    return hash;
}

OffsetMap::OffsetMap(size_t slots, const HashSecret& secret)
    : slots_(slots),
      secret_(secret),
      // The system gives large zeroed stretches page by page, as they are touched.
      table_(static_cast<Slot*>(std::calloc(slots, sizeof(Slot)))) {
    STOKER_CHECK(slots > 0, "an offset map has room");
    if (table_ == nullptr) throw std::bad_alloc();
}

OffsetMap::Slot& OffsetMap::slot_of(const KeyHash& hash) const {
    size_t at = hash.low % slots_;
    for (;;) {
        Slot& slot = table_[at];
        if (slot.offset_plus_one == 0 || slot.hash == hash) return slot;
        if (++at == slots_) at = 0;
    }
}

bool OffsetMap::put(ByteView key, Offset offset, size_t size_max) {
    STOKER_CHECK(size_max < slots_ && offset >= Offset{0}, "a map always has an empty slot");
    const KeyHash hash = hash_key(secret_, key);
    Slot& slot = slot_of(hash);
    if (slot.offset_plus_one == 0) {
        if (size_ >= size_max) return false;
        slot.hash = hash;
        ++size_;
    }
    slot.offset_plus_one = raw(offset) + 1;
    return true;
}

std::optional<Offset> OffsetMap::find(ByteView key) const {
    const Slot& slot = slot_of(hash_key(secret_, key));
    if (slot.offset_plus_one == 0) return std::nullopt;
    return Offset{slot.offset_plus_one - 1};
}

}  // namespace stoker::storage
