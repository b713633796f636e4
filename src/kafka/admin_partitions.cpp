#include "kafka/admin_partitions.hpp"

#include <algorithm>
#include <array>

#include "kafka/by_leader.hpp"
#include "protocol/messages/02_list_offsets.hpp"
#include "protocol/messages/21_delete_records.hpp"
#include "protocol/messages/43_elect_leaders.hpp"
#include "protocol/messages/45_alter_partition_reassignments.hpp"
#include "protocol/messages/46_list_partition_reassignments.hpp"

namespace stoker::kafka {
namespace {

using protocol::AlterPartitionReassignmentsRequest;
using protocol::AlterPartitionReassignmentsResponse;
using protocol::DeleteRecordsRequest;
using protocol::DeleteRecordsResponse;
using protocol::ElectLeadersRequest;
using protocol::ElectLeadersResponse;
using protocol::ListOffsetsRequest;
using protocol::ListOffsetsResponse;
using protocol::ListPartitionReassignmentsRequest;
using protocol::ListPartitionReassignmentsResponse;

struct SpecialTime {
    int64_t timestamp;
    int16_t since_version;
    std::string_view name;
};
constexpr std::array special_times{
    SpecialTime{max_timestamp_offset, 7, "MAX_TIMESTAMP"},
    SpecialTime{earliest_local_offset, 8, "EARLIEST_LOCAL_TIMESTAMP"},
    SpecialTime{latest_tiered_offset, 9, "LATEST_TIERED_TIMESTAMP"},
    SpecialTime{earliest_pending_upload_offset, 11, "EARLIEST_PENDING_UPLOAD_TIMESTAMP"},
};

std::optional<Failure> too_new(int64_t timestamp, int16_t version, int32_t node) {
    for (const SpecialTime& special : special_times) {
        if (special.timestamp != timestamp || version >= special.since_version) continue;
        return failure_of(ErrorCode::unsupported_version,
                          "Broker " + std::to_string(node) + " does not support " +
                              std::string(special.name) + " offset specs");
    }
    return std::nullopt;
}

/// The topic's entry of a request, made when it is not the last one; partitions come in order.
template <class Topics>
auto& topic_in(Topics& topics, const std::string& name) {
    if (topics.empty() || topics.back().name != name) topics.emplace_back().name = name;
    return topics.back();
}

template <class T>
PartitionOutcomes<T> all_failed(const std::vector<TopicPartition>& partitions,
                                const Failure& why) {
    PartitionOutcomes<T> all;
    for (const TopicPartition& where : partitions) all.emplace(where, failed(why));
    return all;
}

struct OffsetQuestion {
    Admin& admin;
    const std::map<TopicPartition, int64_t>& timestamps;
    bool read_committed;
    CallOptions options;

    PartitionOutcomes<ListedOffset> ask(int32_t node,
                                        const std::vector<TopicPartition>& partitions) const {
        Outcome<Connection*> to = admin.cluster().node(
            node, admin.cluster().deadline(admin.settings().request_timeout_ms));
        if (!to) return all_failed<ListedOffset>(partitions, to.error());
        Outcome<int16_t> version = (*to)->version_of(ListOffsetsRequest::api);
        if (!version) return all_failed<ListedOffset>(partitions, version.error());
        PartitionOutcomes<ListedOffset> all;
        ListOffsetsRequest request{.replica_id = -1,
                                   .isolation_level = read_committed,
                                   .timeout_ms = int32_t(admin.settings().request_timeout_ms)};
        for (const TopicPartition& where : partitions) {
            int64_t timestamp = timestamps.at(where);
            if (auto why = too_new(timestamp, *version, node)) {
                all.emplace(where, failed(*why));
                continue;
            }
            topic_in(request.topics, where.topic)
                .partitions.push_back({.partition_index = PartitionId{where.partition},
                                       .timestamp = timestamp});
        }
        if (request.topics.empty()) return all;
        auto answer = admin.call<ListOffsetsResponse>("listOffsets", Target::of_node(node),
                                                      request, options);
        if (!answer) return all_failed<ListedOffset>(partitions, answer.error());
        for (const auto& topic : answer->topics) {
            for (const auto& from : topic.partitions) {
                Outcome<ListedOffset> one = ListedOffset{.offset = raw(from.offset),
                                                         .timestamp = from.timestamp,
                                                         .leader_epoch = raw(from.leader_epoch)};
                if (from.error_code != ErrorCode::none) one = failed(failure_of(from.error_code));
                all.insert_or_assign({topic.name, raw(from.partition_index)}, std::move(one));
            }
        }
        return all;
    }
};

struct DeleteOrder {
    Admin& admin;
    const std::map<TopicPartition, int64_t>& before;
    CallOptions options;

    PartitionOutcomes<int64_t> ask(int32_t node,
                                   const std::vector<TopicPartition>& partitions) const {
        DeleteRecordsRequest request{.timeout_ms = int32_t(admin.settings().request_timeout_ms)};
        for (const TopicPartition& where : partitions) {
            topic_in(request.topics, where.topic)
                .partitions.push_back({PartitionId{where.partition}, Offset{before.at(where)}});
        }
        auto answer = admin.call<DeleteRecordsResponse>("deleteRecords", Target::of_node(node),
                                                        request, options);
        if (!answer) return all_failed<int64_t>(partitions, answer.error());
        PartitionOutcomes<int64_t> all;
        for (const auto& topic : answer->topics) {
            for (const auto& from : topic.partitions) {
                TopicPartition where{topic.name, raw(from.partition_index)};
                Outcome<int64_t> one = raw(from.low_watermark);
                if (from.error_code != ErrorCode::none) {
                    one = failed(failure_of(from.error_code));
                    if (!is_retriable(from.error_code)) log(where, from.error_code);
                }
                all.insert_or_assign(std::move(where), std::move(one));
            }
        }
        return all;
    }

