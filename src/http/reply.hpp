// The answer to one request, given later: when Kafka has acknowledged a payment, say, while the
// server's thread serves others.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include "http/response.hpp"

namespace stoker::http {

/// Which request of which connection.
struct Ticket {
    uint64_t connection = 0;
    uint64_t request = 0;
    bool operator==(const Ticket&) const = default;
};

/// Takes answers: a server, or a test's own collector. Any thread.
class ReplySink {
public:
    virtual ~ReplySink() = default;
    /// Nothing: nobody has answered, and nobody will.
    virtual void deliver(Ticket ticket, std::optional<Response>&& response) = 0;
};

/// The promise to answer one request, once. Move-only; any thread, one at a time. Destroyed
/// unanswered, it is status 500. It may outlive the client and the server; its answer goes nowhere
/// then.
class Reply {
public:
    Reply(std::shared_ptr<ReplySink> sink, Ticket ticket)
        : sink_(std::move(sink)), ticket_(ticket) {}
    Reply(Reply&&) noexcept = default;
    Reply& operator=(Reply&& other) noexcept;
    ~Reply() { give_up(); }

    void send(Response response) &&;

private:
    void give_up();

    std::shared_ptr<ReplySink> sink_;  // empty once answered or moved from
    Ticket ticket_;
};

}  // namespace stoker::http
