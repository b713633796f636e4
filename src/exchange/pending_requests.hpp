// Which requests still wait for replies, and what a reply that arrives is worth. It knows nothing
// of Kafka. Results come in the order of the requests, so that a file of answers has the order of
// the file of questions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.hpp"

namespace stoker::exchange {

/// One thread.
class PendingRequests {
public:
    static constexpr size_t known_max = 100'000;

    /// A request is done when so many replies have come.
    explicit PendingRequests(size_t replies_wanted) : replies_wanted_(replies_wanted) {}

    /// Its number, from 1 on. The correlation id must be new.
    size_t add(std::string correlation_id, int64_t now_ms, int64_t deadline_ms);
    /// It was not sent: its time is over.
    void give_up(size_t number);

    struct Arrival {
        enum class Kind {
            wanted,
            extra,   // all that were wanted had come
            late,    // its request had timed out
            foreign  // an answer to somebody else's request
        };
        Kind kind = Kind::foreign;
        /// Of the request, from 1 on; 0 for a foreign reply.
        size_t number = 0;
        int64_t waited_ms = 0;
    };
    Arrival arrive(const std::string& correlation_id, Bytes reply, int64_t now_ms);

    struct Result {
        size_t number = 0;
        /// As they came; fewer than wanted when the request timed out.
        std::vector<Bytes> replies;
        bool timed_out = false;
        bool given_up = false;
        int64_t waited_ms = 0;
    };
    /// Those at the front that are done or whose time is over, each once.
    std::vector<Result> take_results(int64_t now_ms);
    /// The earliest deadline of those that wait.
    std::optional<int64_t> next_deadline_ms() const;
    /// Nobody waits and nothing is left to take.
    bool empty() const { return waiting_.empty(); }
    size_t size() const { return waiting_.size(); }

private:
    struct Request {
        std::string correlation_id;
        int64_t sent_ms = 0;
        int64_t deadline_ms = 0;
        std::vector<Bytes> replies;
        int64_t done_ms = 0;
    };
    bool done(const Request& request) const { return request.replies.size() >= replies_wanted_; }

    struct Known {
        size_t number = 0;
        int64_t sent_ms = 0;
    };

    const size_t replies_wanted_;
    size_t first_number_ = 1;
    std::deque<Request> waiting_;
    /// The last ones there were: a late reply is told apart from a foreign one.
    std::map<std::string, Known> known_;
    std::deque<std::string> known_in_order_;
};

}  // namespace stoker::exchange
