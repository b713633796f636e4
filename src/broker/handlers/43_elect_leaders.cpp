// ElectLeaders (43), versions 0 to 2.
//
// Behaviour: on one node every partition has its only possible leader, so an election is never
// needed; of all partitions, as Apache Kafka has it, those that need none are not told.
#include <string>

#include "broker/broker.hpp"
#include "broker/handlers/handlers.hpp"
#include "broker/security/access.hpp"

namespace stoker::broker {

using protocol::ElectLeadersRequest;
using protocol::ElectLeadersResponse;

namespace {

ElectLeadersResponse::PartitionResult elect(const TopicPointer& topic, const std::string& name,
                                            PartitionId partition) {
    ElectLeadersResponse::PartitionResult result{.partition_id = partition};
    if (!topic) {
        result.error_code = ErrorCode::unknown_topic_or_partition;
        result.error_message = "No such topic as " + name;
    } else if (!topic->partition(partition)) {
        result.error_code = ErrorCode::unknown_topic_or_partition;
        result.error_message =
            "No such partition as " + name + "-" + std::to_string(raw(partition));
    } else {
        result.error_code = ErrorCode::election_not_needed;
        result.error_message = "Leader election not needed for topic partition.";
    }
    return result;
}

void refuse_type(const ElectLeadersRequest& asked, ElectLeadersResponse& response) {
    if (!asked.topic_partitions) return;
    for (const auto& wanted : *asked.topic_partitions) {
        auto& result = response.replica_election_results.emplace_back();
        result.topic = wanted.topic;
        for (PartitionId partition : wanted.partitions)
            result.partition_result.push_back(
                {.partition_id = partition,
                 .error_code = ErrorCode::invalid_request,
                 .error_message = "Unknown election type " + std::to_string(asked.election_type)});
    }
}

}  // namespace

void elect_leaders(Broker& broker, const Request& request, ElectLeadersRequest asked,
                   Reply<ElectLeadersResponse> reply) {
    if (!Access(broker, request).allows(Right::elect_leaders))
        return std::move(reply)(denied<ElectLeadersResponse>(Right::elect_leaders));
    ElectLeadersResponse response;
    constexpr int8_t election_types = 2;
    if (asked.election_type < 0 || asked.election_type >= election_types) {
        if (reply.version() > 0) response.error_code = ErrorCode::invalid_request;
        refuse_type(asked, response);
        return std::move(reply)(response);
    }
    if (!asked.topic_partitions) {
        for (const auto& topic : broker.metadata().topics())
            response.replica_election_results.push_back({.topic = topic->name});
    } else {
        for (const auto& wanted : *asked.topic_partitions) {
            auto topic = broker.metadata().find(wanted.topic);
            auto& result = response.replica_election_results.emplace_back();
            result.topic = wanted.topic;
            for (PartitionId partition : wanted.partitions)
                result.partition_result.push_back(elect(topic, wanted.topic, partition));
        }
    }
    std::move(reply)(response);
}

}  // namespace stoker::broker
