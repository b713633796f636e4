// DescribeProducers (61), version 0.
//
// Behaviour: the idempotent producers that a partition remembers (KIP-664).
#include <string>

#include "broker/broker.hpp"
#include "broker/handlers/handlers.hpp"
#include "broker/security/access.hpp"

namespace stoker::broker {

using protocol::DescribeProducersRequest;
using protocol::DescribeProducersResponse;

namespace {

using Answer = DescribeProducersResponse::PartitionResponse;

Answer describe(Broker& broker, const AllowedNames& readable, const std::string& topic_name,
                PartitionId id) {
    Answer answer{.partition_index = id};
    if (auto why = invalid_topic_name(topic_name)) {
        answer.error_code = ErrorCode::invalid_topic_exception;
        answer.error_message = *why;
        return answer;
    }
    if (!readable.contains(topic_name)) {
        answer.error_code = ErrorCode::topic_authorization_failed;
        answer.error_message = authorization_message(answer.error_code);
        return answer;
    }
    auto topic = broker.metadata().find(topic_name);
    auto partition = topic ? topic->partition(id) : nullptr;
    if (!topic) answer.error_message = "This server does not host this topic-partition.";
    if (!partition) {
        answer.error_code = ErrorCode::unknown_topic_or_partition;
        return answer;
    }
    auto log = partition->log();
    if (!log) {
        answer.error_code = log.error();
        return answer;
    }
    for (const storage::ProducerEntry& producer : (*log)->producers()) {
        const storage::ProducerBatch* last = producer.last_batch();
        answer.active_producers.push_back(
            {.producer_id = producer.id,
             .producer_epoch = producer.epoch,
             .last_sequence = last ? last->last_sequence : -1,
             .last_timestamp = producer.last_timestamp_ms,
             .coordinator_epoch = producer.coordinator_epoch,
             .current_txn_start_offset = producer.transaction_start});
    }
    return answer;
}

}  // namespace

void describe_producers(Broker& broker, const Request& request, DescribeProducersRequest asked,
                        Reply<DescribeProducersResponse> reply) {
    DescribeProducersResponse response;
    AllowedNames readable =
        Access(broker, request)
            .filter(Right::describe_producers_topic, asked.topics,
                    [](const auto& topic) -> const std::string& { return topic.name; });
    for (const auto& topic : asked.topics) {
        auto& answer = response.topics.emplace_back();
        answer.name = topic.name;
        for (PartitionId partition : topic.partition_indexes)
            answer.partitions.push_back(describe(broker, readable, topic.name, partition));
    }
    std::move(reply)(response);
}

}  // namespace stoker::broker
