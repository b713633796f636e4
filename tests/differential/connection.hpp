// One blocking TCP connection to a broker: a frame out, a frame in. It opens itself anew after the
// broker closed it, since closing is a legal answer to a bad request. One thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>

#include "base/bytes.hpp"

namespace stoker::differential {

/// The broker keeps the connection and says nothing.
struct NoAnswer : std::runtime_error {
    using runtime_error::runtime_error;
};

class Connection {
public:
    /// "127.0.0.1:9092". Connects when it is needed.
    explicit Connection(const std::string& address);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    /// Sends a whole frame and returns the answer's without its size; nothing when the broker
    /// closed the connection instead. Throws NoAnswer at the deadline, std::runtime_error when
    /// the broker is gone.
    std::optional<Bytes> ask(ByteView frame);
    /// For a request that is not answered, or not yet.
    void send(ByteView frame);
    /// The answer to what was sent; as ask().
    std::optional<Bytes> receive();
    void close();

private:
    static constexpr std::chrono::seconds answer_time_max{10};
    static constexpr size_t answer_size_max = 256 << 20;

    void open();
    /// Whether the broker still listened.
    bool write(ByteView bytes);
    /// Whether all of it came.
    bool read(MutableByteView bytes);

    std::string host_;
    uint16_t port_;
    int socket_ = -1;
};

}  // namespace stoker::differential
