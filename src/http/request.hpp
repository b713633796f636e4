// An HTTP/1.1 request's head, read from bytes that anybody may have sent.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace stoker::http {

/// Views into the bytes that it was read from.
struct Request {
    std::string_view method;  // "GET"
    std::string_view path;    // up to the first '?', not decoded
    std::string_view query;   // behind it; may be empty
    bool keep_alive = true;
    std::vector<std::pair<std::string_view, std::string_view>> headers{};

    /// The first header of that name, in any case.
    std::optional<std::string_view> header(std::string_view name) const;
};

/// What a request is refused with.
enum class Refusal : uint16_t {
    bad_request = 400,
    payload_too_large = 413,
    head_too_large = 431,
    not_implemented = 501,
    version_not_supported = 505,
};

inline constexpr size_t head_size_max = 16 << 10;
inline constexpr size_t headers_max = 64;

/// A request and where it ends; nothing while its head is not complete. A request with a body is
/// refused.
struct Parsed {
    Request request;
    size_t size = 0;
};
std::expected<std::optional<Parsed>, Refusal> parse_request(std::string_view bytes);

}  // namespace stoker::http
