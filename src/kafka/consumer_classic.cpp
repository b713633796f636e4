// Membership by the classic group protocol: join, let the leader share the partitions out, sync,
// heartbeat. Eager: everything is given up before the group is joined again. Cooperative (KIP-429):
// what the new assignment takes away is given up after it, and the group is joined once more.
#include <algorithm>
#include <map>

#include "base/big_endian.hpp"
#include "kafka/consumer_assignor.hpp"
#include "kafka/consumer_membership.hpp"
#include "protocol/messages/11_join_group.hpp"
#include "protocol/messages/12_heartbeat.hpp"
#include "protocol/messages/13_leave_group.hpp"
#include "protocol/messages/14_sync_group.hpp"
#include "protocol/messages/subscription.hpp"
#include "protocol/record_frame.hpp"

namespace stoker::kafka {
namespace {

using protocol::ConsumerProtocolAssignment;
using protocol::ConsumerProtocolSubscription;
using protocol::HeartbeatRequest;
using protocol::HeartbeatResponse;
using protocol::JoinGroupRequest;
using protocol::JoinGroupResponse;
using protocol::LeaveGroupRequest;
using protocol::LeaveGroupResponse;
using protocol::SyncGroupRequest;
using protocol::SyncGroupResponse;

constexpr std::string_view protocol_type = "consumer";
constexpr int16_t consumer_protocol_version = 3;
/// How much longer than the rebalance a join may take (JoinGroupRequest of Java's client).
constexpr int64_t join_grace_ms = 5000;
constexpr int64_t coordinator_wait_ms = 1000;
constexpr int64_t leave_wait_ms = 1000;

/// Adds a partition to a list by topics.
template <class Topics>
void add(Topics& topics, const TopicPartition& where) {
    if (topics.empty() || topics.back().topic != where.topic) {
        topics.push_back({.topic = where.topic, .partitions = {}});
    }
    topics.back().partitions.push_back(PartitionId{where.partition});
}

template <class Topics>
std::vector<TopicPartition> listed(const Topics& topics) {
    std::vector<TopicPartition> partitions;
    for (const auto& topic : topics) {
        for (const PartitionId id : topic.partitions) partitions.push_back({topic.topic, raw(id)});
    }
    return partitions;
}

/// Throws MalformedMessage.
void read_subscription(const Bytes& metadata, AssignedMember& member) {
    const ConsumerProtocolSubscription told = protocol::read_subscription(metadata);
    member.topics = told.topics;
    member.owned = listed(told.owned_partitions);
    member.generation = told.generation_id;
    if (member.generation < 0 && told.user_data && told.user_data->size() == sizeof(int32_t)) {
        member.generation = load_big_endian<int32_t>(told.user_data->data());
    }
}

class ClassicMembership final : public Membership {
public:
    ClassicMembership(Cluster& cluster, MembershipHost& host, const ConsumerSettings& settings)
        : link_(cluster, settings), host_(host), settings_(settings) {}

    Outcome<void> step(int64_t now_ms, Deadline deadline) override;
    void keep_alive(int64_t now_ms) override;
    int socket() const override { return link_.socket(); }
    int64_t due_in_ms(int64_t now_ms) const override;
    Outcome<Connection*> coordinator(Deadline deadline) override;
    void forget_coordinator() override { link_.forget(); }
    ConsumerGroupMetadata group_metadata() const override {
        return {.group_id = *settings_.group_id,
                .generation = generation_,
                .member_id = member_id_,
                .instance_id = settings_.group_instance_id};
    }
    void leave(Deadline deadline) override;

private:
    enum class State { unjoined, joining, syncing, stable };

    Outcome<void> join(int64_t now_ms, Deadline deadline);
    Outcome<void> joined(Answer answer, int64_t now_ms);
    Outcome<void> sync(const JoinGroupResponse& joined, int64_t now_ms);
    Outcome<void> synced(Answer answer, int64_t now_ms);
    Outcome<void> beat(int64_t now_ms);
    Outcome<void> beaten(Answer answer, int64_t now_ms);
    Outcome<void> judge(ErrorCode code, int64_t now_ms);
    void rejoin(bool lost, int64_t now_ms, int64_t wait_ms);
    void give_up(bool lost);
    Bytes subscription_for(const std::string& assignor) const;
    void take_over(std::vector<TopicPartition> mine, int64_t now_ms);
    bool metadata_changed() const;
    std::vector<SyncGroupRequest::SyncGroupRequestAssignment> share_out(
        const JoinGroupResponse& joined);
    std::map<std::string, int32_t> partition_counts(const std::vector<AssignedMember>& members);

