#include "kafka/wire.hpp"

#include <openssl/bio.h>
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

/// What OpenSSL's own socket BIO does, but for the signal: a broker that goes away must not end the
/// program.
int write_without_sigpipe(BIO* bio, const char* data, int size) {
    BIO_clear_retry_flags(bio);
    int socket = -1;
    BIO_get_fd(bio, &socket);
    const ssize_t sent = ::send(socket, data, size_t(size), MSG_NOSIGNAL);
    if (sent <= 0 && BIO_sock_should_retry(int(sent)) != 0) BIO_set_retry_write(bio);
    return int(sent);
}

BIO_METHOD* make_socket_method() {
    BIO_METHOD* method =
        BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK | BIO_TYPE_DESCRIPTOR, "socket");
    const BIO_METHOD* model = BIO_s_socket();
    if (method == nullptr) throw std::bad_alloc();
    BIO_meth_set_write(method, write_without_sigpipe);
    BIO_meth_set_read(method, BIO_meth_get_read(model));
    BIO_meth_set_puts(method, BIO_meth_get_puts(model));
    BIO_meth_set_ctrl(method, BIO_meth_get_ctrl(model));
    BIO_meth_set_create(method, BIO_meth_get_create(model));
    BIO_meth_set_destroy(method, BIO_meth_get_destroy(model));
    return method;
}

}  // namespace

void Wire::encrypt(const security::TlsContext& context, const std::string& host) {
    static BIO_METHOD* const method = make_socket_method();
    tls_ = context.connect(host);
    BIO* bio = BIO_new(method);
    if (!tls_ || bio == nullptr) throw std::bad_alloc();
    BIO_set_fd(bio, socket_, BIO_NOCLOSE);
    SSL_set_bio(tls_.get(), bio, bio);
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
