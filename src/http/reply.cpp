#include "http/reply.hpp"

#include "base/check.hpp"

namespace stoker::http {

Reply& Reply::operator=(Reply&& other) noexcept {
    if (this == &other) return *this;
    give_up();
    sink_ = std::move(other.sink_);
    ticket_ = other.ticket_;
    return *this;
}

void Reply::send(Response response) && {
    STOKER_CHECK(sink_ != nullptr, "a request is answered once");
    std::exchange(sink_, nullptr)->deliver(ticket_, std::move(response));
}

void Reply::give_up() {
    if (sink_) std::exchange(sink_, nullptr)->deliver(ticket_, std::nullopt);
}

}  // namespace stoker::http
