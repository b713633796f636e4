// What producers and consumers ask.
#include "batches.hpp"
#include "protocol/messages/00_produce.hpp"
#include "protocol/messages/01_fetch.hpp"
#include "protocol/messages/02_list_offsets.hpp"
#include "protocol/messages/21_delete_records.hpp"
#include "protocol/messages/22_init_producer_id.hpp"
#include "protocol/messages/23_offset_for_leader_epoch.hpp"
#include "protocol/messages/61_describe_producers.hpp"
#include "steps.hpp"

namespace stoker::differential {

namespace {

using protocol::DeleteRecordsRequest;
using protocol::DeleteRecordsResponse;
using protocol::DescribeProducersRequest;
using protocol::DescribeProducersResponse;
using protocol::FetchRequest;
using protocol::FetchResponse;
using protocol::InitProducerIdRequest;
using protocol::InitProducerIdResponse;
using protocol::ListOffsetsRequest;
using protocol::ListOffsetsResponse;
using protocol::OffsetForLeaderEpochRequest;
using protocol::OffsetForLeaderEpochResponse;
using protocol::ProduceRequest;
using protocol::ProduceResponse;
using protocol::Records;

/// Mostly that of the topic, at times an older one or one that nobody has.
Uuid draw_topic_id(Draw& draw, const std::string& topic) {
    if (draw.chance(3)) return topic_symbol("no " + topic, 0);
    return topic_symbol(topic, draw.chance(5) ? 1 : 0);
}

void learn_sequences(Duel& duel, const ProduceRequest& request, const ProduceResponse& response,
                     const std::vector<DrawnBatch>& batches) {
    size_t at = 0;
    for (const auto& topic : request.topic_data) {
        for (const auto& partition : topic.partition_data) {
            const DrawnBatch& batch = batches[at++];
            if (batch.producer < 0 || !batch.spoilt.empty()) continue;
            for (const auto& answered : response.responses) {
                if (answered.name != topic.name && answered.topic_id.is_zero()) continue;
                for (const auto& result : answered.partition_responses) {
                    if (result.index != partition.index || result.error_code != ErrorCode::none) {
                        continue;
                    }
                    duel.model.producers[size_t(batch.producer)]
                        .next_sequence[{topic.name, raw(partition.index)}] =
                        batch.base_sequence + batch.record_count;
                }
            }
        }
    }
}

void produce(Duel& duel) {
    Draw& draw = duel.draw;
    ProduceRequest request;
    request.acks = draw.chance(85) ? draw.pick<int16_t>({-1, 1}) : draw.pick<int16_t>({0, 2, -2});
    request.timeout_ms = draw.pick({0, 1000, 30'000});
    if (draw.chance(2)) request.transactional_id = "no-such-transaction";
    std::vector<DrawnBatch> batches;
    std::string spoilt;
    // One topic, so that what is known of sequences stays simple; two partitions at times.
    ProduceRequest::TopicProduceData topic{.name = draw.topic(duel.model)};
    topic.topic_id = draw_topic_id(draw, topic.name);
    PartitionId first = draw.partition(duel.model, topic.name);
    for (int i = draw.chance(15) ? 2 : 1; i > 0; --i) {
        PartitionId index{raw(first) + i - 1};
        DrawnBatch batch = draw_batch(draw, duel.model, topic.name, index);
        spoilt += batch.spoilt + ";";
        std::optional<Records> records = duel.keep(batch.bytes);
        // Not null: the reference does not answer then.
        if (draw.chance(2)) records = Records{};
        topic.partition_data.push_back({.index = index, .records = records});
        batches.push_back(std::move(batch));
    }
    request.topic_data.push_back(std::move(topic));
    duel.note(spoilt);
    if (request.acks == 0) {
        duel.send(request);
        return;
    }
    duel.exchange<ProduceResponse>(request, [&](World& world, const ProduceResponse& response) {
        if (world.is_reference()) learn_sequences(duel, request, response, batches);
    });
}

FetchRequest::FetchTopic draw_fetch_topic(Duel& duel, const std::string& name) {
    Draw& draw = duel.draw;
    FetchRequest::FetchTopic topic{.topic = name, .topic_id = draw_topic_id(draw, name)};
    for (size_t i = 1 + draw.below(2); i > 0; --i) {
        PartitionId index = draw.partition(duel.model, name);
        bool twice = false;
        for (const auto& other : topic.partitions) twice = twice || other.partition == index;
        if (twice) continue;
        topic.partitions.push_back({
            .partition = index,
            .current_leader_epoch = draw.epoch(),
            .fetch_offset = draw.offset(),
            .last_fetched_epoch = draw.chance(90) ? LeaderEpoch::none : draw.epoch(),
            .partition_max_bytes = draw.pick({1 << 20, 1 << 20, 1, 0, 200}),
        });
    }
    return topic;
}

void draw_fetch_session(Duel& duel, FetchRequest& request, int& slot) {
    Draw& draw = duel.draw;
    slot = int(draw.below(duel.model.sessions.size()));
    const Model::Session& session = duel.model.sessions[size_t(slot)];
    if (draw.chance(50)) {
        slot = -1;  // without one
        request.session_epoch = -1;
        if (draw.chance(10)) request.session_id = 12'345;
    } else if (!session.open || draw.chance(20)) {
        request.session_epoch = 0;
        request.session_id = 0;
    } else {
        request.session_id = session_symbol(size_t(slot));
        request.session_epoch = session.next_epoch;
        if (draw.chance(10)) request.session_epoch = draw.pick({session.next_epoch + 1, 0, -1, -7});
        if (draw.chance(40)) request.topics.clear();
        if (draw.chance(20)) {
            std::string name = draw.topic(duel.model);
            request.forgotten_topics_data.push_back(
                {.topic = name, .topic_id = draw_topic_id(draw, name),
                 .partitions = {draw.partition(duel.model, name)}});
        }
    }
}

void fetch(Duel& duel) {
    Draw& draw = duel.draw;
    FetchRequest request;
    request.max_wait_ms = draw.pick({0, 1, 20});
    request.min_bytes = draw.pick({0, 1, 1, 1000});
    // Nothing between: the reference takes part of a batch off the room of those that follow.
    request.max_bytes = draw.pick({50 << 20, 50 << 20, 1, 0});
    request.isolation_level = draw.pick<int8_t>({0, 0, 1});
    bool is_follower = draw.chance(2);
    if (is_follower) request.replica_id = request.replica_state.replica_id = 1;
    std::set<std::string> names;
    for (size_t i = 1 + draw.below(2); i > 0; --i) names.insert(draw.topic(duel.model));
    for (const std::string& name : names) request.topics.push_back(draw_fetch_topic(duel, name));
    int slot = -1;
    if (is_follower) request.session_epoch = -1;
    else draw_fetch_session(duel, request, slot);
    constexpr int16_t sessions_since = 7, ids_since = 13;
    int16_t version = duel.draw_version(FetchRequest::api);
    if (slot >= 0) {
        Model::Session& session = duel.model.sessions[size_t(slot)];
        if (version < sessions_since) slot = -1;
        else if (session.open && request.session_id != 0 &&
                 session.by_id != (version >= ids_since) && draw.chance(80)) {
            version = duel.draw_version(FetchRequest::api) >= ids_since ? ids_since : ids_since - 1;
        }
    }
    duel.exchange_in<FetchResponse>(version, request, [&](World& world, const FetchResponse& got) {
        if (slot < 0) return;
        Model::Session& session = duel.model.sessions[size_t(slot)];
        if (got.error_code == ErrorCode::none && request.session_epoch == 0) {
            world.learn_session(size_t(slot), got.session_id);
        }
        if (!world.is_reference() || got.error_code != ErrorCode::none) return;
        session.open = got.session_id != 0;
        session.by_id = version >= ids_since;
        session.next_epoch = request.session_epoch + 1;
    });
}

void list_offsets(Duel& duel) {
    Draw& draw = duel.draw;
    ListOffsetsRequest request;
    request.replica_id = draw.chance(95) ? -1 : draw.pick({-2, 0, 1});
    request.isolation_level = draw.pick<int8_t>({0, 1});
    request.timeout_ms = 1000;
    std::string name = draw.topic(duel.model);
    ListOffsetsRequest::ListOffsetsTopic topic{.name = name};
    for (size_t i = 1 + draw.below(2); i > 0; --i) {
        int64_t timestamp = draw.chance(50) ? draw.between(-7, -1)
                                            : base_time_ms() + draw.between(-100, 2100);
        topic.partitions.push_back({.partition_index = draw.partition(duel.model, name),
                                    .current_leader_epoch = draw.epoch(),
                                    .timestamp = timestamp});
    }
    request.topics.push_back(std::move(topic));
    duel.exchange<ListOffsetsResponse>(request);
}

void delete_records(Duel& duel) {
    Draw& draw = duel.draw;
    std::string name = draw.topic(duel.model);
    DeleteRecordsRequest request{.timeout_ms = 5000};
    Offset offset = draw.chance(70) ? Offset{draw.between(0, 4)} : draw.offset();
    request.topics.push_back(
        {.name = name,
         .partitions = {{.partition_index = draw.partition(duel.model, name), .offset = offset}}});
    duel.exchange<DeleteRecordsResponse>(request);
}

void init_producer_id(Duel& duel) {
    Draw& draw = duel.draw;
    size_t slot = draw.below(duel.model.producers.size());
    const Model::Producer& producer = duel.model.producers[slot];
    InitProducerIdRequest request;
    request.transactional_id = draw.chance(97) ? std::optional<std::string>() : "";
    request.transaction_timeout_ms = draw.pick({0, 60'000, -1});
    if (producer.known && draw.chance(50)) {
        request.producer_id = producer_symbol(slot);
        request.producer_epoch = int16_t(producer.epoch + draw.pick({0, 0, -1, 1}));
    } else if (draw.chance(10)) {
        request.producer_id = ProducerId{draw.pick<int64_t>({-1, 5, 777'777})};
        request.producer_epoch = draw.pick<int16_t>({-1, 0, 32'767});
    }
    using Response = InitProducerIdResponse;
    duel.exchange<Response>(request, [&](World& world, const Response& got) {
        if (got.error_code != ErrorCode::none) return;
        world.learn_producer(slot, got.producer_id);
        if (world.is_reference()) {
            duel.model.producers[slot] = {.known = true, .epoch = got.producer_epoch};
        }
    });
}

void offset_for_leader_epoch(Duel& duel) {
    Draw& draw = duel.draw;
    std::string name = draw.topic(duel.model);
    OffsetForLeaderEpochRequest request{.replica_id = draw.chance(90) ? -1 : draw.pick({-2, 1})};
    request.topics.push_back(
        {.topic = name,
         .partitions = {{.partition = draw.partition(duel.model, name),
                         .current_leader_epoch = draw.epoch(),
                         .leader_epoch = LeaderEpoch{draw.pick({-1, 0, 0, 1, 5, INT32_MAX})}}}});
    duel.exchange<OffsetForLeaderEpochResponse>(request);
}

void describe_producers(Duel& duel) {
    Draw& draw = duel.draw;
    DescribeProducersRequest request;
    std::string name = draw.topic(duel.model);
    request.topics.push_back(
        {.name = name,
         .partition_indexes = {draw.partition(duel.model, name), PartitionId{0}}});
    if (request.topics[0].partition_indexes[0] == PartitionId{0}) {
        request.topics[0].partition_indexes.pop_back();
    }
    duel.exchange<DescribeProducersResponse>(request);
}

}  // namespace

std::vector<StepKind> data_steps() {
    return {
        {0, "produce", 30, produce},
        {1, "fetch", 25, fetch},
        {2, "list offsets", 10, list_offsets},
        {21, "delete records", 3, delete_records},
        {22, "init producer id", 4, init_producer_id},
        {23, "offset for leader epoch", 4, offset_for_leader_epoch},
        {61, "describe producers", 4, describe_producers},
    };
}

}  // namespace stoker::differential
