#include "kafka/wakeup.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <stdexcept>
#include <vector>

namespace stoker::kafka {

Wakeup::Wakeup() : fd_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
    if (fd_ < 0) throw std::runtime_error("eventfd: no descriptor left");
}

Wakeup::~Wakeup() { ::close(fd_); }

void Wakeup::raise() {
    raised_ = true;
    const uint64_t one = 1;
    // It can only fail when it is raised already.
    [[maybe_unused]] const ssize_t written = ::write(fd_, &one, sizeof one);
}

Failure woken() {
    return {.exception = "org.apache.kafka.common.errors.WakeupException", .message = {}};
}

void wait_readable(std::span<const int> descriptors, const Wakeup* wakeup, int64_t ms) {
    std::vector<pollfd> waiting;
    waiting.reserve(descriptors.size() + 1);
    for (const int fd : descriptors) {
        if (fd >= 0) waiting.push_back({.fd = fd, .events = POLLIN, .revents = 0});
    }
    if (wakeup != nullptr) {
        waiting.push_back({.fd = wakeup->fd(), .events = POLLIN, .revents = 0});
    }
    ::poll(waiting.data(), waiting.size(), int(std::clamp<int64_t>(ms, 0, INT32_MAX)));
}

}  // namespace stoker::kafka
