// The checks that come before a group is looked at, and the way to its shard. What is specific to
// the versions of a request is settled here or in a constant at the place where it matters.
#include "broker/group/group_coordinator.hpp"

#include <algorithm>
#include <set>

namespace stoker::broker {

using protocol::DeleteGroupsRequest;
using protocol::DeleteGroupsResponse;
using protocol::DescribeGroupsRequest;
using protocol::DescribeGroupsResponse;
using protocol::HeartbeatRequest;
using protocol::HeartbeatResponse;
using protocol::JoinGroupRequest;
using protocol::JoinGroupResponse;
using protocol::LeaveGroupRequest;
using protocol::LeaveGroupResponse;
using protocol::ListGroupsRequest;
using protocol::ListGroupsResponse;
using protocol::SyncGroupRequest;
using protocol::SyncGroupResponse;

namespace {

/// Version 0 of JoinGroup has no rebalance time-out: the session's counts for both.
constexpr int16_t first_join_with_rebalance_timeout = 1;
/// "No protocol" is null from this version on, and empty before it.
constexpr int16_t first_join_with_nullable_protocol = 7;
/// From this version on a member says which protocol it believes in (KIP-559).
constexpr int16_t first_sync_with_protocol = 5;
/// Before this version one member leaves, and the error is that of the whole answer.
constexpr int16_t first_leave_with_members = 3;

}  // namespace

GroupCoordinator::GroupCoordinator(Clock& clock, Random& random, const GroupConfig& config,
                                   Environment environment)
    : config_(config), environment_(std::move(environment)) {
    const size_t groups_max = (config.groups_max + shard_count - 1) / shard_count;
    for (int32_t i = 0; i < shard_count; ++i) {
        shards_.emplace_back(GroupShard::Context{.clock = clock,
                                                 .random = random,
                                                 .config = config_,
                                                 .append = environment_.append,
                                                 .groups_max = groups_max});
    }
}

PartitionId GroupCoordinator::partition_of(std::string_view group_id) const {
    return offsets_partition_of(group_id, config_.offsets_partitions);
}

Guarded<GroupShard>& GroupCoordinator::shard_of(PartitionId partition) {
    return shards_[static_cast<size_t>(raw(partition) % shard_count)];
}

Guarded<GroupShard>& GroupCoordinator::shard_of(std::string_view group_id) {
    return shard_of(partition_of(group_id));
}

const Guarded<GroupShard>& GroupCoordinator::shard_of(std::string_view group_id) const {
    return shards_[static_cast<size_t>(raw(partition_of(group_id)) % shard_count)];
}

std::shared_ptr<const TopicImage> GroupCoordinator::topics_now() const {
    return environment_.topic_image ? environment_.topic_image() : nullptr;
}

Guarded<GroupShard>::Lock<GroupShard> GroupCoordinator::shard_with_topics(
    std::string_view group_id) {
    // Asked before the shard is locked: that is the order of locks.
    auto topics = topics_now();
    auto shard = shard_of(group_id).lock();
    shard->use_topics(std::move(topics));
    return shard;
}

ErrorCode GroupCoordinator::apply(ByteView key, std::optional<ByteView> value,
                                  const RecordOrigin& origin) {
    const auto parsed = read_offsets_key(key);
    if (!parsed) return parsed.error();
    if (!group_of(*parsed)) return ErrorCode::none;
    return shard_of(*group_of(*parsed)).lock()->apply(*parsed, value, origin);
}

void GroupCoordinator::on_loaded() {
    Outbox out;
    for (auto& shard : shards_) shard.lock()->on_loaded(environment_.group_settings, out);
    out.deliver(environment_.when_durable);
}

std::string GroupCoordinator::dump() const {
    std::vector<std::string> groups;
    for (const auto& shard : shards_) shard.lock()->dump(groups);
    std::ranges::sort(groups);
    std::string text;
    for (const auto& group : groups) text += group;
    return text;
}

void GroupCoordinator::tick() {
    Outbox out;
    const auto topics = topics_now();
    for (auto& guarded : shards_) {
        auto shard = guarded.lock();
        shard->use_topics(topics);
        shard->tick(out);
    }
    out.deliver(environment_.when_durable);
}

int64_t GroupCoordinator::next_deadline_ms() const {
    int64_t next_ms = std::numeric_limits<int64_t>::max();
    for (const auto& shard : shards_) {
        next_ms = std::min(next_ms, shard.lock()->next_deadline_ms());
    }
    return next_ms;
}

void GroupCoordinator::join(GroupCall<JoinGroupRequest> call, JoinReply reply) {
    JoinGroupRequest& request = call.request;
    const bool can_be_null = call.version >= first_join_with_nullable_protocol;
    reply = [reply = std::move(reply), can_be_null](JoinGroupResponse response) mutable {
        if (!can_be_null && !response.protocol_name) response.protocol_name = "";
        if (can_be_null && response.protocol_name == "") response.protocol_name.reset();
        reply(std::move(response));
    };
    if (request.group_id.empty()) {
        return reply({.error_code = ErrorCode::invalid_group_id, .member_id = request.member_id});
    }
    if (request.session_timeout_ms < config_.min_session_timeout_ms ||
        request.session_timeout_ms > config_.max_session_timeout_ms) {
        return reply(
            {.error_code = ErrorCode::invalid_session_timeout, .member_id = request.member_id});
    }
    if (call.version < first_join_with_rebalance_timeout) {
        request.rebalance_timeout_ms = request.session_timeout_ms;
    }
    Outbox out;
    shard_with_topics(request.group_id)
        ->join(std::move(call), std::move(reply), out);
    out.deliver(environment_.when_durable);
}

void GroupCoordinator::sync(GroupCall<SyncGroupRequest> call, SyncReply reply) {
    const SyncGroupRequest& request = call.request;
    if (call.version >= first_sync_with_protocol &&
        (!request.protocol_type || !request.protocol_name)) {
        return reply({.error_code = ErrorCode::inconsistent_group_protocol});
    }
    if (request.group_id.empty()) return reply({.error_code = ErrorCode::invalid_group_id});
    Outbox out;
    shard_with_topics(request.group_id)
        ->sync(std::move(call), std::move(reply), out);
    out.deliver(environment_.when_durable);
}

void GroupCoordinator::heartbeat(const GroupCall<HeartbeatRequest>& call,
                                 GroupReply<HeartbeatResponse> reply) {
    const std::string& group_id = call.request.group_id;
    if (group_id.empty()) return reply({.error_code = ErrorCode::invalid_group_id});
    const auto error = shard_of(group_id).lock()->heartbeat(call.request);
    reply({.error_code = error});
}

void GroupCoordinator::leave(GroupCall<LeaveGroupRequest> call,
                             GroupReply<LeaveGroupResponse> reply) {
    LeaveGroupRequest& request = call.request;
    if (request.group_id.empty()) return reply({.error_code = ErrorCode::invalid_group_id});
    const bool is_batch = call.version >= first_leave_with_members;
    if (!is_batch) request.members = {{.member_id = request.member_id}};
    Outbox out;
    auto result = shard_with_topics(request.group_id)->leave(request, out);
    LeaveGroupResponse response;
    if (is_batch) response.members = std::move(result.members);
    else response.error_code = result.members.front().error_code;
    out.answer(reply, std::move(response), std::move(result.written));
    out.deliver(environment_.when_durable);
}

void GroupCoordinator::list_groups(const GroupCall<ListGroupsRequest>& call,
                                   GroupReply<ListGroupsResponse> reply) {
    ListGroupsResponse response;
    for (const auto& shard : shards_) shard.lock()->list(call.request, response.groups);
    std::ranges::sort(response.groups, {}, &ListGroupsResponse::ListedGroup::group_id);
    reply(std::move(response));
}

void GroupCoordinator::describe_groups(const GroupCall<DescribeGroupsRequest>& call,
                                       GroupReply<DescribeGroupsResponse> reply) {
    DescribeGroupsResponse response;
    for (const auto& id : call.request.groups) {
        response.groups.push_back(shard_of(id).lock()->describe(id, call.version));
    }
    reply(std::move(response));
}

void GroupCoordinator::delete_groups(const GroupCall<DeleteGroupsRequest>& call,
                                     GroupReply<DeleteGroupsResponse> reply) {
    DeleteGroupsResponse response;
    std::set<PartitionId> written;
    std::set<std::string_view> seen;
    Outbox out;
    for (const auto& id : call.request.groups_names) {
        if (!seen.insert(id).second) continue;
        auto shard = shard_of(id).lock();
        shard->tick(out);  // a session that is over ends now, not with the next tick
        const auto error = shard->delete_group(id);
        response.results.push_back({.group_id = id, .error_code = error});
        if (error == ErrorCode::none) written.insert(partition_of(id));
    }
    out.answer(reply, std::move(response), {written.begin(), written.end()});
    out.deliver(environment_.when_durable);
}

void GroupCoordinator::on_topic_deleted(std::string_view topic, const Uuid& id) {
    for (auto& shard : shards_) shard.lock()->on_topic_deleted(topic, id);
}

}  // namespace stoker::broker
