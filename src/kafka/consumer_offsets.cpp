#include "kafka/consumer_offsets.hpp"

#include "protocol/messages/02_list_offsets.hpp"
#include "protocol/messages/08_offset_commit.hpp"
#include "protocol/messages/09_offset_fetch.hpp"

namespace stoker::kafka {
namespace {

using protocol::ListOffsetsRequest;
using protocol::ListOffsetsResponse;
using protocol::OffsetCommitRequest;
using protocol::OffsetCommitResponse;
using protocol::OffsetFetchRequest;
using protocol::OffsetFetchResponse;

/// The last versions in which topics go by name.
constexpr int16_t commit_by_name = 9;
constexpr int16_t fetch_by_name = 9;
/// The first version with several groups in one request.
constexpr int16_t fetch_by_groups = 8;
/// The first version that can wait for transactions.
constexpr int16_t fetch_stable = 7;

using Committed = std::map<TopicPartition, OffsetAndEpoch>;

template <class Topics>
Outcome<Committed> read_committed_offsets(const Topics& topics) {
    Committed found;
    for (const auto& topic : topics) {
        for (const auto& partition : topic.partitions) {
            if (partition.error_code != ErrorCode::none) {
                return failed(failure_of(partition.error_code));
            }
            if (raw(partition.committed_offset) < 0) continue;
            found[{topic.name, raw(partition.partition_index)}] = {
                .offset = partition.committed_offset, .epoch = partition.committed_leader_epoch};
        }
    }
    return found;
}

}  // namespace

Outcome<std::map<TopicPartition, Outcome<OffsetAndEpoch>>> list_offsets(
    Connection& connection, const std::vector<OffsetQuery>& queries, bool read_committed,
    Deadline deadline) {
    ListOffsetsRequest request{.replica_id = -1,
                               .isolation_level = int8_t(read_committed ? 1 : 0),
                               .timeout_ms = int32_t(std::min<int64_t>(deadline.left_ms(),
                                                                       INT32_MAX))};
    for (const OffsetQuery& query : queries) {
        if (request.topics.empty() || request.topics.back().name != query.where.topic) {
            request.topics.push_back({.name = query.where.topic});
        }
        request.topics.back().partitions.push_back(
            {.partition_index = PartitionId{query.where.partition},
             .current_leader_epoch = query.leader_epoch,
             .timestamp = query.timestamp});
    }
    auto answer = connection.call<ListOffsetsResponse>(request, deadline);
    if (!answer) return failed(answer.error());
    std::map<TopicPartition, Outcome<OffsetAndEpoch>> offsets;
    for (const auto& topic : answer->topics) {
        for (const auto& partition : topic.partitions) {
            const TopicPartition where{topic.name, raw(partition.partition_index)};
            if (partition.error_code != ErrorCode::none) {
                offsets.emplace(where, failed(failure_of(partition.error_code)));
            } else {
                offsets.emplace(where, OffsetAndEpoch{.offset = partition.offset,
                                                      .epoch = partition.leader_epoch});
            }
        }
    }
    return offsets;
}

Outcome<Committed> fetch_committed(Connection& coordinator, const std::string& group_id,
                                   const std::vector<TopicPartition>& partitions,
                                   Deadline deadline) {
    auto version = coordinator.version_of(OffsetFetchRequest::api, fetch_by_name);
    if (!version) return failed(version.error());
    OffsetFetchRequest request{.require_stable = *version >= fetch_stable};
    OffsetFetchRequest::OffsetFetchRequestGroup group{.group_id = group_id};
    std::vector<OffsetFetchRequest::OffsetFetchRequestTopic> topics;
    for (const TopicPartition& where : partitions) {
        if (topics.empty() || topics.back().name != where.topic) {
            topics.push_back({.name = where.topic});
            group.topics->push_back({.name = where.topic});
        }
        topics.back().partition_indexes.push_back(PartitionId{where.partition});
        group.topics->back().partition_indexes.push_back(PartitionId{where.partition});
    }
    if (*version >= fetch_by_groups) {
        request.groups.push_back(std::move(group));
    } else {
        request.group_id = group_id;
        request.topics = std::move(topics);
    }
    auto answer = coordinator.call<OffsetFetchResponse>(request, deadline,
                                                        {.version_max = fetch_by_name});
    if (!answer) return failed(answer.error());
    if (*version < fetch_by_groups) {
        if (answer->error_code != ErrorCode::none) return failed(failure_of(answer->error_code));
        return read_committed_offsets(answer->topics);
    }
    if (answer->groups.size() != 1) return failed(malformed("not the one group asked for"));
    const auto& one = answer->groups.front();
    if (one.error_code != ErrorCode::none) return failed(failure_of(one.error_code));
    return read_committed_offsets(one.topics);
}

Outcome<void> commit_offsets(Connection& coordinator, const ConsumerGroupMetadata& identity,
                             const std::vector<OffsetToCommit>& offsets, Deadline deadline) {
    OffsetCommitRequest request{.group_id = identity.group_id,
                                .generation_id_or_member_epoch = identity.generation,
                                .member_id = identity.member_id,
                                .group_instance_id = identity.instance_id};
    bool has_ids = true;
    for (const OffsetToCommit& one : offsets) {
        if (request.topics.empty() || request.topics.back().name != one.where.topic) {
            request.topics.push_back({.name = one.where.topic, .topic_id = one.topic_id});
            has_ids = has_ids && !one.topic_id.is_zero();
        }
        request.topics.back().partitions.push_back(
            {.partition_index = PartitionId{one.where.partition},
             .committed_offset = one.offset.offset,
             .committed_leader_epoch = one.offset.epoch});
    }
    const int16_t version_max = has_ids ? int16_t{INT16_MAX} : commit_by_name;
    auto answer = coordinator.call<OffsetCommitResponse>(request, deadline,
                                                         {.version_max = version_max});
    if (!answer) return failed(answer.error());
    for (const auto& topic : answer->topics) {
        for (const auto& partition : topic.partitions) {
            if (partition.error_code == ErrorCode::none) continue;
            return failed(failure_of(partition.error_code));
        }
    }
    return {};
}

}  // namespace stoker::kafka
