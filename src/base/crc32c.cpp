// Three streams at once keep the crc32 instruction's pipeline full (latency 3, throughput 1); the
// three checksums are then joined: crc(A ∥ B) = crc(A)·x^(8·|B|) + crc(B) in GF(2)[x], the
// multiplication being one PCLMULQDQ.
#include "base/crc32c.hpp"

#include <array>

#if defined(__SSE4_2__) && defined(__PCLMUL__)
#include <nmmintrin.h>
#include <wmmintrin.h>
#endif

namespace stoker {
namespace {

constexpr uint32_t polynomial = 0x82f63b78;  // reflected

#if defined(__SSE4_2__) && defined(__PCLMUL__)

/// x^exponent mod P, reflected.
constexpr uint32_t power_of_x(int exponent) {
    uint32_t value = 0x80000000;
    for (int i = 0; i < exponent; ++i) value = (value >> 1) ^ ((value & 1) ? polynomial : 0);
    return value;
}

uint64_t word(const std::byte* at) {
    uint64_t value;
    std::memcpy(&value, at, sizeof value);
    return value;
}

/// crc·factor·x^33 mod P: what the crc32 instruction makes of the 63-bit carry-less product.
uint32_t multiply(uint32_t crc, uint32_t factor) {
    __m128i product =
        _mm_clmulepi64_si128(_mm_cvtsi32_si128(int(crc)), _mm_cvtsi32_si128(int(factor)), 0);
    return uint32_t(_mm_crc32_u64(0, uint64_t(_mm_cvtsi128_si64(product))));
}

/// As many stretches of 3·Block bytes as fit; `at` and `left` move behind them.
template <size_t Block>
uint32_t three_streams(uint32_t crc, const std::byte*& at, size_t& left) {
    constexpr uint32_t one = power_of_x(8 * int(Block) - 33);
    constexpr uint32_t two = power_of_x(16 * int(Block) - 33);
    for (; left >= 3 * Block; at += 3 * Block, left -= 3 * Block) {
        uint64_t a = crc, b = 0, c = 0;
        for (size_t i = 0; i < Block; i += 8) {
            a = _mm_crc32_u64(a, word(at + i));
            b = _mm_crc32_u64(b, word(at + Block + i));
            c = _mm_crc32_u64(c, word(at + 2 * Block + i));
        }
        crc = multiply(uint32_t(a), two) ^ multiply(uint32_t(b), one) ^ uint32_t(c);
    }
    return crc;
}

uint32_t update(uint32_t crc, const std::byte* at, size_t left) {
    crc = three_streams<4096>(crc, at, left);
    crc = three_streams<256>(crc, at, left);
    for (; left >= 8; at += 8, left -= 8) crc = uint32_t(_mm_crc32_u64(crc, word(at)));
    if (left >= 4) {
        uint32_t half;
        std::memcpy(&half, at, sizeof half);
        crc = _mm_crc32_u32(crc, half);
        at += sizeof half;
        left -= sizeof half;
    }
    for (; left > 0; ++at, --left) crc = _mm_crc32_u8(crc, std::to_integer<uint8_t>(*at));
    return crc;
}

#else

constexpr std::array<uint32_t, 256> table = [] {
    std::array<uint32_t, 256> entries{};
    for (uint32_t i = 0; i < 256; ++i) {
        uint32_t value = i;
        for (int bit = 0; bit < 8; ++bit) value = (value >> 1) ^ ((value & 1) ? polynomial : 0);
        entries[i] = value;
    }
    return entries;
}();

uint32_t update(uint32_t crc, const std::byte* at, size_t left) {
    for (; left > 0; ++at, --left)
        crc = (crc >> 8) ^ table[(crc ^ std::to_integer<uint32_t>(*at)) & 255];
    return crc;
}

#endif

}  // namespace

uint32_t crc32c(ByteView bytes, uint32_t crc) {
    return ~update(~crc, bytes.data(), bytes.size());
}

}  // namespace stoker
