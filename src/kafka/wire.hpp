// The bytes of a connection to a broker, plain or encrypted. Never waits: a call that cannot go on
// says for what to poll.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "base/bytes.hpp"
#include "security/tls_context.hpp"

namespace stoker::kafka {

/// Owns a connected, non-blocking socket. One thread.
class Wire {
public:
    struct Step {
        enum class State { done, wait, closed, failed };
        State state = State::done;
        size_t bytes = 0;
        short events = 0;  // with `wait`: POLLIN or POLLOUT
        std::string why{};  // with `closed` and `failed`
    };

    explicit Wire(int socket) : socket_(socket) {}
    ~Wire() { close(); }
    Wire(const Wire&) = delete;
    Wire& operator=(const Wire&) = delete;

    int socket() const { return socket_; }
    /// Encrypts from now on; `host` is whom the certificate has to name.
    void encrypt(const security::TlsContext& context, const std::string& host);
    /// One step of the TLS handshake. With `failed`, `why` is what is wrong with the broker's
    /// certificate, or what it says of ours.
    Step shake_hands();
    Step send(ByteView bytes);
    Step receive(std::byte* into, size_t room);
    /// Bytes that were received and that poll() knows nothing of.
    bool holds_input() const { return tls_ && SSL_pending(tls_.get()) > 0; }
    void close();

private:
    Step after(int code);

    int socket_;
    security::Owned<SSL> tls_;
};

}  // namespace stoker::kafka
