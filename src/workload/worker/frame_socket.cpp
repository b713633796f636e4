#include "workload/worker/frame_socket.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "base/big_endian.hpp"

namespace stoker::workload {
namespace {

constexpr size_t head_size = 1 + sizeof(uint64_t);
constexpr size_t read_size = 1 << 16;

bool send_all(int socket, ByteView bytes) {
    while (!bytes.empty()) {
        const ssize_t sent = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) continue;
        if (sent < 0) return false;
        bytes = bytes.subspan(size_t(sent));
    }
    return true;
}

}  // namespace

FrameSocket::FrameSocket(FrameSocket&& other) noexcept
    : socket_(std::exchange(other.socket_, -1)),
      ended_(other.ended_),
      closed_(other.closed_),
      received_(std::move(other.received_)),
      taken_(other.taken_) {}

FrameSocket::~FrameSocket() {
    if (socket_ >= 0) ::close(socket_);
}

std::optional<std::array<FrameSocket, 2>> FrameSocket::pair() {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) return std::nullopt;
    return std::array<FrameSocket, 2>{FrameSocket(ends[0]), FrameSocket(ends[1])};
}

bool FrameSocket::send(FrameKind kind, ByteView body) {
    std::array<std::byte, head_size> head{std::byte(kind)};
    store_big_endian(head.data() + 1, uint64_t(body.size()));
    return send_all(socket_, head) && send_all(socket_, body);
}

void FrameSocket::read_what_is_here() {
    while (!closed_) {
        const size_t size = received_.size();
        received_.resize(size + read_size);
        const ssize_t got = ::recv(socket_, received_.data() + size, read_size, MSG_DONTWAIT);
        received_.resize(size + size_t(std::max<ssize_t>(got, 0)));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return;
        if (got <= 0) closed_ = true;
    }
}

std::optional<Frame> FrameSocket::receive() {
    read_what_is_here();
    const ByteView here = ByteView(received_).subspan(taken_);
    const auto size = here.size() < head_size ? 0 : load_big_endian<uint64_t>(here.data() + 1);
    if (here.size() < head_size || here.size() - head_size < size) {
        if (size > body_max) closed_ = true;
        ended_ = closed_;
        received_.erase(received_.begin(), received_.begin() + std::ptrdiff_t(taken_));
        taken_ = 0;
        return std::nullopt;
    }
    taken_ += head_size + size_t(size);
    return Frame{.kind = FrameKind(here[0]),
                 .body = to_bytes(here.subspan(head_size, size_t(size)))};
}

void FrameSocket::wait(int timeout_ms) const {
    pollfd one{.fd = socket_, .events = POLLIN, .revents = 0};
    ::poll(&one, 1, timeout_ms);
}

}  // namespace stoker::workload
