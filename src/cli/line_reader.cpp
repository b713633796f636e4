#include "cli/line_reader.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace stoker::cli {
namespace {

constexpr size_t read_size = 128 * 1024;

}  // namespace

LineReader::LineReader(int fd) : fd_(fd), buffer_(read_size) {}

std::optional<std::string_view> LineReader::next() {
    if (skips_newline_ && begin_ < end_) {
        if (buffer_[begin_] == '\n') ++begin_;
        skips_newline_ = false;
        if (scanned_ < begin_) scanned_ = begin_;
    }
    const char* from = buffer_.data() + scanned_;
    const size_t left = end_ - scanned_;
    const void* newline = left == 0 ? nullptr : std::memchr(from, '\n', left);
    const size_t before =
        newline == nullptr ? left : size_t(static_cast<const char*>(newline) - from);
    const void* carriage = before == 0 ? nullptr : std::memchr(from, '\r', before);
    if (newline == nullptr && carriage == nullptr) {
        scanned_ = end_;
        return std::nullopt;
    }
    const void* stop = carriage != nullptr ? carriage : newline;
    const auto at = size_t(static_cast<const char*>(stop) - buffer_.data());
    const std::string_view line(buffer_.data() + begin_, at - begin_);
    begin_ = scanned_ = at + 1;
    skips_newline_ = carriage != nullptr;
    return line;
}

bool LineReader::fill() {
    if (begin_ > 0) {
        std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
        end_ -= begin_;
        scanned_ -= begin_;
        begin_ = 0;
    }
    if (end_ == buffer_.size()) buffer_.resize(buffer_.size() * 2);
    for (;;) {
        const ssize_t got = ::read(fd_, buffer_.data() + end_, buffer_.size() - end_);
        if (got > 0) {
            end_ += size_t(got);
            return true;
        }
        if (got < 0 && errno == EINTR) return true;
        return false;
    }
}

std::optional<std::string_view> LineReader::last() {
    if (skips_newline_ && begin_ < end_ && buffer_[begin_] == '\n') ++begin_;
    skips_newline_ = false;
    if (begin_ == end_) return std::nullopt;
    const std::string_view line(buffer_.data() + begin_, end_ - begin_);
    begin_ = end_;
    return line;
}

}  // namespace stoker::cli
