// A client's TCP socket to 127.0.0.1.
#pragma once

#include <cstdint>
#include <utility>

#include "base/bytes.hpp"

namespace stoker::bench {

/// Every failure is a std::runtime_error: a benchmark cannot go on without its peer.
class Socket {
public:
    explicit Socket(uint16_t port);
    ~Socket();
    Socket(Socket&& other) noexcept : socket_(std::exchange(other.socket_, -1)) {}
    Socket& operator=(Socket&&) = delete;

    int descriptor() const { return socket_; }
    void set_blocking(bool blocking);

    void send_all(ByteView bytes);
    /// The next frame without its size, in `buffer`, which grows as needed.
    MutableByteView receive_frame(Bytes& buffer);

private:
    int socket_;
};

}  // namespace stoker::bench
