#include "kafka/producer.hpp"

#include <gtest/gtest.h>

#include "kafka/scripted_broker.hpp"
#include "protocol/messages/22_init_producer_id.hpp"

namespace stoker::kafka {
namespace {

using protocol::InitProducerIdRequest;
using protocol::InitProducerIdResponse;
using protocol::MetadataRequest;
using protocol::MetadataResponse;
using protocol::ProduceRequest;
using protocol::ProduceResponse;

constexpr Uuid topic_id{{std::byte{7}}};

/// What a batch of a request was stamped with and how many records it has.
struct SeenBatch {
    int32_t partition;
    record::BatchHeader header;
};

/// A broker with a topic "t" that answers Produce with the codes of a list, then with none.
class ProducerTest : public testing::Test {
protected:
    std::vector<ErrorCode> codes;
    int32_t partitions = 1;
    int hang_ups = 0;
    std::map<std::pair<ProducerId, PartitionId>, int32_t> next_sequence;
    Guarded<std::vector<SeenBatch>> seen;
    ErrorCode topic_error = ErrorCode::none;
    std::string failures;
    std::vector<int64_t> delivered;
    std::vector<int64_t> offsets;
    SystemClock clock;
    std::string logged;
    Log log{clock, [this](std::string_view line) { logged += line; }};
    int64_t producer_ids = 0;
    ScriptedBroker broker{
        {{MetadataRequest::api.key, [this](const auto& r) { return metadata(r); }},
         {InitProducerIdRequest::api.key, [this](const auto& r) { return identify(r); }},
         {ProduceRequest::api.key, [this](const auto& r) { return produce(r); }}}};

    std::unique_ptr<Producer> make(std::map<std::string, std::string, std::less<>> more = {}) {
        ClientProperties properties(std::move(more));
        properties.set("bootstrap.servers", broker.server());
        properties.set_default("retry.backoff.ms", "1");
        auto made = Producer::create(properties, log, clock, [this](const Delivery& delivery) {
            for (size_t i = 0; i < delivery.tags.size(); ++i) {
                if (delivery.failure != nullptr) {
                    failures += delivery.failure->to_string() + "\n";
                    continue;
                }
                delivered.push_back(delivery.tags[i]);
                offsets.push_back(raw(delivery.base_offset) + int64_t(i));
            }
        });
        return value_or_throw(std::move(made));
    }

private:
    std::optional<Bytes> identify(const ScriptedRequest& request) {
        return request.answer(InitProducerIdResponse{.producer_id = ProducerId{++producer_ids},
                                                     .producer_epoch = 0});
    }

    std::optional<Bytes> metadata(const ScriptedRequest& request) {
        MetadataResponse response = broker.this_node();
        MetadataResponse::MetadataResponseTopic topic{
            .error_code = topic_error, .name = "t", .topic_id = topic_id};
        for (int32_t i = 0; i < partitions && topic_error == ErrorCode::none; ++i) {
            topic.partitions.push_back({.partition_index = PartitionId{i}, .leader_id = 1});
        }
        response.topics.push_back(std::move(topic));
        return request.answer(response);
    }

