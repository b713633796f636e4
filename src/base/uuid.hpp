// Kafka's Uuid: 16 bytes, written as 22 characters of URL-safe base64 without padding (topic ids,
// cluster ids, directory ids; org.apache.kafka.common.Uuid).
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace stoker {

struct Uuid {
    std::array<std::byte, 16> bytes{};

    auto operator<=>(const Uuid&) const = default;
    bool is_zero() const { return *this == Uuid{}; }
};

/// "AAAAAAAAAAAAAAAAAAAAAQ": 22 characters.
std::string to_string(const Uuid& id);
/// Nothing when the text is not such a string.
std::optional<Uuid> parse_uuid(std::string_view text);

}  // namespace stoker

template <>
struct std::hash<stoker::Uuid> {
    size_t operator()(const stoker::Uuid& id) const noexcept {
        return std::hash<std::string_view>{}(
            {reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size()});
    }
};
