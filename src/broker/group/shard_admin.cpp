// ListGroups, DescribeGroups and DeleteGroups, for groups of both protocols.
#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "broker/group/group_shard.hpp"

namespace stoker::broker {

using protocol::DescribeGroupsResponse;
using protocol::ListGroupsRequest;
using protocol::ListGroupsResponse;

namespace {

/// What clients read where there is no group.
constexpr std::string_view dead_state = "Dead";
constexpr std::string_view classic_type = "classic";
constexpr std::string_view consumer_type = "consumer";
/// Since this version a group that is not there is an error (KIP-1043); before it, it was Dead.
constexpr int16_t first_version_with_group_id_not_found = 6;

char lower(char c) { return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c; }

bool equal_but_for_case(std::string_view a, std::string_view b) {
    return std::ranges::equal(a, b, {}, lower, lower);
}

std::string_view trimmed(std::string_view text) {
    const auto is_space = [](char c) { return static_cast<unsigned char>(c) <= ' '; };
    while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
    return text;
}

bool passes(const std::vector<std::string>& filter, std::string_view what) {
    return filter.empty() || std::ranges::any_of(filter, [&](std::string_view each) {
               return equal_but_for_case(trimmed(each), what);
           });
}

}  // namespace

void GroupShard::list(const ListGroupsRequest& request,
                      std::vector<ListGroupsResponse::ListedGroup>& groups) const {
    for (const auto& [id, group] : groups_) {
        const auto type = group.consumer ? consumer_type : classic_type;
        if (!group.exists || !passes(request.types_filter, type)) continue;
        // Of a consumer group it takes a look at every member.
        const auto state =
            group.consumer ? name(group.consumer->state()) : name(group.classic.state());
        if (!passes(request.states_filter, state)) continue;
        const auto protocol_type = group.consumer ? std::string(consumer_protocol_type)
                                                  : group.classic.protocol_type().value_or("");
        groups.push_back({.group_id = id,
                          .protocol_type = protocol_type,
                          .group_state = std::string(state),
                          .group_type = std::string(type)});
    }
}

DescribeGroupsResponse::DescribedGroup GroupShard::describe(const std::string& group_id,
                                                            int16_t version) const {
    DescribeGroupsResponse::DescribedGroup described{.group_id = group_id};
    const Group* group = find(group_id);
    if (group == nullptr || group->consumer) {
        described.group_state = dead_state;
        if (version >= first_version_with_group_id_not_found) {
            described.error_code = ErrorCode::group_id_not_found;
            described.error_message =
                group ? fmt::format("Group {} is not a classic group.", group_id)
                      : fmt::format("Group {} not found.", group_id);
        }
        return described;
    }
    const ClassicGroup& classic = group->classic;
    described.group_state = name(classic.state());
    described.protocol_type = classic.protocol_type().value_or("");
    const bool is_stable = classic.is(ClassicState::stable);
    if (is_stable) described.protocol_data = classic.protocol_name().value_or("");
    for (const auto& [id, member] : classic.members()) {
        auto& each = described.members.emplace_back();
        each.member_id = id;
        each.group_instance_id = member.instance_id;
        each.client_id = member.client_id;
        each.client_host = member.client_host;
        each.member_assignment = member.assignment;
        const Bytes* metadata = is_stable ? member.metadata(described.protocol_data) : nullptr;
        if (metadata != nullptr) each.member_metadata = *metadata;
    }
    return described;
}

ErrorCode GroupShard::delete_group(const std::string& group_id) {
    const Group* group = find(group_id);
    if (group == nullptr) return ErrorCode::group_id_not_found;
    if (!group->is_empty()) return ErrorCode::non_empty_group;
    std::set<std::pair<std::string_view, PartitionId>> offsets;
    const auto note = [&](const CommittedOffsets& all) {
        for (const auto& [topic, partitions] : all.topics()) {
            for (const auto& [partition, offset] : partitions) offsets.emplace(topic, partition);
        }
    };
    note(group->offsets);
    // A transaction that is still open has nothing to commit any more.
    for (const auto& [producer, pending] : group->pending.producers()) note(pending);
    std::vector<OffsetsRecord> tombstones;
    for (const auto& [topic, partition] : offsets) {
        tombstones.push_back(
            offset_tombstone({.group = group_id, .topic = topic, .partition = partition}));
    }
    append_tombstones(*group, tombstones);
    return write_tombstones(group_id, tombstones);
}

}  // namespace stoker::broker
