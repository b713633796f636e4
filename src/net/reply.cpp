#include "net/reply.hpp"

#include <utility>

#include "base/check.hpp"

namespace stoker::net {

Responder& Responder::operator=(Responder&& other) noexcept {
    if (this != &other) {
        Responder old(std::move(*this));
        sink_ = std::move(other.sink_);
        number_ = other.number_;
        mute_ms_ = other.mute_ms_;
    }
    return *this;
}

void Responder::give_up() {
    Answer answer{.kind = Answer::Kind::close};
    answer.reason = "the request was given up without an answer";
    deliver(std::move(answer));
}

void Responder::authenticated() {
    STOKER_CHECK(sink_ != nullptr, "a session is authenticated before its frame is answered");
    sink_->authenticated();
}

void Responder::send(OutFrame frame) && {
    Answer answer;
    answer.frame = std::move(frame);
    deliver(std::move(answer));
}

void Responder::drop() && { deliver(Answer{.kind = Answer::Kind::none}); }

void Responder::close(std::string reason) && {
    Answer answer{.kind = Answer::Kind::close};
    answer.reason = std::move(reason);
    deliver(std::move(answer));
}

void Responder::deliver(Answer&& answer) {
    STOKER_CHECK(sink_ != nullptr, "a frame is answered once");
    answer.mute_ms = mute_ms_;
    const auto sink = std::move(sink_);
    sink->deliver(number_, std::move(answer));
}

}  // namespace stoker::net
