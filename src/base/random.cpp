#include "base/random.hpp"

#include "base/big_endian.hpp"

namespace stoker {

Random::Random() {
    std::random_device device;
    seed_ = uint64_t(device()) << 32 | device();
    engine_.seed(seed_);
}

uint64_t Random::next() {
    std::lock_guard lock(mutex_);
    return engine_();
}

uint64_t Random::below(uint64_t bound) {
    std::lock_guard lock(mutex_);
    return std::uniform_int_distribution<uint64_t>(0, bound - 1)(engine_);
}

Uuid Random::uuid() {
    for (;;) {
        Uuid id;
        store_big_endian(id.bytes.data(), next());
        store_big_endian(id.bytes.data() + 8, next());
        id.bytes[6] = (id.bytes[6] & std::byte{0x0f}) | std::byte{0x40};
        id.bytes[8] = (id.bytes[8] & std::byte{0x3f}) | std::byte{0x80};
        if (to_string(id)[0] != '-') return id;
    }
}

}  // namespace stoker