    std::optional<Bytes> produce(const ScriptedRequest& request) {
        if (hang_ups > 0) {
            --hang_ups;
            return std::nullopt;
        }
        const auto asked = request.decode<ProduceRequest>();
        ProduceResponse response;
        for (const auto& topic : asked.topic_data) {
            response.responses.push_back({.name = topic.name, .topic_id = topic.topic_id});
            for (const auto& partition : topic.partition_data) {
                const auto header = record::validate(partition.records->bytes);
                if (!header) return std::nullopt;
                ErrorCode code = ErrorCode::none;
                if (!codes.empty()) {
                    code = codes.front();
                    codes.erase(codes.begin());
                }
                // As a broker does, for each new producer id.
                int32_t& expected = next_sequence[{header->producer_id, partition.index}];
                if (code == ErrorCode::none && header->has_producer_id() &&
                    header->base_sequence != expected) {
                    code = ErrorCode::out_of_order_sequence_number;
                }
                if (code == ErrorCode::none) {
                    expected += header->record_count;
                    seen.lock()->push_back({raw(partition.index), *header});
                }
                response.responses.back().partition_responses.push_back(
                    {.index = partition.index, .error_code = code, .base_offset = Offset{100}});
            }
        }
        return request.answer(response);
    }
};

TEST_F(ProducerTest, records_of_one_partition_travel_together_and_come_back_with_offsets) {
    auto producer = make({{"linger.ms", "1000"}});
    for (int64_t i = 0; i < 3; ++i) {
        ASSERT_TRUE(producer->send({.topic = "t", .value = bytes_of("v")}, i));
    }
    producer->flush();
    EXPECT_EQ(delivered, (std::vector<int64_t>{0, 1, 2}));
    EXPECT_EQ(offsets, (std::vector<int64_t>{100, 101, 102}));
    EXPECT_EQ(seen.lock()->size(), 1u);
    EXPECT_TRUE(producer->idle());
}

TEST_F(ProducerTest, batches_are_numbered_by_producer_id_and_sequence) {
    auto producer = make({{"batch.size", "100"}});
    for (int64_t i = 0; i < 4; ++i) {
        ASSERT_TRUE(producer->send({.topic = "t", .value = bytes_of(std::string(20, 'v'))}, i));
    }
    producer->flush();
    const auto batches = *seen.lock();
    ASSERT_EQ(batches.size(), 4u);
    for (size_t i = 0; i < batches.size(); ++i) {
        EXPECT_EQ(raw(batches[i].header.producer_id), 1);
        EXPECT_EQ(batches[i].header.base_sequence, int32_t(i));
    }
}

TEST_F(ProducerTest, keys_choose_the_partition_as_javas_do) {
    partitions = 5;
    auto producer = make();
    ASSERT_TRUE(producer->send({.topic = "t", .key = bytes_of("k1"), .value = bytes_of("v")}));
    producer->flush();
    ASSERT_EQ(seen.lock()->size(), 1u);
    EXPECT_EQ(seen.lock()->front().partition, partition_for_key(bytes_of("k1"), 5));
}

TEST_F(ProducerTest, what_may_help_is_tried_again_in_order) {
    codes = {ErrorCode::not_leader_or_follower, ErrorCode::kafka_storage_error};
    auto producer = make({{"batch.size", "1"}});
    ASSERT_TRUE(producer->send({.topic = "t", .value = bytes_of("a")}, 1));
    ASSERT_TRUE(producer->send({.topic = "t", .value = bytes_of("b")}, 2));
    producer->flush();
    EXPECT_EQ(delivered, (std::vector<int64_t>{1, 2}));
    const auto batches = *seen.lock();
    ASSERT_EQ(batches.size(), 2u);
    EXPECT_EQ(batches[0].header.base_sequence, 0);
    EXPECT_EQ(batches[1].header.base_sequence, 1);
    EXPECT_EQ(failures, "");
}

TEST_F(ProducerTest, a_lost_connection_is_no_lost_record) {
    hang_ups = 1;
    auto producer = make({{"reconnect.backoff.ms", "1"}});
    ASSERT_TRUE(producer->send({.topic = "t", .value = bytes_of("a")}, 1));
    producer->flush();
    EXPECT_EQ(delivered, std::vector<int64_t>{1});
}

TEST_F(ProducerTest, a_lost_connection_keeps_the_order_without_numbers_too) {
    hang_ups = 1;
    auto producer = make({{"acks", "1"}, {"batch.size", "1"}, {"reconnect.backoff.ms", "1"}});
    for (int64_t i = 0; i < 4; ++i) {
        ASSERT_TRUE(producer->send({.topic = "t", .value = bytes_of("v")}, i));
    }
    producer->flush();
    EXPECT_EQ(delivered, (std::vector<int64_t>{0, 1, 2, 3}));
}

TEST_F(ProducerTest, an_answer_that_was_lost_makes_no_failure_of_a_duplicate) {
    codes = {ErrorCode::duplicate_sequence_number};
    auto producer = make();
    ASSERT_TRUE(producer->send({.topic = "t", .value = bytes_of("a")}, 1));
    producer->flush();
    EXPECT_EQ(delivered, std::vector<int64_t>{1});
}

TEST_F(ProducerTest, without_retries_a_failure_is_one_at_once) {
    codes = {ErrorCode::not_enough_replicas};
    auto producer = make({{"retries", "0"}});
    ASSERT_TRUE(producer->send({.topic = "t", .value = bytes_of("a")}, 1));
    producer->flush();
    EXPECT_TRUE(failures.starts_with(
        "org.apache.kafka.common.errors.NotEnoughReplicasException: "))
        << failures;
}

TEST_F(ProducerTest, after_a_record_that_is_refused_the_numbers_start_anew) {
    codes = {ErrorCode::invalid_record};
    auto producer = make();
    ASSERT_TRUE(producer->send({.topic = "t", .value = bytes_of("a")}, 1));
    producer->flush();
    ASSERT_TRUE(producer->send({.topic = "t", .value = bytes_of("b")}, 2));
    producer->flush();
    EXPECT_TRUE(failures.contains("InvalidRecordException")) << failures;
    ASSERT_EQ(seen.lock()->size(), 1u);
    EXPECT_EQ(raw(seen.lock()->front().header.producer_id), 2);
    EXPECT_EQ(seen.lock()->front().header.base_sequence, 0);
}

TEST_F(ProducerTest, a_batch_that_is_too_large_is_sent_in_halves) {
    codes = {ErrorCode::message_too_large};
    auto producer = make({{"linger.ms", "1000"}});
    for (int64_t i = 0; i < 5; ++i) {
        ASSERT_TRUE(producer->send({.topic = "t", .value = bytes_of("v")}, i));
    }
    producer->flush();
    EXPECT_EQ(delivered, (std::vector<int64_t>{0, 1, 2, 3, 4}));
    const auto batches = *seen.lock();
    ASSERT_EQ(batches.size(), 2u);
    EXPECT_EQ(batches[0].header.record_count, 2);
    EXPECT_EQ(batches[1].header.record_count, 3);
    EXPECT_EQ(batches[1].header.base_sequence, 2);
}

TEST_F(ProducerTest, a_record_beyond_max_request_size_is_refused_with_its_size) {
    auto producer = make({{"max.request.size", "97"}});
    const auto sent = producer->send({.topic = "t", .value = bytes_of(std::string(13, 'x'))});
    ASSERT_FALSE(sent);
    EXPECT_EQ(sent.error().to_string(),
              "org.apache.kafka.common.errors.RecordTooLargeException: The message is 98 bytes "
              "when serialized which is larger than 97, which is the value of the "
              "max.request.size configuration.");
}

TEST_F(ProducerTest, a_topic_name_that_is_none_is_told_and_logged) {
    topic_error = ErrorCode::invalid_topic_exception;
    auto producer = make();
    const auto sent = producer->send({.topic = "t", .value = bytes_of("v")});
    ASSERT_FALSE(sent);
    EXPECT_EQ(sent.error().text(), "Invalid topics: [t]");
    EXPECT_TRUE(logged.contains("{t=INVALID_TOPIC_EXCEPTION} "
                                "(org.apache.kafka.clients.NetworkClient)\n"))
        << logged;
    EXPECT_TRUE(logged.contains("ERROR [Producer clientId=producer-1] Metadata response reported "
                                "invalid topics [t] (org.apache.kafka.clients.Metadata)\n"))
        << logged;
}

TEST_F(ProducerTest, a_topic_that_does_not_come_up_is_a_time_out) {
    topic_error = ErrorCode::leader_not_available;
    auto producer = make({{"max.block.ms", "20"}});
    const auto sent = producer->send({.topic = "t", .value = bytes_of("v")});
    ASSERT_FALSE(sent);
    EXPECT_EQ(sent.error().text(), "Topic t not present in metadata after 20 ms.");
}

TEST_F(ProducerTest, acks_0_waits_for_nobody) {
    auto producer = make({{"acks", "0"}});
    ASSERT_TRUE(producer->send({.topic = "t", .value = bytes_of("v")}, 1));
    producer->flush();
    EXPECT_EQ(offsets, std::vector<int64_t>{-1});
}

TEST_F(ProducerTest, compressed_batches_can_be_read_by_their_codec) {
    for (const char* codec : {"gzip", "snappy", "lz4", "zstd"}) {
        auto producer = make({{"compression.type", codec}});
        ASSERT_TRUE(producer->send({.topic = "t", .value = bytes_of("v")}));
        producer->flush();
    }
    const auto batches = *seen.lock();
    ASSERT_EQ(batches.size(), 4u);
    for (size_t i = 0; i < batches.size(); ++i) {
        EXPECT_EQ(int(batches[i].header.codec()), int(i) + 1);
    }
}

}  // namespace
}  // namespace stoker::kafka
