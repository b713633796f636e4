#include "kafka/by_leader.hpp"

#include <algorithm>
#include <optional>

#include "protocol/messages/03_metadata.hpp"

namespace stoker::kafka {
namespace {

using protocol::MetadataRequest;
using protocol::MetadataResponse;

/// The leader, or why there is none.
Outcome<int32_t> leader_of(const MetadataResponse& metadata, const TopicPartition& where) {
    for (const auto& topic : metadata.topics) {
        if (topic.name != where.topic) continue;
        if (topic.error_code != ErrorCode::none) return failed(failure_of(topic.error_code));
        for (const auto& partition : topic.partitions) {
            if (raw(partition.partition_index) != where.partition) continue;
            bool lost = partition.leader_id < 0;
            if (!lost) return partition.leader_id;
            return failed(failure_of(ErrorCode::leader_not_available));
        }
    }
    return failed(failure_of(ErrorCode::unknown_topic_or_partition));
}

}  // namespace

Failure call_timed_out(Admin& admin, const std::string& name, int attempts, Deadline deadline) {
    int64_t now = admin.cluster().clock().wall_ms();
    std::string tries = std::to_string(attempts);
    return failure_of(ErrorCode::request_timed_out,
                      "Call(callName=" + name +
                          ", deadlineMs=" + std::to_string(now + deadline.left_ms()) +
                          ", tries=" + tries + ", nextAllowedTryMs=" + std::to_string(now) +
                          ") timed out at " + std::to_string(now) + " after " + tries +
                          " attempt(s)");
}

Outcome<Leaders> find_leaders(Admin& admin, const std::set<TopicPartition>& partitions,
                              Deadline deadline) {
    MetadataRequest request{.allow_auto_topic_creation = false};
    for (const TopicPartition& where : partitions) {
        if (!request.topics->empty() && request.topics->back().name == where.topic) continue;
        request.topics->push_back({.name = where.topic});
    }
    auto metadata = admin.call<MetadataResponse>("topicMetadata", Target::any(), request,
                                                 {.timeout_ms = deadline.left_ms()});
    if (!metadata) return failed(metadata.error());
    admin.cluster().learn(*metadata);
    Leaders leaders;
    for (const TopicPartition& where : partitions) {
        Outcome<int32_t> leader = leader_of(*metadata, where);
        if (leader) leaders.by_node[*leader].push_back(where);
        else leaders.missing.emplace(where, leader.error());
    }
    return leaders;
}

}  // namespace stoker::kafka
