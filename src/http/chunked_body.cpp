#include "http/chunked_body.hpp"

#include <algorithm>
#include <charconv>

namespace stoker::http {
namespace {

using Refused = std::unexpected<Refusal>;

constexpr std::string_view line_end = "\r\n";

/// A line up to its end; nothing while it is incomplete. Here a bare LF ends none: who takes it for
/// an end and who does not would see different bodies.
std::expected<std::optional<std::string_view>, Refusal> line_of(std::string_view bytes,
                                                                size_t size_max) {
    const size_t end = bytes.substr(0, size_max).find('\n');
    if (end == std::string_view::npos) {
        if (bytes.size() >= size_max) return Refused(Refusal::bad_request);
        return std::nullopt;
    }
    if (end == 0 || bytes[end - 1] != '\r') return Refused(Refusal::bad_request);
    return bytes.substr(0, end - 1);
}

}  // namespace

std::expected<size_t, Refusal> ChunkedBody::decode(std::string_view bytes, size_t size_max) {
    size_t used = 0;
    while (expects_ != Expects::nothing) {
        const std::string_view rest = bytes.substr(used);
        if (rest.empty()) break;
        if (expects_ == Expects::data) {
            const size_t taken = std::min(left_, rest.size());
            content_.append(rest.substr(0, taken));
            left_ -= taken;
            used += taken;
            if (left_ == 0) expects_ = Expects::data_end;
        } else if (expects_ == Expects::data_end) {
            if (!line_end.starts_with(rest.substr(0, 2))) return Refused(Refusal::bad_request);
            if (rest.size() < 2) break;
            used += 2;
            expects_ = Expects::size_line;
        } else {
            const auto line = line_of(rest, line_max);
            if (!line) return Refused(line.error());
            if (!*line) break;
            used += (*line)->size() + line_end.size();
            if (const auto why = expects_ == Expects::size_line ? read_size(**line, size_max)
                                                                : read_trailer(**line))
                return Refused(*why);
        }
    }
    return used;
}

std::optional<Refusal> ChunkedBody::read_size(std::string_view line, size_t size_max) {
    constexpr std::string_view digits = "0123456789abcdefABCDEF";
    const size_t end = std::min(line.find_first_not_of(digits), line.size());
    uint64_t size = 0;
    const auto read = std::from_chars(line.data(), line.data() + end, size, 16);
    if (end == 0) return Refusal::bad_request;
    if (read.ec != std::errc() || size > size_max - content_.size())
        return Refusal::payload_too_large;
    std::string_view extension = line.substr(end);
    extras_ += extension.size();
    if (extras_ > extras_max) return Refusal::head_too_large;
    extension.remove_prefix(std::min(extension.find_first_not_of(" \t"), extension.size()));
    const bool well_formed = end == line.size() || extension.starts_with(';');
    if (!well_formed || !is_text(extension)) return Refusal::bad_request;
    left_ = size;
    expects_ = size == 0 ? Expects::trailer_line : Expects::data;
    return std::nullopt;
}

std::optional<Refusal> ChunkedBody::read_trailer(std::string_view line) {
    if (line.empty()) {
        expects_ = Expects::nothing;
        return std::nullopt;
    }
    extras_ += line.size();
    if (extras_ > extras_max) return Refusal::head_too_large;
    const size_t colon = line.find(':');
    const bool well_formed = colon != std::string_view::npos && is_token(line.substr(0, colon)) &&
                             is_text(line.substr(colon + 1));
    return well_formed ? std::nullopt : std::optional(Refusal::bad_request);
}

}  // namespace stoker::http
