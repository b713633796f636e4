// A small HTTP/1.1 server: metrics, and JSON for services, a schema registry and a console. One
// thread, requests and answers that are whole in memory, kept connections, pipelining. A handler
// answers at once, or keeps the Reply and answers later from any thread.
//
// Whoever can reach it may send anything: a head and a body have sizes, a connection a time to send
// each and to take its answer, and there are so many connections and no more; the one that has been
// quiet for longest makes room for another. The requests of one connection are answered in their
// order: the next is handled, and received, when the last is answered.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "http/reply.hpp"
#include "http/request.hpp"
#include "http/response.hpp"

namespace stoker::http {

/// Called on the server's thread, one request at a time, of any method; `request` is valid during
/// the call. An exception becomes status 500. The answer to HEAD is that to GET: the server leaves
/// the body out.
using Handler = std::function<Response(const Request& request)>;

/// The same, for answers that need something else to happen: `reply` may be kept, moved to another
/// thread and answered there. Never wait in a handler: nobody else is served meanwhile.
using AsyncHandler = std::function<void(const Request& request, Reply reply)>;

struct ServerOptions {
    std::string host = "127.0.0.1";
    uint16_t port = 0;  // 0: any free one
    /// The option that sets the port, for the sentence about one that is taken.
    std::string option;

    size_t connections_max = 64;
    /// Each connection may hold so much while it comes in.
    size_t body_max = 1 << 20;
    /// Replies that are not answered yet, their clients gone or not; beyond it: status 503.
    size_t unanswered_max = 1024;
    int64_t request_ms = 10'000;   // for a request's head, from its first byte
    int64_t body_ms = 30'000;      // for its body, from its head's last
    int64_t answer_ms = 60'000;    // in which a Reply is answered; then it is status 503
    int64_t idle_ms = 120'000;     // without any byte, between requests
    int64_t response_ms = 30'000;  // in which the client takes something of its answer

    /// What the server itself answers. Called on its thread.
    ErrorResponse error = text_response;
};

class Server {
public:
    /// Listens when it returns. The error is a sentence that says what to do.
    static std::expected<std::unique_ptr<Server>, std::string> start(ServerOptions options,
                                                                     Handler handler);
    static std::expected<std::unique_ptr<Server>, std::string> start(ServerOptions options,
                                                                     AsyncHandler handler);
    /// stop()
    ~Server();

    /// "127.0.0.1:9404", one a socket that is open ("localhost" has two).
    std::vector<std::string> addresses() const;
    uint16_t port() const;
    /// Sends what has been answered as far as sockets take it, closes everything and waits for a
    /// handler that runs. A Reply that is answered afterwards goes nowhere. Idempotent; not from a
    /// handler.
    void stop();

private:
    struct Impl;
    explicit Server(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace stoker::http
