// The answers that come from other threads, on their way to the server's: it is woken for the first
// of them and takes all.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/guarded.hpp"
#include "http/reply.hpp"
#include "http/server.hpp"

namespace stoker::http {

/// Shared with every Reply, which may outlive the server. deliver(): any thread; the rest: the
/// server's.
class Replies final : public ReplySink, public std::enable_shared_from_this<Replies> {
public:
    /// Owns the eventfd that wakes the server.
    Replies(int wake, size_t unanswered_max, ErrorResponse error)
        : wake_(wake), unanswered_max_(unanswered_max), error_(std::move(error)) {}
    ~Replies() override;
    Replies(const Replies&) = delete;
    Replies& operator=(const Replies&) = delete;

    /// Hands the request to the handler, which is not kept here: it may own replies. The answer,
    /// when it is there already; otherwise it comes through take().
    std::optional<Response> call(const AsyncHandler& handler, const Request& request,
                                 Ticket ticket);
    std::vector<std::pair<Ticket, Response>> take();
    /// What comes from now on goes nowhere.
    void close();

    void deliver(Ticket ticket, std::optional<Response>&& response) override;

private:
    struct State {
        size_t unanswered = 0;  // replies that exist, their clients gone or not
        std::optional<Ticket> called;  // the handler has it right now
        std::optional<std::optional<Response>> at_once;  // its answer, given before it returned
        std::vector<std::pair<Ticket, std::optional<Response>>> given;
        bool closed = false;
    };

    bool admit(Ticket ticket);

    const int wake_;
    const size_t unanswered_max_;
    const ErrorResponse error_;
    Guarded<State> state_;
};

}  // namespace stoker::http
