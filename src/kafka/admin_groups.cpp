#include "kafka/admin_groups.hpp"

#include <algorithm>
#include <iterator>

#include "protocol/messages/08_offset_commit.hpp"
#include "protocol/messages/09_offset_fetch.hpp"
#include "protocol/messages/47_offset_delete.hpp"

namespace stoker::kafka {
namespace {

using protocol::OffsetCommitRequest;
using protocol::OffsetCommitResponse;
using protocol::OffsetDeleteRequest;
using protocol::OffsetDeleteResponse;
using protocol::OffsetFetchRequest;
using protocol::OffsetFetchResponse;

/// Topics travel by id from version 10 on; their names are what the tools know.
constexpr int16_t last_version_by_name = 9;

Target coordinator_of(const std::string& group) {
    return Target::coordinator(CoordinatorType::group, group);
}

Outcome<void> outcome_of(ErrorCode code) {
    if (code == ErrorCode::none) return {};
    return failed(failure_of(code));
}

/// An error that belongs to the coordinator rather than to the group.
ErrorCode coordinator_error(ErrorCode code) {
    bool moved = code == ErrorCode::not_coordinator ||
                 code == ErrorCode::coordinator_not_available ||
                 code == ErrorCode::coordinator_load_in_progress;
    return moved ? code : ErrorCode::none;
}

template <class Topics>
auto& topic_in(Topics& topics, const std::string& name) {
    if (topics.empty() || topics.back().name != name) topics.emplace_back().name = name;
    return topics.back();
}

template <class Topics>
void add_offsets(const Topics& topics, std::map<TopicPartition, CommittedOffset>& into,
                 std::optional<Failure>& failure) {
    for (const auto& topic : topics) {
        for (const auto& from : topic.partitions) {
            if (from.error_code != ErrorCode::none) {
                failure = failure_of(from.error_code);
            } else if (raw(from.committed_offset) >= 0) {
                into[{topic.name, raw(from.partition_index)}] = {
                    .offset = raw(from.committed_offset),
                    .leader_epoch = raw(from.committed_leader_epoch),
                    .metadata = from.metadata.value_or("")};
            }
        }
    }
}

ErrorCode fetch_error(const OffsetFetchResponse& response) {
    ErrorCode code = response.error_code;
    if (!response.groups.empty()) code = response.groups.front().error_code;
    return coordinator_error(code);
}

template <class Response>
std::map<TopicPartition, Outcome<void>> partition_outcomes(const Response& response) {
    std::map<TopicPartition, Outcome<void>> all;
    for (const auto& topic : response.topics) {
        for (const auto& from : topic.partitions) {
            all.insert_or_assign({topic.name, raw(from.partition_index)},
                                 outcome_of(from.error_code));
        }
    }
    return all;
}

}  // namespace

Outcome<std::map<TopicPartition, CommittedOffset>> list_group_offsets(
    Admin& admin, const std::string& group,
    const std::optional<std::set<TopicPartition>>& partitions, CallOptions options) {
    options.version_max = last_version_by_name;
    Deadline deadline = admin.cluster().deadline(
        options.timeout_ms.value_or(admin.settings().default_api_timeout_ms));
    auto any = admin.cluster().any(deadline);
    // Several groups in one request since version 8; the older form has fields of its own.
    bool in_groups =
        !any || (*any)->version_of(OffsetFetchRequest::api, last_version_by_name).value_or(8) >= 8;
    OffsetFetchRequest request;
    if (in_groups) {
        auto& wanted = request.groups.emplace_back();
        wanted.group_id = group;
        if (!partitions) wanted.topics.reset();
        else for (const TopicPartition& where : *partitions) {
            topic_in(*wanted.topics, where.topic)
                .partition_indexes.push_back(PartitionId{where.partition});
        }
    } else {
        request.group_id = group;
        if (!partitions) request.topics.reset();
        else for (const TopicPartition& where : *partitions) {
            topic_in(*request.topics, where.topic)
                .partition_indexes.push_back(PartitionId{where.partition});
        }
    }
    auto answer = admin.call<OffsetFetchResponse>(
        "offsetFetch", coordinator_of(group), request, options, fetch_error);
    if (!answer) return failed(answer.error());
    if (answer->error_code != ErrorCode::none) return failed(failure_of(answer->error_code));
    std::map<TopicPartition, CommittedOffset> all;
    std::optional<Failure> failure;
    add_offsets(answer->topics, all, failure);
    for (const auto& one : answer->groups) {
        if (one.group_id != group) continue;
        if (one.error_code != ErrorCode::none) return failed(failure_of(one.error_code));
        add_offsets(one.topics, all, failure);
    }
    if (failure) return failed(std::move(*failure));
    return all;
}

Outcome<std::map<TopicPartition, Outcome<void>>> alter_group_offsets(
    Admin& admin, const std::string& group,
    const std::map<TopicPartition, CommittedOffset>& offsets, CallOptions options) {
    options.version_max = last_version_by_name;
    OffsetCommitRequest request{.group_id = group};
    for (const auto& [where, offset] : offsets) {
        topic_in(request.topics, where.topic)
            .partitions.push_back({.partition_index = PartitionId{where.partition},
                                   .committed_offset = Offset{offset.offset},
                                   .committed_leader_epoch = LeaderEpoch{offset.leader_epoch},
                                   .committed_metadata = offset.metadata});
    }
    auto answer = admin.call<OffsetCommitResponse>(
        "offsetCommit", coordinator_of(group), request, options,
        [](const OffsetCommitResponse& r) {
            bool empty = r.topics.empty() || r.topics.front().partitions.empty();
            return empty ? ErrorCode::none
                         : coordinator_error(r.topics.front().partitions.front().error_code);
        });
    if (!answer) return failed(answer.error());
    return partition_outcomes(*answer);
}

Outcome<std::map<TopicPartition, Outcome<void>>> delete_group_offsets(
    Admin& admin, const std::string& group, const std::set<TopicPartition>& partitions,
    CallOptions options) {
    OffsetDeleteRequest request{.group_id = group};
    for (const TopicPartition& where : partitions) {
        topic_in(request.topics, where.topic).partitions.push_back({PartitionId{where.partition}});
    }
    auto answer = admin.call<OffsetDeleteResponse>(
        "offsetDelete", coordinator_of(group), request, options,
        [](const OffsetDeleteResponse& r) { return coordinator_error(r.error_code); });
    if (!answer) return failed(answer.error());
    if (answer->error_code != ErrorCode::none) return failed(failure_of(answer->error_code));
    return partition_outcomes(*answer);
}

}  // namespace stoker::kafka
