// Membership by the consumer group protocol (KIP-848): the broker shares the partitions out, and
// heartbeats carry everything. What is to be given up is given up before the broker hears so.
#include <algorithm>
#include <map>

#include "base/random.hpp"
#include "kafka/consumer_membership.hpp"
#include "protocol/messages/68_consumer_group_heartbeat.hpp"

namespace stoker::kafka {
namespace {

using protocol::ConsumerGroupHeartbeatRequest;
using protocol::ConsumerGroupHeartbeatResponse;

constexpr int32_t joining_epoch = 0;
constexpr int32_t leaving_epoch = -1;
constexpr int32_t static_leaving_epoch = -2;
constexpr int64_t coordinator_wait_ms = 1000;
constexpr int64_t leave_wait_ms = 1000;
/// Until the broker says how often.
constexpr int64_t first_interval_ms = 5000;
/// While it has not yet learnt the names of topics that were assigned to it.
constexpr int64_t reconcile_retry_ms = 50;

using Target = std::map<Uuid, std::vector<PartitionId>>;

class ConsumerMembership final : public Membership {
public:
    ConsumerMembership(Cluster& cluster, MembershipHost& host, const ConsumerSettings& settings)
        : link_(cluster, settings), host_(host), settings_(settings) {
        member_id_ = to_string(Random().uuid());
    }

    Outcome<void> step(int64_t now_ms, Deadline deadline) override;
    void keep_alive(int64_t now_ms) override;
    int socket() const override { return link_.socket(); }
    int64_t due_in_ms(int64_t now_ms) const override {
        if (target_) return reconcile_retry_ms;
        return link_.in_flight() ? coordinator_wait_ms : next_beat_ms_ - now_ms;
    }
    Outcome<Connection*> coordinator(Deadline deadline) override;
    void forget_coordinator() override { link_.forget(); }
    ConsumerGroupMetadata group_metadata() const override {
        return {.group_id = *settings_.group_id,
                .generation = epoch_,
                .member_id = member_id_,
                .instance_id = settings_.group_instance_id};
    }
    void leave(Deadline deadline) override;

private:
    Outcome<void> beat(int64_t now_ms, Deadline deadline);
    Outcome<void> beaten(Answer answer, int64_t now_ms);
    void take(ConsumerGroupHeartbeatResponse response, int64_t now_ms);
    Outcome<void> judge(const ConsumerGroupHeartbeatResponse& response, int64_t now_ms);
    void reconcile();
    std::vector<ConsumerGroupHeartbeatRequest::TopicPartitions> owned() const;

