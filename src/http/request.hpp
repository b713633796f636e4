// An HTTP/1.1 request's head, read from bytes that anybody may have sent.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace stoker::http {

/// Views into the bytes that it was read from.
struct Request {
    std::string_view method;  // "GET"; any token
    std::string_view path;    // up to the first '?', not decoded; its %XX are well-formed
    std::string_view query;   // behind it; may be empty
    std::string_view body;    // whole, without its transfer coding; may be empty
    bool keep_alive = true;
    uint8_t minor_version = 1;  // HTTP/1.0 or HTTP/1.1
    std::vector<std::pair<std::string_view, std::string_view>> headers{};
    /// What stands in the place of a route's {names}, decoded (router.hpp).
    std::vector<std::pair<std::string_view, std::string>> path_parameters{};

    /// The first header of that name, in any case.
    std::optional<std::string_view> header(std::string_view name) const;
    /// What stands in the place of {name}; the route must have it.
    const std::string& path_parameter(std::string_view name) const;
    /// The first of that name in the query, decoded: %XX, and '+' for a blank. What is no %XX stays
    /// as it is. "a" and "a=" are both empty.
    std::optional<std::string> query_parameter(std::string_view name) const;
};

/// %XX decoded; nothing when one is malformed. The result may hold any byte.
std::optional<std::string> percent_decoded(std::string_view text);

/// RFC 9110 §5.6.2: the names of methods and headers.
bool is_token(std::string_view text);
/// No control characters: they have no place in a head and in no log.
bool is_text(std::string_view text);

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

/// A request's head, where it ends, and what follows it. A length that is given twice, or beside a
/// transfer coding, is refused: who disagrees about where a request ends lets a stranger speak in
/// another's name (RFC 9112 §6.3).
struct Head {
    Request request;
    size_t size = 0;
    uint64_t content_length = 0;  // of the body unless it is chunked; any size
    bool chunked = false;
    bool expects_continue = false;  // the client waits with the body
};
/// Nothing while it is not complete.
std::expected<std::optional<Head>, Refusal> parse_head(std::string_view bytes);

}  // namespace stoker::http
