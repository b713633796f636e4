#include "kafka/wire.hpp"

#include <openssl/err.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <new>
#include <utility>

namespace stoker::kafka {
namespace {

constexpr size_t record_size = 16 * 1024;
constexpr const char* hung_up = "the broker closed the connection";

Wire::Step plain(ssize_t moved, short events) {
    using State = Wire::Step::State;
    if (moved > 0) return {.bytes = size_t(moved)};
    if (moved == 0) return {.state = State::closed, .why = hung_up};
    if (errno == EAGAIN || errno == EINTR) return {.state = State::wait, .events = events};
    return {.state = State::closed, .why = std::strerror(errno)};
}

}  // namespace

void Wire::encrypt(const security::TlsContext& context, const std::string& host) {
    tls_ = context.connect(host);
    if (!tls_ || SSL_set_fd(tls_.get(), socket_) != 1) throw std::bad_alloc();
}

/// What an SSL function that did not succeed came to.
Wire::Step Wire::after(int code) {
    switch (SSL_get_error(tls_.get(), code)) {
        case SSL_ERROR_WANT_READ: return {.state = Step::State::wait, .events = POLLIN};
        case SSL_ERROR_WANT_WRITE: return {.state = Step::State::wait, .events = POLLOUT};
        case SSL_ERROR_ZERO_RETURN: return {.state = Step::State::closed, .why = hung_up};
        case SSL_ERROR_SYSCALL:
            return {.state = Step::State::closed,
                    .why = errno == 0 ? hung_up : std::strerror(errno)};
        default: break;
    }
    const int reason = ERR_GET_REASON(ERR_peek_error());
    const bool cut = reason == SSL_R_UNEXPECTED_EOF_WHILE_READING;
    return {.state = cut ? Step::State::closed : Step::State::failed,
            .why = security::tls_failure(tls_.get())};
}

Wire::Step Wire::shake_hands() {
    if (!tls_) return {};
    ERR_clear_error();
    const int code = SSL_do_handshake(tls_.get());
    return code == 1 ? Step{} : after(code);
}

Wire::Step Wire::send(ByteView bytes) {
    if (!tls_) {
        return plain(::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL), POLLOUT);
    }
    ERR_clear_error();
    size_t sent = 0;
    const int code =
        SSL_write_ex(tls_.get(), bytes.data(), std::min(bytes.size(), record_size), &sent);
    return code == 1 ? Step{.bytes = sent} : after(code);
}

Wire::Step Wire::receive(std::byte* into, size_t room) {
    if (!tls_) return plain(::recv(socket_, into, room, 0), POLLIN);
    ERR_clear_error();
    size_t got = 0;
    const int code = SSL_read_ex(tls_.get(), into, room, &got);
    return code == 1 ? Step{.bytes = got} : after(code);
}

void Wire::close() {
    if (socket_ < 0) return;
    if (tls_ && SSL_is_init_finished(tls_.get()) == 1) {
        ERR_clear_error();
        SSL_shutdown(tls_.get());  // tells the broker; nobody waits for its answer
        ERR_clear_error();
    }
    ::close(std::exchange(socket_, -1));
}

}  // namespace stoker::kafka
