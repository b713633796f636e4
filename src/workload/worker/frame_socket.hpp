// FrameSocket: one end of the connection between a run and one of its worker processes. What goes
// over it are frames: a kind, a length of eight bytes, and so many bytes.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/bytes.hpp"

namespace stoker::workload {

/// What the two say to each other.
enum class FrameKind : uint8_t {
    plan,    ///< to the worker: a SendersPlan; connect
    go,      ///< to the worker: when to begin
    stop,    ///< to the worker: end the load early
    ready,   ///< to the run: connected, or why not
    stats,   ///< to the run, several times a second: SenderStats so far
    result,  ///< to the run, last: a SendersResult
};

struct Frame {
    FrameKind kind = FrameKind::plan;
    Bytes body{};
};

/// One thread. Owns the socket.
class FrameSocket {
public:
    explicit FrameSocket(int socket) : socket_(socket) {}
    ~FrameSocket();
    FrameSocket(FrameSocket&& other) noexcept;
    FrameSocket& operator=(FrameSocket&&) = delete;

    /// Two ends that are connected; nothing when the system has no more.
    static std::optional<std::array<FrameSocket, 2>> pair();

    /// Waits until all of it is on its way; false when the other end is gone.
    bool send(FrameKind kind, ByteView body = {});
    /// The next one that is here as a whole, without waiting.
    std::optional<Frame> receive();
    /// Waits at most so long for something to be here.
    void wait(int timeout_ms) const;
    /// The other end is gone, and everything that it said was received.
    bool ended() const { return ended_; }

    /// No run has a book so large: such a length is a mistake.
    static constexpr uint64_t body_max = uint64_t{1} << 34;

private:
    void read_what_is_here();

    int socket_;
    bool ended_ = false;
    bool closed_ = false;  ///< by the other end
    Bytes received_;
    size_t taken_ = 0;  ///< of what was received
};

}  // namespace stoker::workload
