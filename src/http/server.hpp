// A small HTTP/1.1 server for machines that read (metrics; the console's pages and REST later): one
// thread, requests without a body, answers that are whole in memory, kept connections, pipelining.
//
// Whoever can reach it may send anything: a head has a size, a connection a time to send it and to
// take its answer, and there are so many connections and no more; the one that has been quiet for
// longest makes room for another.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "http/request.hpp"

namespace stoker::http {

struct Response {
    int status = 200;
    std::string content_type = "text/plain; charset=utf-8";
    /// Shared, so that what is asked for often is made once. Null: empty.
    std::shared_ptr<const std::string> body{};
    std::vector<std::pair<std::string, std::string>> headers{};
};
Response text_response(int status, std::string text);

/// Called on the server's thread, one request at a time; `request` is valid during the call. An
/// exception becomes status 500. The answer to HEAD is that to GET: the server leaves the body out.
using Handler = std::function<Response(const Request& request)>;

struct ServerOptions {
    std::string host = "127.0.0.1";
    uint16_t port = 0;  // 0: any free one
    /// The option that sets the port, for the sentence about one that is taken.
    std::string option;

    size_t connections_max = 64;
    int64_t request_ms = 10'000;   // for a request's head, from its first byte
    int64_t idle_ms = 120'000;     // without any byte, between requests
    int64_t response_ms = 30'000;  // in which the client takes something of its answer
};

class Server {
public:
    /// Listens when it returns. The error is a sentence that says what to do.
    static std::expected<std::unique_ptr<Server>, std::string> start(ServerOptions options,
                                                                     Handler handler);
    /// stop()
    ~Server();

    /// "127.0.0.1:9404", one a socket that is open ("localhost" has two).
    std::vector<std::string> addresses() const;
    uint16_t port() const;
    /// Closes everything and waits for a handler that runs. Idempotent.
    void stop();

private:
    struct Impl;
    explicit Server(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace stoker::http
