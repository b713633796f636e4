// One connection of the HTTP server: bytes in, requests out of them, answers back in their order.
// It does not know when to wait for what: the server's loop asks.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "http/server.hpp"

namespace stoker::http {

/// One thread.
class Connection {
public:
    /// Owns the socket.
    Connection(int socket, int64_t now_ms) : socket_(socket), since_ms_(now_ms) {}
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    int socket() const { return socket_; }
    bool wants_to_send() const { return sending(); }
    /// Nothing is expected of it any more.
    bool done() const { return done_; }
    /// Between two requests, since then.
    bool idle() const { return in_.empty() && !sending(); }
    int64_t since_ms() const { return since_ms_; }
    /// When it is given up unless something happens.
    int64_t deadline_ms(const ServerOptions& options) const;

    /// The socket is readable or writable: receives, answers and sends as far as it goes.
    void advance(const Handler& handler, int64_t now_ms);

private:
    static constexpr size_t receive_size = 16 << 10;
    static constexpr int64_t linger_ms = 1000;

    bool sending() const { return sent_ < head_.size() + body_size(); }
    size_t body_size() const { return body_ ? body_->size() : 0; }
    bool receive(int64_t now_ms);
    void linger();
    bool answer_next(const Handler& handler);
    void respond(const Response& response, bool with_body, bool keep_alive);
    void send(int64_t now_ms);

    const int socket_;
    std::string in_;
    // The answer that is being sent.
    std::string head_;
    std::shared_ptr<const std::string> body_;
    size_t sent_ = 0;
    int64_t since_ms_;  // the last thing that happened, or the first byte of a request
    bool last_ = false;       // it ends with this answer
    bool lingers_ = false;    // everything is sent; waits for the peer to close
    bool peer_done_ = false;  // the peer sends nothing more
    bool done_ = false;
};

}  // namespace stoker::http
