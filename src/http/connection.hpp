// One connection of the HTTP server: bytes in, requests out of them, answers back in their order.
// It does not know when to wait for what: the server's loop asks.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "http/request_reader.hpp"
#include "http/server.hpp"

namespace stoker::http {

/// What becomes of a request. Nothing: answer() will be called for that ticket.
using Serve = std::function<std::optional<Response>(const Request& request, Ticket ticket)>;

/// One thread.
class Connection {
public:
    /// Owns the socket. `options` outlive it.
    Connection(int socket, uint64_t id, const ServerOptions& options, int64_t now_ms)
        : socket_(socket),
          id_(id),
          options_(options),
          reader_(options.body_max),
          since_ms_(now_ms) {}
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    int socket() const { return socket_; }
    uint64_t id() const { return id_; }
    /// What epoll is to tell of: EPOLLIN, EPOLLOUT or, while an answer is awaited and the client
    /// goes on sending, nothing.
    uint32_t wants() const;
    /// What it has been told; kept here for the server.
    uint32_t watched = 0;
    /// Nothing is expected of it any more.
    bool done() const { return done_; }
    /// Between two requests, since then.
    bool idle() const;
    int64_t since_ms() const { return since_ms_; }
    /// When expire() is due unless something happens.
    int64_t deadline_ms() const;

    /// epoll has told so: receives, answers and sends as far as it goes.
    void advance(uint32_t events, const Serve& serve, int64_t now_ms);
    /// A Reply has come; a request that is no longer waited for costs nothing.
    void answer(uint64_t request, const Response& response, const Serve& serve, int64_t now_ms);
    /// Its deadline is over: it is done, or told so first.
    void expire(const Serve& serve, int64_t now_ms);

private:
    static constexpr size_t receive_size = 16 << 10;
    /// So that one that sends without an end does not keep the others waiting.
    static constexpr int receives_a_turn = 16;
    static constexpr int64_t linger_ms = 1000;

    bool sending() const { return sent_ < head_.size() + body_size(); }
    size_t body_size() const { return body_ ? body_->size() : 0; }
    bool awaits() const { return awaited_ != 0; }
    void proceed(bool readable, const Serve& serve, int64_t now_ms);
    bool receive(int64_t now_ms);
    void linger();
    bool respond_next(const Serve& serve, int64_t now_ms);
    bool refuse(int status);
    void respond(const Response& response);
    void send(int64_t now_ms);

    const int socket_;
    const uint64_t id_;
    const ServerOptions& options_;
    RequestReader reader_;
    uint64_t requests_ = 0;
    uint64_t awaited_ = 0;  // the request whose Reply is out; 0: none
    // Of the request that is being answered.
    bool wants_body_ = true;
    bool keep_alive_ = true;
    bool is_old_ = false;  // HTTP/1.0
    // The answer that is being sent.
    std::string head_;
    std::shared_ptr<const std::string> body_;
    size_t sent_ = 0;
    int64_t since_ms_;  // the last thing that happened, or the first byte of a request
    bool input_waits_ = false;  // until an answer is there
    bool last_ = false;         // it ends with this answer
    bool lingers_ = false;      // everything is sent; waits for the peer to close
    bool peer_done_ = false;    // the peer sends nothing more
    bool done_ = false;
};

}  // namespace stoker::http
