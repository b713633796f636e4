#include "kafka/admin_transactions.hpp"

#include <algorithm>

#include "kafka/by_leader.hpp"
#include "protocol/messages/03_metadata.hpp"
#include "protocol/messages/22_init_producer_id.hpp"

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