    CoordinatorLink link_;
    MembershipHost& host_;
    const ConsumerSettings& settings_;
    State state_ = State::unjoined;
    std::string member_id_;
    int32_t generation_ = -1;
    std::string protocol_name_;
    bool is_leader_ = false;
    std::vector<std::string> joined_topics_;
    /// The leader's: what the members read, and how many partitions of it there were.
    std::vector<std::string> wanted_topics_;
    std::map<std::string, int32_t> shared_out_;
    int64_t next_beat_ms_ = 0;
    int64_t heard_ms_ = 0;
    int64_t retry_at_ms_ = 0;
};

int64_t ClassicMembership::due_in_ms(int64_t now_ms) const {
    if (state_ == State::stable && !link_.in_flight()) return next_beat_ms_ - now_ms;
    if (state_ == State::unjoined) return retry_at_ms_ - now_ms;
    return coordinator_wait_ms;
}

Outcome<void> ClassicMembership::step(int64_t now_ms, Deadline deadline) {
    if (link_.in_flight()) {
        auto answer = link_.take(now_ms);
        if (!answer) {
            if (state_ != State::stable) rejoin(false, now_ms, settings_.common.retry_backoff_ms);
            return {};
        }
        if (!*answer) return {};
        switch (state_) {
            case State::joining: return joined(std::move(**answer), now_ms);
            case State::syncing: return synced(std::move(**answer), now_ms);
            case State::stable: return beaten(std::move(**answer), now_ms);
            case State::unjoined: break;
        }
    }
    if (state_ == State::stable) {
        if (now_ms - heard_ms_ > settings_.session_timeout_ms) {
            link_.forget();
            heard_ms_ = now_ms;
        }
        const bool resubscribed = joined_topics_ != host_.subscribed();
        if (resubscribed || metadata_changed()) rejoin(false, now_ms, 0);
        else if (now_ms >= next_beat_ms_) return beat(now_ms);
    }
    if (state_ == State::unjoined && now_ms >= retry_at_ms_) return join(now_ms, deadline);
    return {};
}

void ClassicMembership::keep_alive(int64_t now_ms) {
    if (state_ != State::stable) return;
    if (link_.in_flight()) {
        auto answer = link_.take(now_ms);
        if (!answer || !*answer) return;
        auto response = decode_answer<HeartbeatResponse>(**answer);
        if (response && response->error_code == ErrorCode::none) heard_ms_ = now_ms;
        else next_beat_ms_ = now_ms;  // what is wrong, step() hears once more
    } else if (now_ms >= next_beat_ms_) std::ignore = beat(now_ms);
}

/// Only the leader, which shared the partitions out by their old numbers, needs to act: there are
/// more of them, or a topic that did not exist.
bool ClassicMembership::metadata_changed() const {
    if (!is_leader_) return false;
    return std::ranges::any_of(wanted_topics_, [this](const std::string& topic) {
        const TopicInfo* info = host_.metadata().find(topic);
        const auto shared = shared_out_.find(topic);
        const int32_t count = shared == shared_out_.end() ? 0 : shared->second;
        return info != nullptr && int32_t(info->partitions.size()) != count;
    });
}

/// Before the group is joined: of a cooperative member only what it no longer subscribes to.
void ClassicMembership::give_up(bool lost) {
    std::vector<TopicPartition> gone = host_.assigned();
    if (settings_.cooperative() && !lost) {
        const std::vector<std::string> topics = host_.subscribed();
        std::erase_if(gone, [&](const TopicPartition& where) {
            return std::ranges::find(topics, where.topic) != topics.end();
        });
    }
    if (!gone.empty()) host_.on_revoked(gone, lost);
}

void ClassicMembership::rejoin(bool lost, int64_t now_ms, int64_t wait_ms) {
    give_up(lost);
    if (lost) generation_ = -1;
    state_ = State::unjoined;
    retry_at_ms_ = now_ms + wait_ms;
}

Outcome<Connection*> ClassicMembership::coordinator(Deadline deadline) {
    if (link_.in_flight() && state_ != State::stable) {
        return failed(failure_of(ErrorCode::rebalance_in_progress));
    }
    if (link_.in_flight()) {
        // A heartbeat: whatever it says, the next one will say again.
        if (auto answer = link_.wait(deadline); answer) next_beat_ms_ = 0;
    }
    return link_.connect(deadline);
}

Outcome<void> ClassicMembership::join(int64_t now_ms, Deadline deadline) {
    joined_topics_ = host_.subscribed();
    auto to = link_.connect(deadline.within(coordinator_wait_ms));
    if (!to) {
        retry_at_ms_ = now_ms + settings_.common.retry_backoff_ms;
        if (is_retriable(to.error()) || to.error().code == ErrorCode::request_timed_out) return {};
        return failed(to.error());
    }
    JoinGroupRequest request{.group_id = *settings_.group_id,
                             .session_timeout_ms = settings_.session_timeout_ms,
                             .rebalance_timeout_ms = settings_.max_poll_interval_ms,
                             .member_id = member_id_,
                             .group_instance_id = settings_.group_instance_id,
                             .protocol_type = std::string(protocol_type)};
    for (const std::string& name : settings_.assignors) {
        request.protocols.push_back({.name = name, .metadata = subscription_for(name)});
    }
    state_ = State::joining;
    auto asked = link_.ask(request, settings_.max_poll_interval_ms + join_grace_ms, now_ms);
    if (!asked) rejoin(false, now_ms, settings_.common.retry_backoff_ms);
    return {};
}

Bytes ClassicMembership::subscription_for(const std::string& assignor) const {
    ConsumerProtocolSubscription subscription{.topics = joined_topics_,
                                              .generation_id = generation_};
    if (!settings_.rack.empty()) subscription.rack_id = settings_.rack;
    for (const TopicPartition& where : host_.assigned()) {
        add(subscription.owned_partitions, where);
    }
    // Leaders that are older than the generation in the subscription look for it here.
    if (assignor == cooperative_sticky) {
        subscription.user_data.emplace(sizeof(int32_t));
        store_big_endian(subscription.user_data->data(), generation_);
    }
    return protocol::encode_value(subscription, consumer_protocol_version);
}

Outcome<void> ClassicMembership::joined(Answer answer, int64_t now_ms) {
    auto response = decode_answer<JoinGroupResponse>(answer);
    if (!response) return failed(response.error());
    if (response->error_code == ErrorCode::member_id_required) {
        member_id_ = response->member_id;
        state_ = State::unjoined;
        return {};
    }
    if (response->error_code != ErrorCode::none) return judge(response->error_code, now_ms);
    member_id_ = response->member_id;
    generation_ = response->generation_id;
    protocol_name_ = response->protocol_name.value_or(std::string());
    is_leader_ = response->leader == member_id_;
    return sync(*response, now_ms);
}

Outcome<void> ClassicMembership::sync(const JoinGroupResponse& joined, int64_t now_ms) {
    SyncGroupRequest request{.group_id = *settings_.group_id,
                             .generation_id = generation_,
                             .member_id = member_id_,
                             .group_instance_id = settings_.group_instance_id,
                             .protocol_type = std::string(protocol_type),
                             .protocol_name = protocol_name_};
    if (is_leader_ && !joined.skip_assignment) request.assignments = share_out(joined);
    state_ = State::syncing;
    auto asked = link_.ask(request, settings_.max_poll_interval_ms + join_grace_ms, now_ms);
    if (!asked) rejoin(false, now_ms, settings_.common.retry_backoff_ms);
    return {};
}

std::map<std::string, int32_t> ClassicMembership::partition_counts(
    const std::vector<AssignedMember>& members) {
    std::vector<std::string> wanted = joined_topics_;
    bool all_known = true;
    for (const AssignedMember& member : members) {
        for (const std::string& topic : member.topics) {
            if (std::ranges::find(wanted, topic) == wanted.end()) wanted.push_back(topic);
            all_known = all_known && host_.metadata().find(topic) != nullptr;
        }
    }
    if (!all_known) {
        std::ignore = host_.metadata().refresh(
            wanted, settings_.allow_auto_create_topics,
            link_.cluster().deadline(settings_.common.request_timeout_ms));
    }
    std::map<std::string, int32_t> counts;
    wanted_topics_ = std::move(wanted);
    for (const std::string& topic : wanted_topics_) {
        const TopicInfo* info = host_.metadata().find(topic);
        if (info != nullptr) counts[topic] = int32_t(info->partitions.size());
    }
    return counts;
}

std::vector<SyncGroupRequest::SyncGroupRequestAssignment> ClassicMembership::share_out(
    const JoinGroupResponse& joined) {
    std::vector<AssignedMember> members;
    for (const auto& member : joined.members) {
        members.push_back({.member_id = member.member_id,
                           .instance_id = member.group_instance_id,
                           .topics = {}});
        try {
            read_subscription(member.metadata, members.back());
        } catch (const protocol::MalformedMessage&) {
            // Who does not say what it reads gets nothing.
        }
    }
    shared_out_ = partition_counts(members);
    const Assignments shares = protocol_name_ == cooperative_sticky
                                   ? assign_cooperative_sticky(members, shared_out_)
                               : protocol_name_ == "roundrobin"
                                   ? assign_round_robin(members, shared_out_)
                                   : assign_range(members, shared_out_);
    std::vector<SyncGroupRequest::SyncGroupRequestAssignment> result;
    for (size_t i = 0; i < members.size(); ++i) {
        ConsumerProtocolAssignment assignment;
        for (const TopicPartition& where : shares[i]) add(assignment.assigned_partitions, where);
        result.push_back(
            {.member_id = members[i].member_id,
             .assignment = protocol::encode_value(assignment, consumer_protocol_version)});
    }
    return result;
}

Outcome<void> ClassicMembership::synced(Answer answer, int64_t now_ms) {
    auto response = decode_answer<SyncGroupResponse>(answer);
    if (!response) return failed(response.error());
    if (response->error_code != ErrorCode::none) return judge(response->error_code, now_ms);
    std::vector<TopicPartition> mine;
    if (!response->assignment.empty()) {
        try {
            mine = listed(protocol::read_assignment(response->assignment).assigned_partitions);
        } catch (const protocol::MalformedMessage& error) {
            return failed(malformed(error.what()));
        }
    }
    state_ = State::stable;
    heard_ms_ = now_ms;
    next_beat_ms_ = now_ms + settings_.heartbeat_interval_ms;
    take_over(std::move(mine), now_ms);
    return {};
}

void ClassicMembership::take_over(std::vector<TopicPartition> mine, int64_t now_ms) {
    std::ranges::sort(mine);
    std::vector<TopicPartition> gone = host_.assigned();
    std::erase_if(gone, [&](const TopicPartition& where) {
        return std::ranges::binary_search(mine, where);
    });
    if (!gone.empty()) host_.on_revoked(gone, false);
    host_.on_assigned(mine);
    // Their new owners wait for this.
    if (!gone.empty()) rejoin(false, now_ms, 0);
}

Outcome<void> ClassicMembership::beat(int64_t now_ms) {
    next_beat_ms_ = now_ms + settings_.heartbeat_interval_ms;
    auto to = link_.connect(link_.cluster().deadline(coordinator_wait_ms));
    if (!to) return {};
    std::ignore = link_.ask(HeartbeatRequest{.group_id = *settings_.group_id,
                                             .generation_id = generation_,
                                             .member_id = member_id_,
                                             .group_instance_id = settings_.group_instance_id},
                            settings_.common.request_timeout_ms, now_ms);
    return {};
}

Outcome<void> ClassicMembership::beaten(Answer answer, int64_t now_ms) {
    auto response = decode_answer<HeartbeatResponse>(answer);
    if (!response) return failed(response.error());
    if (response->error_code == ErrorCode::none) {
        heard_ms_ = now_ms;
        return {};
    }
    return judge(response->error_code, now_ms);
}

Outcome<void> ClassicMembership::judge(ErrorCode code, int64_t now_ms) {
    switch (code) {
        case ErrorCode::rebalance_in_progress:
            rejoin(false, now_ms, 0);
            return {};
        case ErrorCode::unknown_member_id:
        case ErrorCode::illegal_generation:
            if (code == ErrorCode::unknown_member_id) member_id_.clear();
            rejoin(true, now_ms, 0);
            return {};
        case ErrorCode::coordinator_not_available:
        case ErrorCode::not_coordinator:
            link_.forget();
            [[fallthrough]];
        case ErrorCode::coordinator_load_in_progress:
            if (state_ == State::stable) next_beat_ms_ = now_ms + settings_.common.retry_backoff_ms;
            else rejoin(false, now_ms, settings_.common.retry_backoff_ms);
            return {};
        default:
            return failed(failure_of(code));
    }
}

void ClassicMembership::leave(Deadline deadline) {
    if (member_id_.empty() || settings_.group_instance_id) return;
    // An answer to a join may be long in coming: the way to say goodbye is a new connection.
    if (link_.in_flight() && state_ != State::stable) link_.drop();
    const Deadline soon = deadline.within(leave_wait_ms);
    auto to = coordinator(soon);
    if (!to) return;
    auto version = (*to)->version_of(LeaveGroupRequest::api);
    if (!version) return;
    LeaveGroupRequest request{.group_id = *settings_.group_id};
    if (*version >= 3) {
        request.members.push_back(
            {.member_id = member_id_, .reason = "the consumer is being closed"});
    } else {
        request.member_id = member_id_;
    }
    std::ignore = (*to)->call<LeaveGroupResponse>(request, soon);
    member_id_.clear();
    generation_ = -1;
    state_ = State::unjoined;
}

}  // namespace

std::unique_ptr<Membership> make_classic_membership(Cluster& cluster, MembershipHost& host,
                                                    const ConsumerSettings& settings) {
    return std::make_unique<ClassicMembership>(cluster, host, settings);
}

}  // namespace stoker::kafka
