#include "http/request.hpp"

#include <algorithm>

namespace stoker::http {
namespace {

using Refused = std::unexpected<Refusal>;

char lower(char c) { return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c; }

bool same(std::string_view a, std::string_view b) {
    return std::ranges::equal(a, b, {}, lower, lower);
}

/// RFC 9110 §5.6.2
bool is_token(std::string_view text) {
    const auto is_token_char = [](char c) {
        const bool letter = lower(c) >= 'a' && lower(c) <= 'z';
        const bool digit = c >= '0' && c <= '9';
        return letter || digit || std::string_view("!#$%&'*+-.^_`|~").contains(c);
    };
    return !text.empty() && std::ranges::all_of(text, is_token_char);
}

/// No control characters: they have no place in a head and in no log.
bool is_text(std::string_view text) {
    return std::ranges::all_of(text, [](char c) {
        return c == '\t' || (static_cast<unsigned char>(c) >= ' ' && c != '\x7f');
    });
}

std::string_view trimmed(std::string_view text) {
    const auto is_blank = [](char c) { return c == ' ' || c == '\t'; };
    while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
    return text;
}

/// Up to the line's end, which is taken off; a bare LF ends a line, too (RFC 9112 §2.2).
std::string_view take_line(std::string_view& text) {
    const size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
}

std::optional<Refusal> read_first_line(std::string_view line, Request& request) {
    const size_t first = line.find(' ');
    const size_t last = line.rfind(' ');
    if (first == std::string_view::npos || first == last) return Refusal::bad_request;
    request.method = line.substr(0, first);
    std::string_view target = line.substr(first + 1, last - first - 1);
    const std::string_view version = line.substr(last + 1);
    if (!is_token(request.method) || !is_text(target) || target.contains(' '))
        return Refusal::bad_request;
    if (!version.starts_with("HTTP/")) return Refusal::bad_request;
    if (version != "HTTP/1.1" && version != "HTTP/1.0") return Refusal::version_not_supported;
    request.keep_alive = version == "HTTP/1.1";
    // The absolute form, which proxies send (RFC 9112 §3.2.2).
    if (target.starts_with("http://")) {
        target.remove_prefix(std::min(target.find('/', 7), target.size()));
        if (target.empty()) target = "/";
    }
    if (!target.starts_with('/')) return Refusal::bad_request;
    const size_t question = target.find('?');
    request.path = target.substr(0, question);
    if (question != std::string_view::npos) request.query = target.substr(question + 1);
    return std::nullopt;
}

std::optional<Refusal> read_header(std::string_view line, Request& request) {
    const size_t colon = line.find(':');
    if (colon == std::string_view::npos) return Refusal::bad_request;
    const std::string_view name = line.substr(0, colon);
    const std::string_view value = trimmed(line.substr(colon + 1));
    if (!is_token(name) || !is_text(value)) return Refusal::bad_request;
    if (request.headers.size() == headers_max) return Refusal::head_too_large;
    request.headers.emplace_back(name, value);
    if (same(name, "connection")) {
        if (same(value, "close")) request.keep_alive = false;
        if (same(value, "keep-alive")) request.keep_alive = true;
    }
    if (same(name, "transfer-encoding")) return Refusal::not_implemented;
    if (same(name, "content-length") && value != "0") return Refusal::payload_too_large;
    return std::nullopt;
}

}  // namespace

std::optional<std::string_view> Request::header(std::string_view name) const {
    const auto at =
        std::ranges::find_if(headers, [&](const auto& each) { return same(each.first, name); });
    return at == headers.end() ? std::nullopt : std::optional(at->second);
}

std::expected<std::optional<Parsed>, Refusal> parse_request(std::string_view bytes) {
    // Empty lines before a request are passed over (RFC 9112 §2.2).
    std::string_view rest = bytes;
    while (rest.starts_with("\r\n") || rest.starts_with('\n'))
        rest.remove_prefix(rest.front() == '\r' ? 2 : 1);
    Parsed parsed;
    for (bool first = true;; first = false) {
        const bool complete = rest.contains('\n');
        if (!complete && bytes.size() >= head_size_max) return Refused(Refusal::head_too_large);
        if (!complete) return std::nullopt;
        const std::string_view line = take_line(rest);
        if (line.empty()) break;
        if (const auto why = first ? read_first_line(line, parsed.request)
                                   : read_header(line, parsed.request))
            return Refused(*why);
    }
    parsed.size = bytes.size() - rest.size();
    if (parsed.size > head_size_max) return Refused(Refusal::head_too_large);
    return parsed;
}

}  // namespace stoker::http
