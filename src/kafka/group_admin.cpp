#include "kafka/group_admin.hpp"

#include <algorithm>
#include <functional>
#include <set>
#include <utility>

#include "kafka/by_coordinator.hpp"
#include "protocol/codec.hpp"
#include "protocol/messages/13_leave_group.hpp"
#include "protocol/messages/15_describe_groups.hpp"
#include "protocol/messages/16_list_groups.hpp"
#include "protocol/messages/42_delete_groups.hpp"
#include "protocol/messages/69_consumer_group_describe.hpp"
#include "protocol/messages/subscription.hpp"

namespace stoker::kafka {
namespace {

using protocol::ConsumerGroupDescribeRequest;
using protocol::ConsumerGroupDescribeResponse;
using protocol::DescribeGroupsRequest;
using protocol::DescribeGroupsResponse;
using protocol::ListGroupsRequest;
using protocol::ListGroupsResponse;

constexpr std::string_view consumer_protocol = "consumer";

std::vector<TopicPartition> partitions_of(const ConsumerGroupDescribeResponse::Assignment& from) {
    std::vector<TopicPartition> partitions;
    for (const auto& topic : from.topic_partitions) {
        for (const PartitionId id : topic.partitions) {
            partitions.push_back({topic.topic_name, raw(id)});
        }
    }
    return partitions;
}

/// What a member of a classic consumer group was assigned; bytes that are none are no partitions.
std::vector<TopicPartition> partitions_of(const Bytes& assignment) {
    std::vector<TopicPartition> partitions;
    if (assignment.empty()) return partitions;
    try {
        for (const auto& topic : protocol::read_assignment(assignment).assigned_partitions) {
            for (const PartitionId id : topic.partitions) {
                partitions.push_back({topic.topic, raw(id)});
            }
        }
    } catch (const protocol::MalformedMessage&) {
        partitions.clear();
    }
    return partitions;
}

Outcome<GroupDescription> description_of(const ConsumerGroupDescribeResponse::DescribedGroup& from,
                                         const Node& coordinator) {
    if (from.error_code != ErrorCode::none) {
        return failed(failure_of(from.error_code, from.error_message));
    }
    GroupDescription group{.id = from.group_id,
                           .type = "Consumer",
                           .state = from.group_state,
                           .assignor = from.assignor_name,
                           .coordinator = coordinator,
                           .epoch = from.group_epoch,
                           .target_assignment_epoch = from.assignment_epoch};
    for (const auto& member : from.members) {
        MemberDescription& to = group.members.emplace_back();
        to = {.id = member.member_id,
              .instance_id = member.instance_id,
              .rack_id = member.rack_id,
              .client_id = member.client_id,
              .host = member.client_host,
              .assignment = partitions_of(member.assignment),
              .target_assignment = partitions_of(member.target_assignment),
              .epoch = member.member_epoch};
        if (member.member_type >= 0) to.upgraded = member.member_type == 1;
    }
    return group;
}

Outcome<GroupDescription> description_of(const DescribeGroupsResponse::DescribedGroup& from,
                                         const Node& coordinator) {
    if (from.error_code != ErrorCode::none) {
        return failed(failure_of(from.error_code, from.error_message));
    }
    if (!from.protocol_type.empty() && from.protocol_type != consumer_protocol) {
        return failed(Failure{.exception = "java.lang.IllegalArgumentException",
                              .message = "GroupId " + from.group_id + " is not a consumer group (" +
                                         from.protocol_type + ")."});
    }
    GroupDescription group{.id = from.group_id,
                           .type = "Classic",
                           .state = from.group_state,
                           .assignor = from.protocol_data,
                           .coordinator = coordinator};
    for (const auto& member : from.members) {
        group.members.push_back({.id = member.member_id,
                                 .instance_id = member.group_instance_id,
                                 .client_id = member.client_id,
                                 .host = member.client_host,
                                 .assignment = partitions_of(member.member_assignment)});
    }
    return group;
}

/// Asks one node with either of the two APIs and sorts the answers by group.
template <class Request, class Response>
GroupOutcomes<GroupDescription> describe_at(Admin& admin, const Node& node, const Request& request,
                                            const std::vector<std::string>& ids,
                                            CallOptions options) {
    GroupOutcomes<GroupDescription> all;
    const auto answer =
        admin.call<Response>("describeConsumerGroups", Target::of_node(node.id), request, options);
    for (const std::string& id : ids) {
        Failure why = answer ? failure_of(ErrorCode::group_id_not_found) : answer.error();
        all.insert_or_assign(id, failed(std::move(why)));
    }
    if (!answer) return all;
    for (const auto& group : answer->groups) {
        all.insert_or_assign(group.group_id, description_of(group, node));
    }
    return all;
}

/// A group of the classic protocol is not found by the new API, which old brokers lack.
bool may_be_classic(const Failure& why) {
    return why.code == ErrorCode::group_id_not_found || why.code == ErrorCode::unsupported_version;
}

GroupOutcomes<GroupDescription> describe_classic_at(Admin& admin, const Node& node,
                                                    const std::vector<std::string>& ids,
                                                    CallOptions options) {
    return describe_at<DescribeGroupsRequest, DescribeGroupsResponse>(
        admin, node, DescribeGroupsRequest{.groups = ids}, ids, options);
}

GroupOutcomes<GroupDescription> describe_at(Admin& admin, const Node& node,
                                            const std::vector<std::string>& ids,
                                            CallOptions options) {
    const ConsumerGroupDescribeRequest modern{.group_ids = ids};
    auto all = describe_at<ConsumerGroupDescribeRequest, ConsumerGroupDescribeResponse>(
        admin, node, modern, ids, options);
    std::vector<std::string> rest;
    for (const auto& [id, outcome] : all) {
        if (!outcome && may_be_classic(outcome.error())) rest.push_back(id);
    }
    if (rest.empty()) return all;
    for (auto& [id, outcome] : describe_classic_at(admin, node, rest, options))
        all.insert_or_assign(id, std::move(outcome));
    return all;
}

bool passes(const GroupQuery& filter, const GroupListing& group) {
    if (!filter.protocol_types) return true;
    return std::ranges::find(*filter.protocol_types, group.protocol_type) !=
           filter.protocol_types->end();
}

Outcome<ListGroupsResponse> list_at(Admin& admin, int32_t node, const GroupQuery& filter,
                                    CallOptions options) {
    ListGroupsRequest request{.states_filter = filter.states, .types_filter = filter.types};
    const auto ask = [&] {
        return admin.call<ListGroupsResponse>(
            "listGroups", Target::of_node(node), request, options,
            [](const ListGroupsResponse& answer) { return answer.error_code; });
    };
    auto answer = ask();
    // Before types there were classic groups only, which are among those asked for.
    if (answer || answer.error().code != ErrorCode::unsupported_version || filter.types.empty()) {
        return answer;
    }
    request.types_filter.clear();
    return ask();
}

}  // namespace

Outcome<std::vector<GroupListing>> find_groups(Admin& admin, const GroupQuery& query,
                                               CallOptions options) {
    const auto deadline = admin.cluster().deadline(
        options.timeout_ms.value_or(admin.settings().default_api_timeout_ms));
    if (const auto nodes = admin.cluster().ensure_nodes(deadline); !nodes) {
        Failure why = nodes.error();
        if (why.code == ErrorCode::request_timed_out) {
            why.message = "Timed out waiting for a node assignment. Call: findAllBrokers";
        }
        return failed(kafka_exception("Failed to find brokers to send ListGroups", why));
    }
    std::vector<GroupListing> groups;
    for (const Node& node : std::vector<Node>(admin.cluster().nodes())) {
        auto answer = list_at(admin, node.id, query, options);
        if (!answer) return failed(answer.error());
        if (answer->error_code != ErrorCode::none) return failed(failure_of(answer->error_code));
        for (GroupListing& group : answer->groups) {
            std::string& type = group.group_type;
            if (!type.empty() && type[0] >= 'a') type[0] = static_cast<char>(type[0] - 'a' + 'A');
            if (passes(query, group)) groups.push_back(std::move(group));
        }
    }
    return groups;
}

GroupOutcomes<GroupDescription> describe_consumer_groups(Admin& admin,
                                                         const std::vector<std::string>& ids,
                                                         CallOptions options) {
    return ask_coordinators<GroupDescription>(
        admin, "describeConsumerGroups", ids, options,
        [&](const Node& node, const std::vector<std::string>& mine, CallOptions left) {
            return describe_at(admin, node, mine, left);
        });
}

GroupOutcomes<GroupDescription> describe_classic_groups(Admin& admin,
                                                        const std::vector<std::string>& ids,
                                                        CallOptions options) {
    return ask_coordinators<GroupDescription>(
        admin, "describeConsumerGroups", ids, options,
        [&](const Node& node, const std::vector<std::string>& mine, CallOptions left) {
            return describe_classic_at(admin, node, mine, left);
        });
}

Outcome<void> remove_members(Admin& admin, const std::string& group,
                             const std::vector<MemberDescription>& members, CallOptions options) {
    using protocol::LeaveGroupRequest;
    using protocol::LeaveGroupResponse;
    LeaveGroupRequest request{.group_id = group};
    for (const MemberDescription& member : members) {
        request.members.push_back({.member_id = member.instance_id ? "" : member.id,
                                   .group_instance_id = member.instance_id,
                                   .reason = "member was removed by an admin"});
    }
    const auto answer = admin.call<LeaveGroupResponse>(
        "leaveGroup", Target::coordinator(CoordinatorType::group, group), request, options,
        [](const LeaveGroupResponse& one) { return one.error_code; });
    if (!answer) return failed(answer.error());
    if (answer->error_code != ErrorCode::none) return failed(failure_of(answer->error_code));
    for (const auto& member : answer->members) {
        if (member.error_code == ErrorCode::none) continue;
        const std::string who = member.group_instance_id.value_or(member.member_id);
        return failed(kafka_exception("Encounter exception when trying to remove: " + who,
                                      failure_of(member.error_code)));
    }
    return {};
}

GroupOutcomes<void> delete_groups(Admin& admin, const std::vector<std::string>& ids,
                                  CallOptions options) {
    using protocol::DeleteGroupsRequest;
    using protocol::DeleteGroupsResponse;
    return ask_coordinators<void>(
        admin, "deleteConsumerGroups", ids, options,
        [&](const Node& node, const std::vector<std::string>& mine, CallOptions left) {
            GroupOutcomes<void> all;
            const auto answer =
                admin.call<DeleteGroupsResponse>("deleteConsumerGroups", Target::of_node(node.id),
                                                 DeleteGroupsRequest{.groups_names = mine}, left);
            for (const std::string& id : mine) {
                if (!answer) all.insert_or_assign(id, failed(answer.error()));
            }
            if (!answer) return all;
            for (const auto& result : answer->results) {
                Outcome<void> outcome;
                if (result.error_code != ErrorCode::none) {
                    outcome = failed(failure_of(result.error_code));
                }
                all.insert_or_assign(result.group_id, std::move(outcome));
            }
            return all;
        });
}

}  // namespace stoker::kafka
