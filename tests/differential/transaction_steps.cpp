// Transactions: three transactional ids, whose requests are mostly right for where they are, and a
// topic of their own, whose offsets both brokers must agree on. Whatever may end a transaction is
// followed by a wait until the reference has told its partitions: it answers before.
#include <algorithm>

#include "batches.hpp"
#include "protocol/messages/00_produce.hpp"
#include "protocol/messages/02_list_offsets.hpp"
#include "protocol/messages/10_find_coordinator.hpp"
#include "protocol/messages/22_init_producer_id.hpp"
#include "protocol/messages/24_add_partitions_to_txn.hpp"
#include "protocol/messages/25_add_offsets_to_txn.hpp"
#include "protocol/messages/26_end_txn.hpp"
#include "protocol/messages/65_describe_transactions.hpp"
#include "protocol/messages/66_list_transactions.hpp"
#include "record/builder.hpp"
#include "steps.hpp"

namespace stoker::differential {

namespace {

using protocol::AddOffsetsToTxnRequest;
using protocol::AddOffsetsToTxnResponse;
using protocol::AddPartitionsToTxnRequest;
using protocol::AddPartitionsToTxnResponse;
using protocol::DescribeTransactionsRequest;
using protocol::DescribeTransactionsResponse;
using protocol::EndTxnRequest;
using protocol::EndTxnResponse;
using protocol::FindCoordinatorRequest;
using protocol::FindCoordinatorResponse;
using protocol::InitProducerIdRequest;
using protocol::InitProducerIdResponse;
using protocol::ListOffsetsRequest;
using protocol::ListOffsetsResponse;
using protocol::ListTransactionsRequest;
using protocol::ListTransactionsResponse;
using protocol::ProduceRequest;
using protocol::ProduceResponse;

/// Longer than any run.
constexpr int32_t timeout_ms = 900'000;
constexpr size_t first_slot = 100;
constexpr int16_t first_end_with_epoch = 5;

size_t draw_id(Duel& duel) { return duel.draw.below(duel.model.transactions.size()); }
std::string id_of(size_t which) { return "tx-" + std::to_string(which); }

struct Drawn {
    std::string id;
    ProducerId producer;
    int16_t epoch;
};
/// Mostly what the id's own producer would say.
Drawn draw_producer(Duel& duel, size_t which) {
    Draw& draw = duel.draw;
    Drawn drawn{id_of(which), producer_symbol(first_slot + which),
                duel.model.transactions[which].epoch};
    if (draw.chance(3)) drawn.id = draw.pick<std::string>({"", "no-such"});
    if (draw.chance(3)) drawn.producer = producer_symbol(first_slot + (which + 1) % 3);
    if (draw.chance(8)) drawn.epoch = int16_t(drawn.epoch + draw.pick({-1, 1}));
    return drawn;
}

/// The reference answers before the partitions know.
void wait_for_end(Duel& duel, size_t which) {
    DescribeTransactionsRequest request{.transactional_ids = {id_of(which)}};
    (void)duel.wait_until<DescribeTransactionsResponse>(
        0, request, [](const DescribeTransactionsResponse& got) {
            return !got.transaction_states.at(0).transaction_state.starts_with("Prepare");
        });
}

void init(Duel& duel) {
    size_t which = draw_id(duel);
    Model::Transactional& known = duel.model.transactions[which];
    InitProducerIdRequest request{.transactional_id = id_of(which),
                                  .transaction_timeout_ms = timeout_ms};
    if (duel.draw.chance(5)) request.transaction_timeout_ms = duel.draw.pick({0, -1, INT32_MAX});
    // A late one while a transaction is open is fenced by us; the reference aborts.
    if (known.known && !known.open && duel.draw.chance(40)) {
        Drawn drawn = draw_producer(duel, which);
        request.producer_id = drawn.producer;
        request.producer_epoch = drawn.epoch;
    }
    duel.exchange<InitProducerIdResponse>(
        request, [&](World& world, const InitProducerIdResponse& got) {
            if (got.error_code == ErrorCode::none) {
                world.learn_producer(first_slot + which, got.producer_id);
            }
            if (!world.is_reference()) return;
            if (got.error_code == ErrorCode::concurrent_transactions) known.open = false;
            if (got.error_code != ErrorCode::none) return;
            known = {.known = true, .epoch = got.producer_epoch};
        });
    wait_for_end(duel, which);
}

std::vector<PartitionId> draw_partitions(Draw& draw) {
    std::vector<PartitionId> partitions{PartitionId(int32_t(draw.below(2)))};
    if (draw.chance(20)) partitions.push_back(PartitionId{1 - raw(partitions[0])});
    if (draw.chance(4)) partitions.push_back(PartitionId{7});
    return partitions;
}

void add_partitions(Duel& duel) {
    Draw& draw = duel.draw;
    size_t which = draw_id(duel);
    Drawn drawn = draw_producer(duel, which);
    std::string topic(draw.chance(96) ? transaction_topic : "no-such-topic");
    std::vector<PartitionId> partitions = draw_partitions(draw);
    AddPartitionsToTxnRequest request;
    request.transactions.push_back({.transactional_id = drawn.id,
                                    .producer_id = drawn.producer,
                                    .producer_epoch = drawn.epoch,
                                    .verify_only = draw.chance(50),
                                    .topics = {{topic, partitions}}});
    request.v3_and_below_transactional_id = drawn.id;
    request.v3_and_below_producer_id = drawn.producer;
    request.v3_and_below_producer_epoch = drawn.epoch;
    request.v3_and_below_topics = {{topic, partitions}};
    int16_t version = duel.draw_version(AddPartitionsToTxnRequest::api);
    duel.exchange_in<AddPartitionsToTxnResponse>(
        version, request, [&](World& world, const AddPartitionsToTxnResponse& got) {
            if (!world.is_reference() || got.results_by_topic_v3_and_below.empty()) return;
            const auto& first = got.results_by_topic_v3_and_below[0].results_by_partition.at(0);
            if (first.partition_error_code == ErrorCode::none)
                duel.model.transactions[which].open = true;
        });
    bool opens = version > 3 && !request.transactions[0].verify_only;
    if (opens) duel.model.transactions[which].open = true;
}

void add_offsets(Duel& duel) {
    size_t which = draw_id(duel);
    Drawn drawn = draw_producer(duel, which);
    AddOffsetsToTxnRequest request{.transactional_id = drawn.id,
                                   .producer_id = drawn.producer,
                                   .producer_epoch = drawn.epoch,
                                   .group_id = duel.draw.group()};
    duel.exchange<AddOffsetsToTxnResponse>(
        request, [&](World& world, const AddOffsetsToTxnResponse& got) {
            if (world.is_reference() && got.error_code == ErrorCode::none)
                duel.model.transactions[which].open = true;
        });
}

void end_transaction(Duel& duel) {
    size_t which = draw_id(duel);
    Model::Transactional& known = duel.model.transactions[which];
    Drawn drawn = draw_producer(duel, which);
    EndTxnRequest request{.transactional_id = drawn.id,
                          .producer_id = drawn.producer,
                          .producer_epoch = drawn.epoch,
                          .committed = duel.draw.chance(60)};
    int16_t version = duel.draw_version(EndTxnRequest::api);
    duel.exchange_in<EndTxnResponse>(
        version, request, [&](World& world, const EndTxnResponse& got) {
            if (got.error_code != ErrorCode::none || !world.is_reference()) return;
            known.open = false;
            if (version < first_end_with_epoch || got.producer_epoch == known.epoch) return;
            known.epoch = got.producer_epoch;
            known.next_sequence.clear();
        });
    wait_for_end(duel, which);
}

/// A few records, in versions that ask the coordinator and in such that add the partition. Not with
/// a sequence that is ahead: what the reference makes of it depends on what it asked before.
void produce(Duel& duel) {
    Draw& draw = duel.draw;
    size_t which = draw_id(duel);
    Model::Transactional& known = duel.model.transactions[which];
    if (!known.known) return;
    Drawn drawn = draw_producer(duel, which);
    auto partition = int32_t(draw.below(2));
    record::BatchBuilder builder({.producer_id = drawn.producer,
                                  .producer_epoch = std::max(drawn.epoch, int16_t{0}),
                                  .base_sequence = known.next_sequence[partition],
                                  .transactional = true});
    builder.append(base_time_ms(), std::nullopt, bytes_of("worth"));
    ProduceRequest request{.transactional_id = drawn.id, .acks = -1, .timeout_ms = 30'000};
    auto& topic = request.topic_data.emplace_back();
    topic.name = transaction_topic;
    topic.topic_id = topic_symbol(transaction_topic, 0);
    topic.partition_data.push_back({.index = PartitionId{partition},
                                    .records = duel.keep(std::move(builder).build())});
    int16_t version = duel.draw_version(ProduceRequest::api);
    duel.exchange_in<ProduceResponse>(
        version, request, [&](World& world, const ProduceResponse& got) {
            if (!world.is_reference() || got.responses.empty()) return;
            if (got.responses[0].partition_responses.at(0).error_code != ErrorCode::none) return;
            ++known.next_sequence[partition];
            known.open = true;
        });
}

void list_offsets(Duel& duel) {
    ListOffsetsRequest request{.isolation_level = int8_t(duel.draw.below(2)),
                               .topics = {{.name = std::string(transaction_topic)}}};
    for (int32_t partition : {0, 1}) {
        request.topics[0].partitions.push_back(
            {.partition_index = PartitionId{partition}, .timestamp = -1});
    }
    duel.exchange<ListOffsetsResponse>(request);
}

void describe(Duel& duel) {
    DescribeTransactionsRequest request{
        .transactional_ids = {
            duel.draw.pick<std::string>({"", "no-such", "tx-0", "tx-1", "tx-2"})}};
    duel.exchange<DescribeTransactionsResponse>(request);
}

void list(Duel& duel) {
    Draw& draw = duel.draw;
    ListTransactionsRequest request;
    if (draw.chance(40)) {
        request.state_filters = {
            draw.pick<std::string>({"Ongoing", "Empty", "CompleteCommit", "Dead", "Nonsense"})};
    }
    if (draw.chance(30)) {
        request.producer_id_filters = {producer_symbol(first_slot + draw.below(3)), ProducerId{-1}};
    }
    if (draw.chance(30)) request.duration_filter = draw.pick<int64_t>({0, -5, 900'000'000});
    if (draw.chance(40)) {
        request.transactional_id_pattern = draw.pick<std::string>({"", "tx-.*", "tx", "(", "[a"});
    }
    duel.exchange<ListTransactionsResponse>(request);
}

void find_coordinator(Duel& duel) {
    FindCoordinatorRequest request{.key = id_of(draw_id(duel)), .key_type = 1};
    request.coordinator_keys = {id_of(0), id_of(2)};
    duel.exchange<FindCoordinatorResponse>(request);
}

}  // namespace

std::vector<StepKind> transaction_steps() {
    return {
        {22, "init transactions", 8, init},
        {24, "add partitions to transaction", 10, add_partitions},
        {25, "add offsets to transaction", 3, add_offsets},
        {0, "produce in transaction", 10, produce},
        {26, "end transaction", 12, end_transaction},
        {2, "list offsets of transactions", 4, list_offsets},
        {65, "describe transactions", 5, describe},
        {66, "list transactions", 4, list},
        {10, "find transaction coordinator", 1, find_coordinator},
    };
}

}  // namespace stoker::differential
