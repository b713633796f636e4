#include "net/transport.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

namespace stoker::net {
namespace {

Transport::Outcome failed(int error) {
    using State = Transport::Outcome::State;
    if (error == EAGAIN || error == EWOULDBLOCK) return {.state = State::would_block};
    return {.state = State::closed, .error = error};
}

}  // namespace

Transport::Outcome Transport::outcome(const TlsChannel::Moved& moved) {
    using Result = TlsChannel::Result;
    using State = Outcome::State;
    switch (moved.result) {
        case Result::fine: return {.bytes = moved.bytes};
        case Result::blocked: return {.state = State::would_block, .bytes = moved.bytes};
        case Result::failed: return {.state = State::failed};
        case Result::closed: break;
    }
    return {.state = State::closed, .error = moved.error};
}

Transport::Outcome Transport::receive_plain(std::span<iovec> into) {
    msghdr message{};
    message.msg_iov = into.data();
    message.msg_iovlen = into.size();
    ssize_t n;
    do n = ::recvmsg(socket_, &message, 0);
    while (n < 0 && errno == EINTR);
    if (n < 0) return failed(errno);
    if (n == 0) return {.state = Outcome::State::closed};
    return {.bytes = static_cast<size_t>(n)};
}

Transport::Outcome Transport::transmit_plain(std::span<iovec> from, bool more) {
    msghdr message{};
    message.msg_iov = from.data();
    message.msg_iovlen = from.size();
    ssize_t n;
    do n = ::sendmsg(socket_, &message, MSG_NOSIGNAL | (more ? MSG_MORE : 0));
    while (n < 0 && errno == EINTR);
    if (n < 0) return failed(errno);
    return {.bytes = static_cast<size_t>(n)};
}

void Transport::finish_sending() {
    if (tls_) tls_->finish(socket_);
    ::shutdown(socket_, SHUT_WR);
}

void Transport::close() {
    if (socket_ < 0) return;
    if (tls_) tls_->finish(socket_);
    ::close(std::exchange(socket_, -1));
}

}  // namespace stoker::net
