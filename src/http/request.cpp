#include "http/request.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

#include "base/check.hpp"

namespace stoker::http {
namespace {

using Refused = std::unexpected<Refusal>;

char lower(char c) { return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c; }

bool same(std::string_view a, std::string_view b) {
    return std::ranges::equal(a, b, {}, lower, lower);
}

/// Of a hexadecimal digit; -1 when it is none.
int digit_of(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    const char small = lower(c);
    return small >= 'a' && small <= 'f' ? small - 'a' + 10 : -1;
}

/// The byte that %XX at the front stands for; -1 when it is none.
int escaped(std::string_view text) {
    if (text.size() < 3 || text[0] != '%') return -1;
    const int high = digit_of(text[1]);
    const int low = digit_of(text[2]);
    return high < 0 || low < 0 ? -1 : high * 16 + low;
}

std::string form_decoded(std::string_view text) {
    std::string decoded;
    while (!text.empty()) {
        const int byte = escaped(text);
        decoded += byte >= 0 ? char(byte) : text.front() == '+' ? ' ' : text.front();
        text.remove_prefix(byte >= 0 ? 3 : 1);
    }
    return decoded;
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

/// Whether a list has that element, in any case (RFC 9110 §5.6.1).
bool has_element(std::string_view list, std::string_view element) {
    for (;;) {
        const size_t comma = list.find(',');
        if (same(trimmed(list.substr(0, comma)), element)) return true;
        if (comma == std::string_view::npos) return false;
        list.remove_prefix(comma + 1);
    }
}

class HeadParser {
public:
    std::optional<Refusal> read_first_line(std::string_view line);
    std::optional<Refusal> read_header(std::string_view line);
    /// What only all lines together tell.
    std::optional<Refusal> finish();

    Head head;

private:
    std::optional<Refusal> read_target(std::string_view target);
    std::optional<Refusal> read_length(std::string_view value);

    bool has_length_ = false;
    bool has_coding_ = false;
    bool knows_coding_ = true;
};

std::optional<Refusal> HeadParser::read_first_line(std::string_view line) {
    const size_t first = line.find(' ');
    const size_t last = line.rfind(' ');
    if (first == std::string_view::npos || first == last) return Refusal::bad_request;
    Request& request = head.request;
    request.method = line.substr(0, first);
    const std::string_view target = line.substr(first + 1, last - first - 1);
    const std::string_view version = line.substr(last + 1);
    if (!is_token(request.method) || !is_text(target) || target.contains(' '))
        return Refusal::bad_request;
    if (!version.starts_with("HTTP/")) return Refusal::bad_request;
    if (version != "HTTP/1.1" && version != "HTTP/1.0") return Refusal::version_not_supported;
    request.minor_version = version == "HTTP/1.1";
    request.keep_alive = version == "HTTP/1.1";
    return read_target(target);
}

std::optional<Refusal> HeadParser::read_target(std::string_view target) {
    Request& request = head.request;
    // The absolute form, which proxies send (RFC 9112 §3.2.2).
    if (target.starts_with("http://")) {
        target.remove_prefix(std::min(target.find('/', 7), target.size()));
        if (target.empty()) target = "/";
    }
    const bool is_asterisk = target == "*" && request.method == "OPTIONS";
    const size_t question = target.find('?');
    request.path = target.substr(0, question);
    if (question != std::string_view::npos) request.query = target.substr(question + 1);
    if (!request.path.starts_with('/') && !is_asterisk) return Refusal::bad_request;
    for (size_t at = 0; (at = request.path.find('%', at)) != std::string_view::npos; ++at)
        if (escaped(request.path.substr(at)) < 0) return Refusal::bad_request;
    return std::nullopt;
}

std::optional<Refusal> HeadParser::read_header(std::string_view line) {
    const size_t colon = line.find(':');
    if (colon == std::string_view::npos) return Refusal::bad_request;
    const std::string_view name = line.substr(0, colon);
    const std::string_view value = trimmed(line.substr(colon + 1));
    if (!is_token(name) || !is_text(value)) return Refusal::bad_request;
    Request& request = head.request;
    if (request.headers.size() == headers_max) return Refusal::head_too_large;
    request.headers.emplace_back(name, value);
    if (same(name, "content-length")) return read_length(value);
    if (same(name, "transfer-encoding")) {
        if (has_coding_) return Refusal::bad_request;
        has_coding_ = true;
        knows_coding_ = same(value, "chunked");
    }
    if (same(name, "connection")) {
        if (has_element(value, "keep-alive")) request.keep_alive = true;
        if (has_element(value, "close")) request.keep_alive = false;
    }
    if (same(name, "expect")) head.expects_continue = same(value, "100-continue");
    return std::nullopt;
}

std::optional<Refusal> HeadParser::read_length(std::string_view value) {
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    if (has_length_ || value.empty() || !std::ranges::all_of(value, is_digit))
        return Refusal::bad_request;
    has_length_ = true;
    const auto read =
        std::from_chars(value.data(), value.data() + value.size(), head.content_length);
    if (read.ec != std::errc()) head.content_length = std::numeric_limits<uint64_t>::max();
    return std::nullopt;
}

std::optional<Refusal> HeadParser::finish() {
    const bool old = head.request.minor_version == 0;
    if (has_coding_ && (has_length_ || old)) return Refusal::bad_request;
    if (!knows_coding_) return Refusal::not_implemented;
    head.chunked = has_coding_;
    if (old) head.expects_continue = false;
    return std::nullopt;
}

}  // namespace

bool is_token(std::string_view text) {
    const auto is_token_char = [](char c) {
        const bool letter = lower(c) >= 'a' && lower(c) <= 'z';
        const bool digit = c >= '0' && c <= '9';
        return letter || digit || std::string_view("!#$%&'*+-.^_`|~").contains(c);
    };
    return !text.empty() && std::ranges::all_of(text, is_token_char);
}

bool is_text(std::string_view text) {
    return std::ranges::all_of(text, [](char c) {
        return c == '\t' || (static_cast<unsigned char>(c) >= ' ' && c != '\x7f');
    });
}

std::optional<std::string> percent_decoded(std::string_view text) {
    std::string decoded;
    while (!text.empty()) {
        const int byte = text.front() == '%' ? escaped(text) : text.front();
        if (text.front() == '%' && byte < 0) return std::nullopt;
        decoded += char(byte);
        text.remove_prefix(text.front() == '%' ? 3 : 1);
    }
    return decoded;
}

std::optional<std::string_view> Request::header(std::string_view name) const {
    const auto at =
        std::ranges::find_if(headers, [&](const auto& each) { return same(each.first, name); });
    return at == headers.end() ? std::nullopt : std::optional(at->second);
}

const std::string& Request::path_parameter(std::string_view name) const {
    const auto at = std::ranges::find(path_parameters, name,
                                      [](const auto& each) { return each.first; });
    STOKER_CHECK(at != path_parameters.end(), "the route has a parameter of that name");
    return at->second;
}

std::optional<std::string> Request::query_parameter(std::string_view name) const {
    std::string_view rest = query;
    while (!rest.empty()) {
        const size_t end = rest.find('&');
        const std::string_view pair = rest.substr(0, end);
        const size_t equals = pair.find('=');
        if (form_decoded(pair.substr(0, equals)) == name)
            return equals == std::string_view::npos ? "" : form_decoded(pair.substr(equals + 1));
        rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    }
    return std::nullopt;
}

std::expected<std::optional<Head>, Refusal> parse_head(std::string_view bytes) {
    std::string_view rest = bytes;
    HeadParser parser;
    for (bool first = true;; first = false) {
        const bool complete = rest.contains('\n');
        if (!complete && bytes.size() >= head_size_max) return Refused(Refusal::head_too_large);
        if (!complete) return std::nullopt;
        const std::string_view line = take_line(rest);
        if (bytes.size() - rest.size() > head_size_max) return Refused(Refusal::head_too_large);
        if (line.empty() && !first) break;
        if (const auto why = first ? parser.read_first_line(line) : parser.read_header(line))
            return Refused(*why);
    }
    parser.head.size = bytes.size() - rest.size();
    if (const auto why = parser.finish()) return Refused(*why);
    return std::move(parser.head);
}

}  // namespace stoker::http
