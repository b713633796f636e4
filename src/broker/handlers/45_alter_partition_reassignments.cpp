// AlterPartitionReassignments (45), versions 0 and 1.
//
// Behaviour: there is one broker, so a partition can only be assigned to where it is, which
// succeeds at once; and no reassignment is ever under way that could be stopped (KIP-455).
#include <string>

#include "broker/broker.hpp"
#include "broker/handlers/handlers.hpp"
#include "broker/security/access.hpp"
#include "broker/replica_assignment.hpp"

namespace stoker::broker {

using protocol::AlterPartitionReassignmentsRequest;
using protocol::AlterPartitionReassignmentsResponse;

namespace {

using Wanted = AlterPartitionReassignmentsRequest::ReassignablePartition;

Outcome<void> reassign(Broker& broker, const std::string& topic_name, const Wanted& wanted) {
    auto topic = broker.metadata().find(topic_name);
    if (!topic)
        return refuse(ErrorCode::unknown_topic_or_partition,
                      "Unable to find a topic named " + topic_name + ".");
    if (!topic->partition(wanted.partition_index))
        return refuse(ErrorCode::unknown_topic_or_partition,
                      "Unable to find partition " + topic_name + ":" +
                          std::to_string(raw(wanted.partition_index)) + ".");
    if (!wanted.replicas)
        return refuse(ErrorCode::no_reassignment_in_progress);
    return check_replicas(*wanted.replicas, broker.node_id());
}

}  // namespace

void alter_partition_reassignments(Broker& broker, const Request& request,
                                   AlterPartitionReassignmentsRequest asked,
                                   Reply<AlterPartitionReassignmentsResponse> reply) {
    if (!Access(broker, request).allows(Right::alter_reassignments))
        return std::move(reply)(
            denied<AlterPartitionReassignmentsResponse>(Right::alter_reassignments));
    AlterPartitionReassignmentsResponse response{.error_message = std::nullopt};
    if (reply.version() > 0)
        response.allow_replication_factor_change = asked.allow_replication_factor_change;
    for (const auto& topic : asked.topics) {
        auto& answer = response.responses.emplace_back();
        answer.name = topic.name;
        for (const auto& wanted : topic.partitions) {
            auto& told = answer.partitions.emplace_back();
            told.partition_index = wanted.partition_index;
            told.error_message = std::nullopt;
            auto done = reassign(broker, topic.name, wanted);
            if (done) continue;
            told.error_code = done.error().code;
            if (!done.error().message.empty()) told.error_message = done.error().message;
        }
    }
    std::move(reply)(response);
}

}  // namespace stoker::broker
