// Zigzag varints, as the records inside a batch use them for lengths and deltas: seven bits a byte,
// least significant first, the sign in bit 0. Reading is for hostile input; writing is into room
// that the caller has made.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <type_traits>

#include "base/bytes.hpp"

namespace stoker::record {

inline constexpr size_t varint_size_max = 5;
inline constexpr size_t varlong_size_max = 10;

namespace detail {
template <class T>
constexpr std::make_unsigned_t<T> zigzag(T value) {
    using Unsigned = std::make_unsigned_t<T>;
    return Unsigned(Unsigned(value) << 1) ^ Unsigned(value >> (sizeof(T) * 8 - 1));
}

template <class T>
constexpr T unzigzag(std::make_unsigned_t<T> value) {
    return T((value >> 1) ^ (~(value & 1) + 1));
}

template <class T>
constexpr size_t zigzag_size(T value) {
    return (std::bit_width(std::make_unsigned_t<T>(zigzag(value) | 1)) + 6) / 7;
}

template <class T>
std::byte* write_zigzag(std::byte* to, T value) {
    auto rest = zigzag(value);
    for (; rest >= 0x80; rest = std::make_unsigned_t<T>(rest >> 7)) *to++ = std::byte(rest | 0x80);
    *to++ = std::byte(rest);
    return to;
}
}  // namespace detail

constexpr size_t varint_size(int32_t value) { return detail::zigzag_size(value); }
constexpr size_t varlong_size(int64_t value) { return detail::zigzag_size(value); }

/// Writes varint_size(value) bytes at `to` and returns the place behind them.
inline std::byte* write_varint(std::byte* to, int32_t value) {
    return detail::write_zigzag(to, value);
}
/// Writes varlong_size(value) bytes at `to` and returns the place behind them.
inline std::byte* write_varlong(std::byte* to, int64_t value) {
    return detail::write_zigzag(to, value);
}

/// Reads along a span. Nothing is returned, and nothing is moved, when what is asked for is cut
/// short or does not fit its type. The span must outlive the reader and what take() returns.
class VarintReader {
public:
    VarintReader() = default;
    explicit VarintReader(ByteView bytes) : at_(bytes.data()), end_(at_ + bytes.size()) {}

    size_t left() const { return size_t(end_ - at_); }
    const std::byte* position() const { return at_; }

    std::optional<int32_t> varint() { return zigzag<int32_t>(); }
    std::optional<int64_t> varlong() { return zigzag<int64_t>(); }

    std::optional<ByteView> take(size_t size) {
        if (size > left()) return std::nullopt;
        ByteView taken(at_, size);
        at_ += size;
        return taken;
    }

private:
    template <class T>
    std::optional<T> zigzag() {
        using Unsigned = std::make_unsigned_t<T>;
        constexpr int bits = sizeof(T) * 8;
        const std::byte* at = at_;
        Unsigned value = 0;
        for (int shift = 0; shift < bits && at != end_; shift += 7) {
            auto low = std::to_integer<Unsigned>(*at++);
            Unsigned part = low & 0x7f;
            if (shift + 7 > bits && (part >> (bits - shift)) != 0) return std::nullopt;
            value |= Unsigned(part << shift);
            if (low < 0x80) {
                at_ = at;
                return detail::unzigzag<T>(value);
            }
        }
        return std::nullopt;
    }

    const std::byte* at_ = nullptr;
    const std::byte* end_ = nullptr;
};

}  // namespace stoker::record