    void log(const TopicPartition& where, ErrorCode code) const {
        admin.cluster().log_error(
            "DeleteRecords request for topic partition " + to_string(where) +
                " failed due to an unexpected error " + std::string(name(code)),
            "org.apache.kafka.clients.admin.internals.DeleteRecordsHandler");
    }
};

std::set<TopicPartition> keys_of(const std::map<TopicPartition, int64_t>& map) {
    std::set<TopicPartition> keys;
    for (const auto& [where, value] : map) keys.insert(where);
    return keys;
}

}  // namespace

std::map<TopicPartition, Outcome<ListedOffset>> list_offsets(
    Admin& admin, const std::map<TopicPartition, int64_t>& timestamps, bool read_committed,
    CallOptions options) {
    OffsetQuestion question{admin, timestamps, read_committed, options};
    return ask_leaders<ListedOffset>(
        admin, "listOffsets", keys_of(timestamps), options,
        [&](int32_t node, const auto& mine) { return question.ask(node, mine); });
}

std::map<TopicPartition, Outcome<int64_t>> delete_records(
    Admin& admin, const std::map<TopicPartition, int64_t>& before, CallOptions options) {
    DeleteOrder order{admin, before, options};
    return ask_leaders<int64_t>(
        admin, "deleteRecords", keys_of(before), options,
        [&](int32_t node, const auto& mine) { return order.ask(node, mine); });
}

Outcome<std::map<TopicPartition, Outcome<void>>> elect_leaders(
    Admin& admin, ElectionType type, const std::optional<std::set<TopicPartition>>& partitions,
    CallOptions options) {
    ElectLeadersRequest request{.election_type = int8_t(type),
                                .timeout_ms = int32_t(admin.settings().request_timeout_ms)};
    if (!partitions) {
        request.topic_partitions.reset();
    } else {
        for (const TopicPartition& where : *partitions) {
            auto& topics = *request.topic_partitions;
            if (topics.empty() || topics.back().topic != where.topic) {
                topics.push_back({.topic = where.topic});
            }
            topics.back().partitions.push_back(PartitionId{where.partition});
        }
    }
    auto answer = admin.call<ElectLeadersResponse>("electLeaders", Target::controller(), request,
                                                   options);
    if (!answer) return failed(answer.error());
    if (answer->error_code != ErrorCode::none) return failed(failure_of(answer->error_code));
    std::map<TopicPartition, Outcome<void>> all;
    for (const auto& topic : answer->replica_election_results) {
        for (const auto& from : topic.partition_result) {
            Outcome<void> one;
            if (from.error_code != ErrorCode::none) {
                one = failed(failure_of(from.error_code, from.error_message));
            }
            all.insert_or_assign({topic.topic, raw(from.partition_id)}, std::move(one));
        }
    }
    return all;
}

Outcome<std::map<TopicPartition, Reassignment>> list_reassignments(
    Admin& admin, const std::optional<std::set<TopicPartition>>& partitions,
    CallOptions options) {
    ListPartitionReassignmentsRequest request{
        .timeout_ms = int32_t(admin.settings().request_timeout_ms)};
    if (partitions) {
        request.topics.emplace();
        for (const TopicPartition& where : *partitions) {
            topic_in(*request.topics, where.topic)
                .partition_indexes.push_back(PartitionId{where.partition});
        }
    }
    auto answer = admin.call<ListPartitionReassignmentsResponse>(
        "listPartitionReassignments", Target::controller(), request, options);
    if (!answer) return failed(answer.error());
    if (answer->error_code != ErrorCode::none) {
        return failed(failure_of(answer->error_code, answer->error_message));
    }
    std::map<TopicPartition, Reassignment> all;
    for (const auto& topic : answer->topics) {
        for (const auto& from : topic.partitions) {
            all[{topic.name, raw(from.partition_index)}] = {.replicas = from.replicas,
                                                            .adding = from.adding_replicas,
                                                            .removing = from.removing_replicas};
        }
    }
    return all;
}

Outcome<std::map<TopicPartition, Failure>> alter_reassignments(
    Admin& admin, const std::map<TopicPartition, std::optional<std::vector<int32_t>>>& wanted,
    bool allow_replication_factor_change, CallOptions options) {
    AlterPartitionReassignmentsRequest request{
        .timeout_ms = int32_t(admin.settings().request_timeout_ms),
        .allow_replication_factor_change = allow_replication_factor_change};
    for (const auto& [where, replicas] : wanted) {
        topic_in(request.topics, where.topic)
            .partitions.push_back({PartitionId{where.partition}, replicas});
    }
    auto answer = admin.call<AlterPartitionReassignmentsResponse>(
        "alterPartitionReassignments", Target::controller(), request, options);
    if (!answer) return failed(answer.error());
    std::map<TopicPartition, Failure> all;
    for (const auto& topic : answer->responses) {
        for (const auto& from : topic.partitions) {
            ErrorCode code = from.error_code;
            if (answer->error_code != ErrorCode::none) code = answer->error_code;
            if (code == ErrorCode::none) continue;
            all.emplace(TopicPartition{topic.name, raw(from.partition_index)},
                        failure_of(code, from.error_message));
        }
    }
    if (answer->error_code != ErrorCode::none && all.empty()) {
        return failed(failure_of(answer->error_code, answer->error_message));
    }
    return all;
}

}  // namespace stoker::kafka
