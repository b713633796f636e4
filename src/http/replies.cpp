#include "http/replies.hpp"

#include <unistd.h>

#include <cstdint>
#include <exception>

namespace stoker::http {
namespace {

constexpr const char* not_answered = "this request was not answered";

}  // namespace

Replies::~Replies() { ::close(wake_); }

bool Replies::admit(Ticket ticket) {
    const auto state = state_.lock();
    if (state->unanswered >= unanswered_max_) return false;
    ++state->unanswered;
    state->called = ticket;
    return true;
}

std::optional<Response> Replies::call(const AsyncHandler& handler, const Request& request,
                                      Ticket ticket) {
    if (!admit(ticket)) {
        Response busy = error_(503, "too many requests wait for their answers");
        busy.headers.emplace_back("Retry-After", "1");
        return busy;
    }
    std::string failure = not_answered;
    try {
        handler(request, Reply(shared_from_this(), ticket));
    } catch (const std::exception& error) {
        failure = error.what();
    }
    std::optional<std::optional<Response>> answer;
    {
        const auto state = state_.lock();
        state->called.reset();
        answer.swap(state->at_once);
    }
    if (!answer) return std::nullopt;
    return *answer ? std::move(**answer) : error_(500, std::move(failure));
}

std::vector<std::pair<Ticket, Response>> Replies::take() {
    auto given = std::exchange(state_.lock()->given, {});
    std::vector<std::pair<Ticket, Response>> answers;
    answers.reserve(given.size());
    for (auto& [ticket, response] : given)
        answers.emplace_back(ticket, response ? std::move(*response) : error_(500, not_answered));
    return answers;
}

void Replies::close() {
    std::vector<std::pair<Ticket, std::optional<Response>>> dropped;
    const auto state = state_.lock();
    state->closed = true;
    dropped.swap(state->given);
}

void Replies::deliver(Ticket ticket, std::optional<Response>&& response) {
    {
        const auto state = state_.lock();
        --state->unanswered;
        if (state->closed) return;
        if (state->called == ticket) {
            state->at_once = std::move(response);
            return;
        }
        state->given.emplace_back(ticket, std::move(response));
        if (state->given.size() > 1) return;
    }
    constexpr uint64_t one = 1;
    (void)!::write(wake_, &one, sizeof one);
}

}  // namespace stoker::http
