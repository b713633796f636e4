// The bytes of one connection: the only place that reads and writes a client's socket.
//
// Everything above it sees plain bytes. An encrypting connection is another Transport: it would
// keep its ciphertext here, and the session, which reads again what was not taken, stays as it is.
#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <span>
#include <utility>

namespace stoker::net {

/// Owns a connected, non-blocking socket. One thread.
class Transport {
public:
    struct Outcome {
        enum class State { moved, would_block, closed };
        State state = State::moved;
        size_t bytes = 0;
        int error = 0;  // errno with `closed`; 0 when the peer closed in good order
    };

    explicit Transport(int socket) : socket_(socket) {}
    ~Transport() { close(); }
    Transport(const Transport&) = delete;
    Transport& operator=(const Transport&) = delete;

    int socket() const { return socket_; }
    Outcome receive(std::span<iovec> into);
    Outcome transmit(std::span<iovec> from);
    /// The peer reads an end of file after what was sent.
    void finish_sending();
    void close();
    /// Gives the socket up without closing it.
    int release() { return std::exchange(socket_, -1); }

private:
    int socket_;
};

}  // namespace stoker::net
