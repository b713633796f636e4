// For tests of servers: a client that waits at most ten seconds for anything, and collectors.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <spdlog/logger.h>
#include <spdlog/sinks/base_sink.h>

#include "base/big_endian.hpp"
#include "base/bytes.hpp"
#include "base/check.hpp"
#include "base/guarded.hpp"
#include "net/server.hpp"

namespace stoker::net::testing {

/// A frame as it travels: its size, then its bytes.
inline Bytes framed(std::string_view text) {
    Bytes frame(4);
    store_big_endian(frame.data(), static_cast<int32_t>(text.size()));
    frame.insert(frame.end(), bytes_of(text).begin(), bytes_of(text).end());
    return frame;
}

inline OutFrame reply(std::string_view text) { return {.bytes = framed(text)}; }

/// Becomes true within ten seconds, or not.
inline bool eventually(const std::function<bool()>& condition) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (!condition()) {
        if (std::chrono::steady_clock::now() > deadline) return false;
        std::this_thread::yield();
    }
    return true;
}

class TestClient {
public:
    explicit TestClient(uint16_t port, int receive_buffer = 0) {
        socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        const int on = 1;
        ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        if (receive_buffer > 0) {
            ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
        }
        const timeval limit{.tv_sec = 10, .tv_usec = 0};
        ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
        ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        address.sin_port = htons(port);
        connected_ =
            ::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
    }
    TestClient(TestClient&& other) noexcept
        : socket_(std::exchange(other.socket_, -1)), connected_(other.connected_) {}
    TestClient& operator=(TestClient&&) = delete;
    ~TestClient() { close(); }

    bool connected() const { return connected_; }
    int socket() const { return socket_; }
    void close() {
        if (socket_ >= 0) ::close(std::exchange(socket_, -1));
    }
    void finish_sending() { ::shutdown(socket_, SHUT_WR); }
    /// The close that follows is a reset.
    void reset_on_close() {
        const linger reset{.l_onoff = 1, .l_linger = 0};
        ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    }

    /// False when the server closed the connection or did not read within ten seconds.
    bool send(ByteView bytes) {
        while (!bytes.empty()) {
            const ssize_t n = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (n <= 0) return false;
            bytes = bytes.subspan(static_cast<size_t>(n));
        }
        return true;
    }
    bool send_frame(std::string_view text) { return send(framed(text)); }

    /// What is there without waiting for it, at most `size_max` bytes.
    size_t send_what_fits(ByteView bytes) {
        const ssize_t n =
            ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        return n < 0 ? 0 : static_cast<size_t>(n);
    }

    /// Exactly so many bytes; nothing when the connection ended before.
    std::optional<Bytes> read(size_t size) {
        Bytes bytes(size);
        size_t have = 0;
        while (have < size) {
            const ssize_t n = ::recv(socket_, bytes.data() + have, size - have, 0);
            if (n <= 0) return std::nullopt;
            have += static_cast<size_t>(n);
        }
        return bytes;
    }
    /// The next reply without its size, or "<closed>".
    std::string read_frame() {
        const auto prefix = read(4);
        if (!prefix) return "<closed>";
        const auto body = read(static_cast<size_t>(load_big_endian<int32_t>(prefix->data())));
        return body ? std::string(text_of(*body)) : "<closed>";
    }
    /// The server has closed the connection, and there was nothing more to read.
    bool closed_by_server() {
        std::byte byte;
        const ssize_t n = ::recv(socket_, &byte, 1, 0);
        return n == 0 || (n < 0 && errno == ECONNRESET);
    }
    bool has_input() {
        pollfd wanted{.fd = socket_, .events = POLLIN, .revents = 0};
        return ::poll(&wanted, 1, 0) == 1;
    }

private:
    int socket_ = -1;
    bool connected_ = false;
};

/// A logger that keeps its lines. Any thread.
class LogLines {
public:
    LogLines() : sink_(std::make_shared<Sink>()) {}
    std::shared_ptr<spdlog::logger> logger() const {
        return std::make_shared<spdlog::logger>("net", sink_);
    }
    std::vector<std::string> lines() const { return *sink_->lines.lock(); }

private:
    struct Sink final : spdlog::sinks::base_sink<std::mutex> {
        void sink_it_(const spdlog::details::log_msg& message) override {
            lines.lock()->emplace_back(message.payload.data(), message.payload.size());
        }
        void flush_() override {}
        Guarded<std::vector<std::string>> lines;
    };
    std::shared_ptr<Sink> sink_;
};

inline Next echo(const Peer&, MutableByteView frame, Responder responder) {
    std::move(responder).send(reply(text_of(frame)));
    return Next::now;
}

/// A server on 127.0.0.1 with the handler's default of one thread.
inline std::unique_ptr<Server> serve(Handler handler, ServerOptions options = {},
                                     std::function<void(uint64_t)> on_close = {}) {
    if (options.listeners.empty()) options.listeners = {{.host = "127.0.0.1"}};
    if (options.io_threads == 0) options.io_threads = 1;
    auto server = Server::start(std::move(options), std::move(handler), std::move(on_close));
    STOKER_CHECK(server.has_value(), "a free port is there");
    return std::move(*server);
}

inline uint16_t port_of(const Server& server) { return server.bound().front().port; }

/// Responders that a test answers when it likes. Any thread.
class Parked {
public:
    void add(Responder responder) { responders_.lock()->push_back(std::move(responder)); }
    size_t size() const { return responders_.lock()->size(); }
    bool wait_for(size_t count) const {
        return eventually([&] { return size() >= count; });
    }
    Responder take(size_t at) { return std::move(responders_.lock()->at(at)); }
    void clear() { responders_.lock()->clear(); }

private:
    Guarded<std::vector<Responder>> responders_;
};

}  // namespace stoker::net::testing
