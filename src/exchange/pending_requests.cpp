#include "exchange/pending_requests.hpp"

#include <algorithm>
#include <utility>

#include "base/check.hpp"

namespace stoker::exchange {

size_t PendingRequests::add(std::string correlation_id, int64_t now_ms, int64_t deadline_ms) {
    const size_t number = first_number_ + waiting_.size();
    const bool is_new = known_.emplace(correlation_id, Known{number, now_ms}).second;
    STOKER_CHECK(is_new, "a correlation id is used once");
    known_in_order_.push_back(correlation_id);
    if (known_in_order_.size() > known_max) {
        known_.erase(known_in_order_.front());
        known_in_order_.pop_front();
    }
    waiting_.push_back({.correlation_id = std::move(correlation_id),
                        .sent_ms = now_ms,
                        .deadline_ms = deadline_ms});
    return number;
}

void PendingRequests::give_up(size_t number) {
    if (number >= first_number_) waiting_.at(number - first_number_).deadline_ms = INT64_MIN;
}

PendingRequests::Arrival PendingRequests::arrive(const std::string& correlation_id, Bytes reply,
                                                 int64_t now_ms) {
    const auto found = known_.find(correlation_id);
    if (found == known_.end()) return {};
    Arrival arrival{.kind = Arrival::Kind::late,
                    .number = found->second.number,
                    .waited_ms = now_ms - found->second.sent_ms};
    if (arrival.number < first_number_) return arrival;
    Request& request = waiting_[arrival.number - first_number_];
    if (done(request)) {
        arrival.kind = Arrival::Kind::extra;
    } else if (now_ms <= request.deadline_ms) {
        arrival.kind = Arrival::Kind::wanted;
        request.replies.push_back(std::move(reply));
        request.done_ms = now_ms;
    }
    return arrival;
}

std::vector<PendingRequests::Result> PendingRequests::take_results(int64_t now_ms) {
    std::vector<Result> results;
    while (!waiting_.empty()) {
        Request& request = waiting_.front();
        const bool all = done(request);
        if (!all && now_ms <= request.deadline_ms) break;
        results.push_back({.number = first_number_,
                           .replies = std::move(request.replies),
                           .timed_out = !all,
                           .given_up = request.deadline_ms == INT64_MIN,
                           .waited_ms = (all ? request.done_ms : now_ms) - request.sent_ms});
        waiting_.pop_front();
        ++first_number_;
    }
    return results;
}

std::optional<int64_t> PendingRequests::next_deadline_ms() const {
    std::optional<int64_t> next;
    for (const Request& request : waiting_) {
        if (!done(request))
            next = std::min(next.value_or(request.deadline_ms), request.deadline_ms);
    }
    return next;
}

}  // namespace stoker::exchange
