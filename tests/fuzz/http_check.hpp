// What must hold for any bytes that a stranger sends to the HTTP server: they are the same requests
// in whatever pieces they come, and what a handler gets of them is well-formed.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/check.hpp"
#include "http/request_reader.hpp"

namespace stoker::http {

inline constexpr size_t checked_body_max = 1000;

inline void check_http_request(const Request& request) {
    STOKER_CHECK(is_token(request.method), "a method is a token");
    STOKER_CHECK(request.path.starts_with('/') || request.path == "*", "a path is one");
    STOKER_CHECK(percent_decoded(request.path).has_value(), "a path can be decoded");
    STOKER_CHECK(request.body.size() <= checked_body_max, "a body has a largest size");
    STOKER_CHECK(request.headers.size() <= headers_max, "there are not too many headers");
    const std::string_view name = request.query.substr(0, request.query.find_first_of("=&%+"));
    const bool has_name = !name.empty() && request.query.substr(name.size()).starts_with('=');
    STOKER_CHECK(!has_name || request.query_parameter(name), "a parameter is found");
}

/// What the requests are and how they end, in pieces of `piece` bytes.
inline std::string http_requests(std::string_view bytes, size_t piece) {
    RequestReader reader(checked_body_max);
    std::string all;
    while (!bytes.empty()) {
        reader.feed(bytes.substr(0, piece));
        bytes.remove_prefix(std::min(piece, bytes.size()));
        for (; reader.state() == RequestReader::State::complete; reader.next()) {
            const Request& request = reader.request();
            check_http_request(request);
            for (const std::string_view part :
                 {request.method, request.path, request.query, request.body})
                all.append(part).push_back('\0');
            for (const auto& [name, value] : request.headers)
                all.append(name).append(":").append(value).push_back('\0');
            all += request.keep_alive ? 'k' : 'c';
        }
    }
    if (reader.state() == RequestReader::State::refused)
        all += '|' + std::to_string(int(reader.refusal()));
    return all;
}

/// Whether there was a request.
inline bool check_http(ByteView input) {
    const std::string_view bytes = text_of(input);
    const std::string whole = http_requests(bytes, bytes.size());
    for (const size_t piece : {size_t{1}, size_t{7}, size_t{100}})
        STOKER_CHECK(http_requests(bytes, piece) == whole, "pieces make the same requests");
    return whole.contains('\0');
}

}  // namespace stoker::http
