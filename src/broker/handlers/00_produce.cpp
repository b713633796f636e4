// Produce (0), versions 3 to 13; advertised from 0, because librdkafka before 2.12 stops
// compressing when it sees no version below 3.
//
// Behaviour: checks each partition's batch against the topic's rules, appends it, and answers when
// it is as durable as the topic wants (durability classes, docs/ARCHITECTURE.md §7). acks=0 gets no
// answer; an error then closes the connection, which is all such a client can notice. On one node
// acks=1 and acks=all are the same, and as many replicas are in sync as there can be, whatever
// min.insync.replicas says.
// Version notes: topics have ids from 13; zstd from 7; record errors from 8.
// Left out: transactional batches.
#include <atomic>
#include <memory>
#include <optional>
#include <utility>

#include "broker/broker.hpp"
#include "broker/handlers/handlers.hpp"
#include "broker/produce/batch_rules.hpp"
#include "broker/security/access.hpp"

namespace stoker::broker {

using protocol::ProduceRequest;
using protocol::ProduceResponse;

namespace {

constexpr int16_t first_version_with_topic_ids = 13;

/// An answer that waits until the last of its partitions is durable.
class PendingProduce {
public:
    PendingProduce(ProduceResponse response, Reply<ProduceResponse> reply, int16_t acks)
        : response_(std::move(response)), reply_(std::move(reply)), acks_(acks) {}

    ProduceResponse& response() { return response_; }
    void expect_one() { ++outstanding_; }

    /// Each slot belongs to one partition, so no two threads write the same.
    void settle(ProduceResponse::PartitionProduceResponse& slot, ErrorCode error) {
        if (error != ErrorCode::none) {
            slot.error_code = error;
            slot.base_offset = Offset{-1};
        }
        one_done();
    }
    void one_done() {
        if (--outstanding_ == 0) answer();
    }

private:
    void answer() {
        if (acks_ != 0) return std::move(reply_)(response_);
        for (const auto& topic : response_.responses)
            for (const auto& partition : topic.partition_responses)
                if (partition.error_code != ErrorCode::none)
                    return std::move(reply_).close("a produce request with acks=0 failed: " +
                                                   std::string(name(partition.error_code)));
        std::move(reply_).none();
    }

    ProduceResponse response_;
    Reply<ProduceResponse> reply_;
    int16_t acks_;
    std::atomic<int> outstanding_ = 1;  // the handler itself, until it has gone through all
};

class Producing {
public:
    Producing(Broker& broker, const Access& access, const ProduceRequest& asked, int16_t version)
        : broker_(broker), asked_(asked), version_(version), writable_(writable(access)) {}

    void append(const ProduceRequest::TopicProduceData& topic, std::shared_ptr<PendingProduce> all,
                ProduceResponse::TopicProduceResponse& answer) {
        TopicPointer found = version_ >= first_version_with_topic_ids
                                 ? broker_.metadata().find(topic.topic_id)
                                 : broker_.metadata().find(topic.name);
        // Whether there is a topic of that name is told only to who may know; ids are no secret.
        if ((found || version_ < first_version_with_topic_ids) &&
            !writable_.contains(found ? found->name : topic.name)) {
            for (auto& slot : answer.partition_responses)
                refuse(slot, {.code = ErrorCode::topic_authorization_failed});
            return;
        }
        for (size_t i = 0; i < topic.partition_data.size(); ++i)
            append_partition(found, topic.partition_data[i], all, answer.partition_responses[i]);
    }

    using Slot = ProduceResponse::PartitionProduceResponse;
    static void refuse(Slot& slot, BatchRefusal refusal) {
        slot.error_code = refusal.code;
        slot.base_offset = Offset{-1};
        slot.record_errors = std::move(refusal.record_errors);
        if (!refusal.message.empty()) slot.error_message = std::move(refusal.message);
    }

private:
    AllowedNames writable(const Access& access) const {
        if (!access.enforced()) return {};
        std::vector<std::string> names;
        for (const auto& topic : asked_.topic_data) {
            if (version_ < first_version_with_topic_ids) names.push_back(topic.name);
            else if (auto found = broker_.metadata().find(topic.topic_id))
                names.push_back(found->name);
        }
        return access.filter(Right::produce_topic, names, std::identity{});
    }

