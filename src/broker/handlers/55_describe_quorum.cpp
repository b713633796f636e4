// DescribeQuorum (55), versions 0 to 2.
//
// Behaviour: the metadata log is written by this node alone: it is the leader and the only voter
// (KIP-595). Version notes: messages and the voters' directories and addresses from 2 (KIP-853).
#include <string>

#include "broker/broker.hpp"
#include "broker/handlers/handlers.hpp"
#include "broker/security/access.hpp"

namespace stoker::broker {

using protocol::DescribeQuorumRequest;
using protocol::DescribeQuorumResponse;

namespace {

constexpr int16_t first_version_with_directories = 2;

bool is_metadata_log(const DescribeQuorumRequest& asked) {
    return asked.topics.size() == 1 && asked.topics[0].topic_name == cluster_metadata_topic &&
           asked.topics[0].partitions.size() == 1 &&
           asked.topics[0].partitions[0].partition_index == PartitionId{0};
}

DescribeQuorumResponse refused(const DescribeQuorumRequest& asked) {
    DescribeQuorumResponse response;
    for (const auto& topic : asked.topics) {
        auto& answer = response.topics.emplace_back();
        answer.topic_name = topic.topic_name;
        for (const auto& partition : topic.partitions)
            answer.partitions.push_back(
                {.partition_index = partition.partition_index,
                 .error_code = ErrorCode::unknown_topic_or_partition,
                 .error_message = "This server does not host this topic-partition."});
    }
    return response;
}

}  // namespace

void describe_quorum(Broker& broker, const Request& request, DescribeQuorumRequest asked,
                     Reply<DescribeQuorumResponse> reply) {
    if (!Access(broker, request).allows(Right::describe_quorum))
        return std::move(reply)(denied<DescribeQuorumResponse>(Right::describe_quorum));
    if (!is_metadata_log(asked)) {
        DescribeQuorumResponse response = refused(asked);
        if (reply.version() < first_version_with_directories)
            for (auto& topic : response.topics)
                for (auto& partition : topic.partitions) partition.error_message = "";
        return std::move(reply)(response);
    }
    bool with_directories = reply.version() >= first_version_with_directories;
    int64_t now = broker.clock().wall_ms();
    Offset end = broker.metadata().end_offset();
    DescribeQuorumResponse::ReplicaState self{.replica_id = broker.node_id(),
                                              .log_end_offset = end};
    if (reply.version() > 0) self.last_fetch_timestamp = self.last_caught_up_timestamp = now;
    if (with_directories) self.replica_directory_id = broker.logs().directory_id();
    DescribeQuorumResponse response;
    DescribeQuorumResponse::PartitionData partition{.partition_index = PartitionId{0},
                                                    .leader_id = broker.node_id(),
                                                    .leader_epoch = broker.metadata().epoch(),
                                                    .high_watermark = end,
                                                    .current_voters = {self}};
    response.topics.push_back(
        {.topic_name = std::string(cluster_metadata_topic), .partitions = {std::move(partition)}});
    if (with_directories) {
        const auto& controller = broker.metadata().controller();
        response.nodes.push_back({.node_id = broker.node_id(),
                                  .listeners = {{.name = controller.listener,
                                                 .host = controller.host,
                                                 .port = controller.port}}});
    }
    std::move(reply)(response);
}

}  // namespace stoker::broker
