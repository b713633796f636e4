#include "cli/writer.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstddef>

namespace stoker::cli {
namespace {

constexpr size_t buffer_size = 64 * 1024;

}  // namespace

Writer::~Writer() {
    quits_when_broken_ = false;
    flush();
}

void Writer::write(std::string_view text) {
    if (before_ != nullptr) before_->flush();
    if (sink_ != nullptr) {
        sink_->append(text);
        return;
    }
    if (buffering_ == Buffering::none) {
        send(text);
        return;
    }
    buffer_.append(text);
    if (buffer_.size() >= buffer_size) flush();
}

void Writer::line(std::string_view text) {
    if (buffering_ == Buffering::full || sink_ != nullptr) {
        write(text);
        write("\n");
        return;
    }
    write(std::string(text) + "\n");
}

void Writer::flush() {
    if (buffer_.empty()) return;
    const std::string text = std::move(buffer_);
    buffer_.clear();
    send(text);
}

void Writer::send(std::string_view text) {
    while (!text.empty() && !broken_) {
        const ssize_t written = ::write(fd_, text.data(), text.size());
        if (written >= 0) {
            text.remove_prefix(static_cast<size_t>(written));
        } else if (errno != EINTR) {
            broken_ = true;
        }
    }
    if (broken_ && quits_when_broken_) throw Exit{0};
}

}  // namespace stoker::cli
