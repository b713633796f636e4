// Network byte order: numbers as Kafka's wire and files have them.
#pragma once

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstring>
#include <type_traits>

namespace stoker {

namespace detail {
template <std::integral T>
constexpr T reversed(T value) {
    if constexpr (sizeof(T) == 1)
        return value;
    else if constexpr (sizeof(T) == 2)
        return T(__builtin_bswap16(std::make_unsigned_t<T>(value)));
    else if constexpr (sizeof(T) == 4)
        return T(__builtin_bswap32(std::make_unsigned_t<T>(value)));
    else
        return T(__builtin_bswap64(std::make_unsigned_t<T>(value)));
}
}  // namespace detail

/// Reads sizeof(T) bytes at `from`, which the caller knows to be there.
template <std::integral T>
T load_big_endian(const std::byte* from) {
    T value;
    std::memcpy(&value, from, sizeof value);
    return detail::reversed(value);
}

/// Writes sizeof(T) bytes at `to`.
template <std::integral T>
void store_big_endian(std::byte* to, T value) {
    value = detail::reversed(value);
    std::memcpy(to, &value, sizeof value);
}

}  // namespace stoker
