// AddPartitionsToTxn (24), versions 0 to 5.
//
// Behaviour: the partitions become part of the producer's transaction, which begins with the first
// of them (KIP-98); all of them or, when one does not exist, none.
// Version notes: before 2, a fenced producer is told INVALID_PRODUCER_EPOCH. From 4 on it is what
// brokers ask each other: several transactions at once, of transactions version 2, and verify_only
// asks whether partitions are part of one (KIP-890): it needs CLUSTER_ACTION. Before, the sender
// needs WRITE of the transactional id and of every topic.
#include <algorithm>
#include <atomic>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "broker/broker.hpp"
#include "broker/handlers/handlers.hpp"
#include "broker/security/access.hpp"
#include "broker/transaction/transaction_coordinator.hpp"

namespace stoker::broker {

using protocol::AddPartitionsToTxnRequest;
using protocol::AddPartitionsToTxnResponse;

namespace {

constexpr int16_t first_version_with_fenced = 2;
constexpr int16_t first_version_with_batches = 4;

using Asked = AddPartitionsToTxnRequest::Transaction;
using TransactionResult = AddPartitionsToTxnResponse::TransactionResult;

/// The answer while some of its transactions are still being written down. Any thread: each writes
/// only its own result.
struct Pending {
    Pending(Reply<AddPartitionsToTxnResponse> answer, size_t transactions)
        : reply(std::move(answer)), left(transactions), results(transactions) {}

    void settle() {
        if (--left > 0) return;
        AddPartitionsToTxnResponse response;
        if (reply.version() >= first_version_with_batches)
            response.results_by_transaction = std::move(results);
        else
            response.results_by_topic_v3_and_below = std::move(results.front().topic_results);
        std::move(reply)(response);
    }

    Reply<AddPartitionsToTxnResponse> reply;
    std::atomic<size_t> left;
    std::vector<TransactionResult> results;
};

std::vector<Asked> transactions_of(AddPartitionsToTxnRequest& asked, int16_t version) {
    if (version >= first_version_with_batches) return std::move(asked.transactions);
    return {{.transactional_id = std::move(asked.v3_and_below_transactional_id),
             .producer_id = asked.v3_and_below_producer_id,
             .producer_epoch = asked.v3_and_below_producer_epoch,
             .topics = std::move(asked.v3_and_below_topics)}};
}

/// Sorted by topic and partition, each once.
TransactionPartitions partitions_of(const Asked& asked) {
    TransactionPartitions partitions;
    for (const auto& topic : asked.topics)
        for (PartitionId partition : topic.partitions) partitions.insert({topic.name, partition});
    return partitions;
}

template <class CodeOf>
TransactionResult result(const std::string& id, const TransactionPartitions& partitions,
                         CodeOf code_of) {
    TransactionResult result{.transactional_id = id, .topic_results = {}};
    for (const auto& where : partitions) {
        if (result.topic_results.empty() || result.topic_results.back().name != where.topic)
            result.topic_results.push_back({.name = where.topic, .results_by_partition = {}});
        result.topic_results.back().results_by_partition.push_back(
            {.partition_index = where.partition, .partition_error_code = code_of(where)});
    }
    return result;
}

bool exists(Broker& broker, const storage::TopicPartition& where) {
    auto topic = broker.metadata().find(where.topic);
    return topic && topic->partition(where.partition) != nullptr;
}

/// What keeps partitions from being added: none of them is, then. Nothing: all can be.
std::optional<TransactionResult> refuse(Broker& broker, const Access& access, bool by_client,
                                        const Asked& asked,
                                        const TransactionPartitions& partitions) {
    const std::string& id = asked.transactional_id;
    if (by_client && !access.allows(Right::add_partitions_transactional_id, id))
        return result(id, partitions, [](const auto&) {
            return ErrorCode::transactional_id_authorization_failed;
        });
    AllowedNames writable;
    if (by_client)
        writable = access.filter(Right::add_partitions_topic, partitions,
                                 [](const auto& where) -> const std::string& {
                                     return where.topic;
                                 });
    auto verdict = [&](const storage::TopicPartition& where) {
        if (!writable.contains(where.topic)) return ErrorCode::topic_authorization_failed;
        return exists(broker, where) ? ErrorCode::none : ErrorCode::unknown_topic_or_partition;
    };
    bool good = std::ranges::all_of(
        partitions, [&](const auto& where) { return verdict(where) == ErrorCode::none; });
    if (good) return std::nullopt;
    return result(id, partitions, [&](const auto& where) {
        ErrorCode error = verdict(where);
        return error == ErrorCode::none ? ErrorCode::operation_not_attempted : error;
    });
}

void add(Broker& broker, const Access& access, const Asked& asked, uint64_t session_id,
         const std::shared_ptr<Pending>& pending, size_t place) {
    TransactionPartitions partitions = partitions_of(asked);
    bool by_client = pending->reply.version() < first_version_with_batches;
    if (auto refused = refuse(broker, access, by_client, asked, partitions)) {
        pending->results[place] = *std::move(refused);
        return pending->settle();
    }
    if (asked.verify_only) {
        std::vector<storage::TopicPartition> list(partitions.begin(), partitions.end());
        auto verified = [pending, place, id = asked.transactional_id,
                         partitions](std::vector<ErrorCode> codes) {
            auto next = codes.begin();
            pending->results[place] =
                result(id, partitions, [&](const auto&) { return *next++; });
            pending->settle();
        };
        return broker.transactions().verify_partitions(asked.transactional_id, asked.producer_id,
                                                       asked.producer_epoch, std::move(list), false,
                                                       std::move(verified));
    }
    int16_t version = pending->reply.version();
    bool by_broker = version >= first_version_with_batches;
    auto added = [pending, place, version, id = asked.transactional_id,
                  partitions](ErrorCode error) {
        if (error == ErrorCode::producer_fenced && version < first_version_with_fenced)
            error = ErrorCode::invalid_producer_epoch;
        pending->results[place] = result(id, partitions, [&](const auto&) { return error; });
        pending->settle();
    };
    broker.transactions().add_partitions(
        {.transactional_id = asked.transactional_id,
         .producer = {asked.producer_id, asked.producer_epoch},
         .session_id = by_broker ? 0 : session_id},
        partitions, by_broker ? epoch_bump_version : int16_t{0}, std::move(added));
}

}  // namespace

void add_partitions_to_txn(Broker& broker, const Request& request, AddPartitionsToTxnRequest asked,
                           Reply<AddPartitionsToTxnResponse> reply) {
    const Access access(broker, request);
    if (reply.version() >= first_version_with_batches &&
        !access.allows(Right::add_partitions_as_broker))
        return std::move(reply)(
            denied<AddPartitionsToTxnResponse>(Right::add_partitions_as_broker));
    std::vector<Asked> transactions = transactions_of(asked, reply.version());
    if (transactions.empty()) return std::move(reply)({});
    auto pending = std::make_shared<Pending>(std::move(reply), transactions.size());
    for (size_t i = 0; i < transactions.size(); ++i)
        add(broker, access, transactions[i], request.peer.session_id, pending, i);
}

}  // namespace stoker::broker