    void append_partition(const TopicPointer& topic,
                          const ProduceRequest::PartitionProduceData& data,
                          const std::shared_ptr<PendingProduce>& all, Slot& slot) {
        ErrorCode error = refuse_target(topic, data.index);
        if (error != ErrorCode::none) return refuse(slot, {.code = error});
        auto partition = topic->partition(data.index);
        ProduceContext context{.version = version_,
                               .now_ms = broker_.clock().wall_ms(),
                               .partition = topic->name + "-" + std::to_string(raw(data.index))};
        MutableByteView records = data.records ? data.records->bytes : MutableByteView{};
        auto size = check_shape(records, context);
        if (!size) return refuse(slot, std::move(size.error()));
        if (asked_.acks < -1 || asked_.acks > 1)
            return refuse(slot, {.code = ErrorCode::invalid_required_acks});
        auto batch = accept_batch(records.first(*size), topic->settings, context);
        if (!batch) {
            slot.log_start_offset = told_log_start(*partition, batch.error().code);
            return refuse(slot, std::move(batch.error()));
        }
        auto appended = partition->append(
            batch->bytes,
            {.now_ms = context.now_ms, .log_append_time = topic->settings.log_append_time});
        if (!appended) {
            slot.log_start_offset = told_log_start(*partition, appended.error());
            return refuse(slot, {.code = appended.error()});
        }
        slot.base_offset = appended->base_offset;
        slot.log_append_time_ms = appended->log_append_time_ms;
        slot.log_start_offset = appended->log_start_offset;
        all->expect_one();
        partition->when_durable(appended->last_offset + 1,
                                [all, &slot](ErrorCode durable) { all->settle(slot, durable); });
    }

    /// Upstream tells it with what its validation refuses, not with what fails before.
    static Offset told_log_start(Partition& partition, ErrorCode error) {
        switch (error) {
            case ErrorCode::corrupt_message:
            case ErrorCode::message_too_large:
            case ErrorCode::kafka_storage_error: return Offset{-1};
            default: return partition.log_start();
        }
    }

    ErrorCode refuse_target(const TopicPointer& topic, PartitionId partition) const {
        if (!topic)
            return version_ >= first_version_with_topic_ids ? ErrorCode::unknown_topic_id
                                                            : ErrorCode::unknown_topic_or_partition;
        if (!topic->partition(partition)) return ErrorCode::unknown_topic_or_partition;
        if (topic->internal()) return ErrorCode::invalid_topic_exception;
        return ErrorCode::none;
    }

    Broker& broker_;
    const ProduceRequest& asked_;
    int16_t version_;
    AllowedNames writable_;
};

/// What refuses the whole request, before any of its topics is looked at.
std::optional<BatchRefusal> refuse_all(const ProduceRequest& asked, const Access& access) {
    bool transactional = false;
    for (const auto& topic : asked.topic_data)
        for (const auto& partition : topic.partition_data) {
            if (!partition.records) continue;
            auto first = scan_first_batch(partition.records->bytes);
            if (!first) return std::move(first.error());
            transactional = transactional || first->transactional;
        }
    if (transactional &&
        (!asked.transactional_id ||
         !access.allows(Right::produce_transactional_id, *asked.transactional_id)))
        return BatchRefusal{.code = ErrorCode::transactional_id_authorization_failed};
    return std::nullopt;
}

/// The answer's skeleton: every partition asked for has a slot whose address does not change.
ProduceResponse slots_for(const ProduceRequest& asked) {
    ProduceResponse response;
    for (const auto& topic : asked.topic_data) {
        auto& answer = response.responses.emplace_back();
        answer.name = topic.name;
        answer.topic_id = topic.topic_id;
        for (const auto& partition : topic.partition_data)
            answer.partition_responses.push_back({.index = partition.index});
    }
    return response;
}

}  // namespace

void produce(Broker& broker, const Request& request, ProduceRequest asked,
             Reply<ProduceResponse> reply) {
    int16_t version = reply.version();
    auto pending = std::make_shared<PendingProduce>(slots_for(asked), std::move(reply), asked.acks);
    const Access access(broker, request);
    if (auto refusal = refuse_all(asked, access)) {
        for (auto& topic : pending->response().responses)
            for (auto& slot : topic.partition_responses) Producing::refuse(slot, *refusal);
        return pending->one_done();
    }
    Producing producing(broker, access, asked, version);
    for (size_t i = 0; i < asked.topic_data.size(); ++i) {
        producing.append(asked.topic_data[i], pending, pending->response().responses[i]);
    }
    pending->one_done();
}

}  // namespace stoker::broker
