// The bytes of one connection: the only place that reads and writes a client's socket.
//
// Everything above it sees plain bytes. An encrypting connection keeps its ciphertext in a
// TlsChannel, and the session, which reads again what was not taken, is the same for both.
#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <memory>
#include <span>
#include <utility>

#include "net/tls_channel.hpp"

namespace stoker::net {

/// Owns a connected, non-blocking socket. One thread.
class Transport {
public:
    struct Outcome {
        enum class State { moved, would_block, closed, failed };
        State state = State::moved;
        size_t bytes = 0;
        int error = 0;  // errno with `closed`; 0 when the peer closed in good order
    };

    explicit Transport(int socket, std::unique_ptr<TlsChannel> tls = {})
        : socket_(socket), tls_(std::move(tls)) {}
    ~Transport() { close(); }
    Transport(const Transport&) = delete;
    Transport& operator=(const Transport&) = delete;

    int socket() const { return socket_; }
    Outcome receive(std::span<iovec> into) {
        return tls_ ? outcome(tls_->receive(socket_, into)) : receive_plain(into);
    }
    /// `more`: what follows at once should not leave in a packet of its own.
    Outcome transmit(std::span<iovec> from, bool more = false) {
        return tls_ ? outcome(tls_->transmit(socket_, from)) : transmit_plain(from, more);
    }
    /// The encrypting half; null without TLS. With `failed` its failure() says why.
    const TlsChannel* tls() const { return tls_.get(); }
    /// Does it hold input that epoll does not know of?
    bool holds_input() const { return tls_ && tls_->holds_input(); }
    /// Does it hold output that no transmit() will send by itself?
    bool holds_output() const { return tls_ && tls_->holds_output(); }
    Outcome push() { return outcome(tls_->push(socket_)); }
    size_t bytes_held() const { return tls_ ? tls_->bytes_held() : 0; }

    /// The peer reads an end of file after what was sent.
    void finish_sending();
    void close();
    /// Gives the socket up without closing it.
    int release() { return std::exchange(socket_, -1); }

private:
    static Outcome outcome(const TlsChannel::Moved& moved);
    Outcome receive_plain(std::span<iovec> into);
    Outcome transmit_plain(std::span<iovec> from, bool more);

    int socket_;
    std::unique_ptr<TlsChannel> tls_;
};

}  // namespace stoker::net