    CoordinatorLink link_;
    MembershipHost& host_;
    const ConsumerSettings& settings_;
    std::string member_id_;
    int32_t epoch_ = joining_epoch;
    bool tells_all_ = true;
    bool tells_owned_ = false;
    std::vector<std::string> told_topics_;
    std::optional<Target> target_;
    Target mine_;
    int64_t interval_ms_ = first_interval_ms;
    int64_t next_beat_ms_ = 0;
};

Outcome<void> ConsumerMembership::step(int64_t now_ms, Deadline deadline) {
    if (link_.in_flight()) {
        auto answer = link_.take(now_ms);
        if (!answer) {
            tells_all_ = true;
            next_beat_ms_ = now_ms + settings_.common.retry_backoff_ms;
            return {};
        }
        if (*answer) {
            if (auto taken = beaten(std::move(**answer), now_ms); !taken) return taken;
        }
    }
    if (target_) reconcile();
    const bool has_news = tells_owned_ || told_topics_ != host_.subscribed();
    if (!link_.in_flight() && (now_ms >= next_beat_ms_ || (has_news && epoch_ > 0))) {
        return beat(now_ms, deadline);
    }
    return {};
}

/// An assignment is kept for step(); what is wrong, step() hears once more.
void ConsumerMembership::keep_alive(int64_t now_ms) {
    if (link_.in_flight()) {
        auto answer = link_.take(now_ms);
        if (answer && !*answer) return;
        auto response = answer ? decode_answer<ConsumerGroupHeartbeatResponse>(**answer)
                               : failed(answer.error());
        if (response && response->error_code == ErrorCode::none) take(std::move(*response), now_ms);
        else next_beat_ms_ = now_ms;
        tells_all_ = tells_all_ || !answer;
    } else if (epoch_ > 0 && now_ms >= next_beat_ms_) {
        std::ignore = beat(now_ms, link_.cluster().deadline(coordinator_wait_ms));
    }
}

Outcome<Connection*> ConsumerMembership::coordinator(Deadline deadline) {
    if (link_.in_flight()) {
        if (auto answer = link_.wait(deadline)) {
            const int64_t now_ms = deadline.clock().monotonic_ms();
            if (auto taken = beaten(std::move(*answer), now_ms); !taken) {
                return failed(taken.error());
            }
        }
    }
    return link_.connect(deadline);
}

std::vector<ConsumerGroupHeartbeatRequest::TopicPartitions> ConsumerMembership::owned() const {
    std::vector<ConsumerGroupHeartbeatRequest::TopicPartitions> topics;
    for (const auto& [id, partitions] : mine_) {
        topics.push_back({.topic_id = id, .partitions = partitions});
    }
    return topics;
}

Outcome<void> ConsumerMembership::beat(int64_t now_ms, Deadline deadline) {
    next_beat_ms_ = now_ms + interval_ms_;
    auto to = link_.connect(deadline.within(coordinator_wait_ms));
    if (!to) {
        next_beat_ms_ = now_ms + settings_.common.retry_backoff_ms;
        if (is_retriable(to.error()) || to.error().code == ErrorCode::request_timed_out) return {};
        return failed(to.error());
    }
    ConsumerGroupHeartbeatRequest request{.group_id = *settings_.group_id,
                                          .member_id = member_id_,
                                          .member_epoch = epoch_};
    const bool all = tells_all_ || epoch_ == joining_epoch;
    if (all) {
        request.instance_id = settings_.group_instance_id;
        if (!settings_.rack.empty()) request.rack_id = settings_.rack;
        request.rebalance_timeout_ms = settings_.max_poll_interval_ms;
        request.server_assignor = settings_.remote_assignor;
    }
    if (all || told_topics_ != host_.subscribed()) {
        told_topics_ = host_.subscribed();
        request.subscribed_topic_names = told_topics_;
    }
    if (all || tells_owned_) request.topic_partitions = owned();
    tells_all_ = tells_owned_ = false;
    if (!link_.ask(request, settings_.common.request_timeout_ms, now_ms)) {
        tells_all_ = true;
        next_beat_ms_ = now_ms + settings_.common.retry_backoff_ms;
    }
    return {};
}

Outcome<void> ConsumerMembership::beaten(Answer answer, int64_t now_ms) {
    auto response = decode_answer<ConsumerGroupHeartbeatResponse>(answer);
    if (!response) return failed(response.error());
    if (response->error_code != ErrorCode::none) return judge(*response, now_ms);
    take(std::move(*response), now_ms);
    return {};
}

void ConsumerMembership::take(ConsumerGroupHeartbeatResponse response, int64_t now_ms) {
    if (response.member_id) member_id_ = *response.member_id;
    epoch_ = response.member_epoch;
    if (response.heartbeat_interval_ms > 0) {
        interval_ms_ = response.heartbeat_interval_ms;
        next_beat_ms_ = std::min(next_beat_ms_, now_ms + interval_ms_);
    }
    if (!response.assignment) return;
    target_.emplace();
    for (auto& topic : response.assignment->topic_partitions) {
        (*target_)[topic.topic_id] = std::move(topic.partitions);
    }
}

Outcome<void> ConsumerMembership::judge(const ConsumerGroupHeartbeatResponse& response,
                                        int64_t now_ms) {
    const ErrorCode code = response.error_code;
    switch (code) {
        case ErrorCode::unknown_member_id:
        case ErrorCode::fenced_member_epoch: {
            const std::vector<TopicPartition> gone = host_.assigned();
            if (!gone.empty()) host_.on_revoked(gone, true);
            mine_.clear();
            target_.reset();
            epoch_ = joining_epoch;
            tells_all_ = true;
            next_beat_ms_ = now_ms;
            return {};
        }
        case ErrorCode::coordinator_not_available:
        case ErrorCode::not_coordinator:
            link_.forget();
            [[fallthrough]];
        case ErrorCode::coordinator_load_in_progress:
        case ErrorCode::unreleased_instance_id:
            tells_all_ = true;
            next_beat_ms_ = now_ms + settings_.common.retry_backoff_ms;
            return {};
        default:
            return failed(failure_of(code, response.error_message));
    }
}

void ConsumerMembership::reconcile() {
    std::vector<TopicPartition> wanted;
    for (const auto& [id, partitions] : *target_) {
        const std::string name = host_.metadata().name_of(id);
        if (name.empty()) return host_.want_metadata();
        for (const PartitionId partition : partitions) wanted.push_back({name, raw(partition)});
    }
    std::ranges::sort(wanted);
    std::vector<TopicPartition> gone;
    for (const TopicPartition& where : host_.assigned()) {
        if (!std::ranges::binary_search(wanted, where)) gone.push_back(where);
    }
    mine_ = std::move(*target_);
    target_.reset();
    tells_owned_ = true;
    if (!gone.empty()) host_.on_revoked(gone, false);
    host_.on_assigned(wanted);
}

void ConsumerMembership::leave(Deadline deadline) {
    if (epoch_ == joining_epoch && !link_.in_flight()) return;
    const Deadline soon = deadline.within(leave_wait_ms);
    auto to = coordinator(soon);
    if (!to) return;
    ConsumerGroupHeartbeatRequest request{
        .group_id = *settings_.group_id,
        .member_id = member_id_,
        .member_epoch = settings_.group_instance_id ? static_leaving_epoch : leaving_epoch,
        .instance_id = settings_.group_instance_id};
    std::ignore = (*to)->call<ConsumerGroupHeartbeatResponse>(request, soon);
    epoch_ = joining_epoch;
}

}  // namespace

std::unique_ptr<Membership> make_consumer_membership(Cluster& cluster, MembershipHost& host,
                                                     const ConsumerSettings& settings) {
    return std::make_unique<ConsumerMembership>(cluster, host, settings);
}

}  // namespace stoker::kafka
