#include "kafka/consumer_membership.hpp"

namespace stoker::kafka {

Outcome<Connection*> CoordinatorLink::connect(Deadline deadline) {
    if (connected()) return connection_;
    in_flight_ = false;
    connection_ = nullptr;
    auto id = cluster_.coordinator(CoordinatorType::group, *settings_.group_id, deadline);
    if (!id) return failed(id.error());
    auto to = cluster_.try_node(*id, deadline);
    if (!to) {
        forget();
        return failed(to.error());
    }
    connection_ = *to;
    return connection_;
}

void CoordinatorLink::forget() {
    drop();
    cluster_.forget_coordinator(CoordinatorType::group, *settings_.group_id);
}

void CoordinatorLink::drop() {
    if (connection_ != nullptr && in_flight_) connection_->close();
    connection_ = nullptr;
    in_flight_ = false;
}

Outcome<std::optional<Answer>> CoordinatorLink::take(int64_t now_ms) {
    if (!in_flight_) return std::nullopt;
    auto answer = connection_->poll();
    if (answer && *answer) in_flight_ = false;
    if (answer && !*answer && now_ms > give_up_at_ms_) {
        answer = failed(disconnected("no answer from the coordinator"));
    }
    if (!answer) forget();
    return answer;
}

Outcome<Answer> CoordinatorLink::wait(Deadline deadline) {
    auto answer = connection_->receive(deadline);
    in_flight_ = false;
    if (!answer) forget();
    return answer;
}

}  // namespace stoker::kafka
