#include "kafka/admin_transactions.hpp"

#include <algorithm>

#include "kafka/by_leader.hpp"
#include "protocol/messages/03_metadata.hpp"
#include "protocol/messages/22_init_producer_id.hpp"
#include "protocol/messages/27_write_txn_markers.hpp"

namespace stoker::kafka {
namespace {

using protocol::DescribeProducersRequest;
using protocol::DescribeProducersResponse;
using protocol::DescribeTransactionsRequest;
using protocol::DescribeTransactionsResponse;
using protocol::InitProducerIdRequest;
using protocol::InitProducerIdResponse;
using protocol::ListTransactionsRequest;
using protocol::ListTransactionsResponse;
using protocol::WriteTxnMarkersRequest;
using protocol::WriteTxnMarkersResponse;

/// What Java's client fences with: the shortest time-out there is.
constexpr int32_t fencing_timeout_ms = 1;

PartitionOutcomes<PartitionProducers> ask_producers(Admin& admin, int32_t node,
                                                    const std::vector<TopicPartition>& partitions) {
    DescribeProducersRequest request;
    for (const TopicPartition& where : partitions) {
        if (request.topics.empty() || request.topics.back().name != where.topic) {
            request.topics.push_back({.name = where.topic});
        }
        request.topics.back().partition_indexes.push_back(PartitionId{where.partition});
    }
    auto answer = admin.call<DescribeProducersResponse>("describeProducers",
                                                        Target::of_node(node), request);
    PartitionOutcomes<PartitionProducers> all;
    if (!answer) {
        for (const TopicPartition& where : partitions) all.emplace(where, failed(answer.error()));
        return all;
    }
    for (auto& topic : answer->topics) {
        for (auto& from : topic.partitions) {
            Outcome<PartitionProducers> one = std::move(from.active_producers);
            if (from.error_code != ErrorCode::none) {
                one = failed(failure_of(from.error_code, from.error_message));
            }
            all.insert_or_assign({topic.name, raw(from.partition_index)}, std::move(one));
        }
    }
    return all;
}

/// What the answer says of the one partition; what will not pass, in the words of Java's client.
Outcome<bool> aborted_in(const WriteTxnMarkersResponse& answer, const AbortTransaction& aborted) {
    const std::string request = "WriteTxnMarkers request with " + to_string(aborted) + " failed ";
    if (answer.markers.size() != 1 || answer.markers[0].topics.size() != 1 ||
        answer.markers[0].topics[0].partitions.size() != 1) {
        return failed(failure_of(ErrorCode::unknown_server_error,
                                 "WriteTxnMarkers response included unexpected entries (expected "
                                 "to find exactly one entry with partition " +
                                     to_string(aborted.partition) + ")"));
    }
    const ErrorCode error = answer.markers[0].topics[0].partitions[0].error_code;
    switch (error) {
        case ErrorCode::none: return true;
        case ErrorCode::cluster_authorization_failed:
            return failed(failure_of(error, request + "due to cluster authorization error"));
        case ErrorCode::invalid_producer_epoch:
            return failed(failure_of(error, request + "due an invalid producer epoch"));
        case ErrorCode::transaction_coordinator_fenced:
            return failed(failure_of(error, request + "since the provided coordinator epoch " +
                                                std::to_string(aborted.coordinator_epoch) +
                                                " has been fenced by the active coordinator"));
        case ErrorCode::not_leader_or_follower:
        case ErrorCode::replica_not_available:
        case ErrorCode::broker_not_available:
        case ErrorCode::unknown_topic_or_partition: return failed(failure_of(error));
        default:
            return failed(failure_of(
                error, request + "due to unexpected error: " + failure_of(error).text()));
    }
}

PartitionOutcomes<bool> write_abort(Admin& admin, int32_t node, const AbortTransaction& aborted) {
    WriteTxnMarkersRequest request;
    auto& marker = request.markers.emplace_back();
    marker.producer_id = ProducerId{aborted.producer_id};
    marker.producer_epoch = aborted.producer_epoch;
    marker.coordinator_epoch = aborted.coordinator_epoch;
    marker.topics.push_back({.name = aborted.partition.topic,
                             .partition_indexes = {PartitionId{aborted.partition.partition}}});
    auto answer = admin.call<WriteTxnMarkersResponse>("abortTransaction", Target::of_node(node),
                                                      request);
    PartitionOutcomes<bool> all;
    if (!answer) all.emplace(aborted.partition, failed(answer.error()));
    else all.emplace(aborted.partition, aborted_in(*answer, aborted));
    return all;
}

}  // namespace

Outcome<std::vector<TransactionListing>> list_transactions(Admin& admin,
                                                           const TransactionFilter& filter) {
    auto metadata = admin.call<protocol::MetadataResponse>("listTransactions(api=METADATA)",
                                                           Target::any(),
                                                           protocol::MetadataRequest{});
    if (!metadata) return failed(metadata.error());
    admin.cluster().learn(*metadata);
    ListTransactionsRequest request{.duration_filter = filter.duration_ms,
                                    .transactional_id_pattern = filter.id_pattern};
    for (int64_t id : filter.producer_ids) {
        request.producer_id_filters.push_back(ProducerId{id});
    }
    std::vector<TransactionListing> all;
    for (const Node& node : std::vector(admin.cluster().nodes())) {
        auto answer = admin.call<ListTransactionsResponse>(
            "listTransactions", Target::of_node(node.id), request, {},
            [](const ListTransactionsResponse& r) { return r.error_code; });
        if (!answer) return failed(answer.error());
        if (answer->error_code != ErrorCode::none) return failed(failure_of(answer->error_code));
        for (auto& state : answer->transaction_states) all.push_back({node.id, std::move(state)});
    }
    return all;
}

Outcome<TransactionDescription> describe_transaction(Admin& admin, const std::string& id) {
    auto target = Target::coordinator(CoordinatorType::transaction, id);
    auto answer = admin.call<DescribeTransactionsResponse>(
        "describeTransactions", target, DescribeTransactionsRequest{.transactional_ids = {id}}, {},
        [](const DescribeTransactionsResponse& r) {
            return r.transaction_states.empty() ? ErrorCode::none
                                                : r.transaction_states.front().error_code;
        });
    if (!answer) return failed(answer.error());
    for (auto& state : answer->transaction_states) {
        if (state.transactional_id != id) continue;
        if (state.error_code == ErrorCode::transactional_id_not_found) {
            return failed(failure_of(state.error_code,
                                     "DescribeTransactions request for transactionalId `" + id +
                                         "` failed because the ID could not be found"));
        }
        if (state.error_code != ErrorCode::none) return failed(failure_of(state.error_code));
        auto coordinator = admin.cluster().coordinator(
            CoordinatorType::transaction, id,
            admin.cluster().deadline(admin.settings().request_timeout_ms));
        return TransactionDescription{coordinator.value_or(-1), std::move(state)};
    }
    return failed(failure_of(ErrorCode::unknown_server_error));
}

std::map<TopicPartition, Outcome<PartitionProducers>> describe_producers(
    Admin& admin, const std::set<TopicPartition>& partitions, std::optional<int32_t> broker) {
    if (broker) return ask_producers(admin, *broker, {partitions.begin(), partitions.end()});
    return ask_leaders<PartitionProducers>(
        admin, "describeProducers", partitions, {},
        [&](int32_t node, const auto& mine) { return ask_producers(admin, node, mine); });
}

std::string to_string(const AbortTransaction& transaction) {
    return "AbortTransactionSpec(topicPartition=" + to_string(transaction.partition) +
           ", producerId=" + std::to_string(transaction.producer_id) +
           ", producerEpoch=" + std::to_string(transaction.producer_epoch) +
           ", coordinatorEpoch=" + std::to_string(transaction.coordinator_epoch) + ")";
}

Outcome<void> abort_transaction(Admin& admin, const AbortTransaction& transaction) {
    auto all = ask_leaders<bool>(
        admin, "abortTransaction", {transaction.partition}, {},
        [&](int32_t node, const auto&) { return write_abort(admin, node, transaction); });
    const auto& outcome = all.at(transaction.partition);
    if (!outcome) return failed(outcome.error());
    return {};
}

Outcome<void> force_terminate_transaction(Admin& admin, const std::string& id) {
    InitProducerIdRequest request{.transactional_id = id,
                                  .transaction_timeout_ms = fencing_timeout_ms};
    auto answer = admin.call<InitProducerIdResponse>(
        "fenceProducer", Target::coordinator(CoordinatorType::transaction, id), request, {},
        [](const InitProducerIdResponse& r) { return r.error_code; });
    if (!answer) return failed(answer.error());
    if (answer->error_code != ErrorCode::none) return failed(failure_of(answer->error_code));
    return {};
}

}  // namespace stoker::kafka
