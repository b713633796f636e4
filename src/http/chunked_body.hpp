// A body in chunks (RFC 9112 §7.1), decoded as its bytes come, in pieces of any size. What a client
// says about chunks (extensions, trailers) is read, counted and forgotten.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "http/request.hpp"

namespace stoker::http {

/// One thread.
class ChunkedBody {
public:
    /// Takes from the front of `bytes` and says how many: all of them unless a line is incomplete
    /// or the body has ended. What is left comes again, with more behind it.
    std::expected<size_t, Refusal> decode(std::string_view bytes, size_t size_max);

    bool complete() const { return expects_ == Expects::nothing; }
    std::string_view content() const { return content_; }

private:
    enum class Expects : uint8_t { size_line, data, data_end, trailer_line, nothing };
    /// A chunk's size and extensions, or a trailer.
    static constexpr size_t line_max = 1 << 10;
    /// All extensions and trailers of a body.
    static constexpr size_t extras_max = head_size_max;

    std::optional<Refusal> read_size(std::string_view line, size_t size_max);
    std::optional<Refusal> read_trailer(std::string_view line);

    Expects expects_ = Expects::size_line;
    std::string content_;
    size_t left_ = 0;    // of the chunk
    size_t extras_ = 0;  // bytes of extensions and trailers so far
};

}  // namespace stoker::http
