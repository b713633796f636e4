// ConsumerGroupDescribe (69), versions 0 and 1.
//
// Behaviour: state, epochs and members of groups of the consumer protocol (KIP-848). Needs DESCRIBE
// of the group and of every topic that its members have or are to have (CVE-2026-41115).
#include <algorithm>
#include <iterator>
#include <utility>

#include "broker/broker.hpp"
#include "broker/handlers/handlers.hpp"
#include "broker/security/access.hpp"

namespace stoker::broker {

using protocol::ConsumerGroupDescribeRequest;
using protocol::ConsumerGroupDescribeResponse;

namespace {

using DescribedGroup = ConsumerGroupDescribeResponse::DescribedGroup;

std::vector<std::string> topics_of(const DescribedGroup& group) {
    std::vector<std::string> names;
    for (const auto& member : group.members)
        for (const auto* assignment : {&member.assignment, &member.target_assignment})
            for (const auto& topic : assignment->topic_partitions)
                names.push_back(topic.topic_name);
    return names;
}

void hide_topics(const Access& access, ConsumerGroupDescribeResponse& response) {
    std::vector<std::string> names;
    for (const DescribedGroup& group : response.groups)
        std::ranges::move(topics_of(group), std::back_inserter(names));
    AllowedNames described = access.filter(Right::consumer_describe_topic, names, std::identity{});
    for (DescribedGroup& group : response.groups) {
        bool whole = std::ranges::all_of(
            topics_of(group), [&](const std::string& name) { return described.contains(name); });
        if (whole) continue;
        DescribedGroup refused;
        refused.group_id = group.group_id;
        refused.error_code = ErrorCode::topic_authorization_failed;
        refused.error_message =
            "The group has described topic(s) that the client is not authorized to describe.";
        group = std::move(refused);
    }
}

}  // namespace

void consumer_group_describe(Broker& broker, const Request& request,
                             ConsumerGroupDescribeRequest asked,
                             Reply<ConsumerGroupDescribeResponse> reply) {
    bool with_operations = asked.include_authorized_operations;
    const Access access(broker, request);
    AllowedNames described =
        access.filter(Right::consumer_describe_group, asked.group_ids, std::identity{});
    ConsumerGroupDescribeResponse refused;
    std::erase_if(asked.group_ids, [&](const std::string& group) {
        if (described.contains(group)) return false;
        refused.groups.emplace_back().group_id = group;
        refused.groups.back().error_code = ErrorCode::group_authorization_failed;
        return true;
    });
    broker.groups().consumer_group_describe(
        group_call(request, std::move(asked)),
        [with_operations, access, refused = std::move(refused),
         reply = std::move(reply)](auto response) mutable {
            if (access.enforced()) hide_topics(access, response);
            for (auto& group : response.groups)
                if (with_operations && group.error_code == ErrorCode::none)
                    group.authorized_operations =
                        access.operations(AclResource::group, group.group_id);
            std::ranges::move(refused.groups, std::back_inserter(response.groups));
            std::move(reply)(response);
        });
}

}  // namespace stoker::broker
