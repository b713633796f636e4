// What Produce refuses, in which order, and how it says so: as Apache Kafka.
#include <gtest/gtest.h>

#include <limits>

#include "base/big_endian.hpp"
#include "base/crc32c.hpp"
#include "broker/handlers/handlers.hpp"
#include "broker/test_broker.hpp"
#include "record/batch_format.hpp"

namespace stoker::broker {
namespace {

using protocol::ProduceRequest;
using protocol::ProduceResponse;
using protocol::Records;
using Partitions = std::vector<ProduceResponse::PartitionProduceResponse>;

constexpr int16_t version = 9;

class Produce : public ::testing::Test {
protected:
    Produce() { create("t", {}); }

    void create(const std::string& topic, ConfigMap configs) {
        ASSERT_TRUE(test_.broker().metadata().create_topic(
            {.name = topic, .partitions = 2, .configs = std::move(configs)}));
    }
    /// One batch for each partition, from 0.
    Partitions send(const std::string& topic, std::vector<Bytes> batches, int16_t acks = -1) {
        ProduceRequest request{.acks = acks, .topic_data = {{.name = topic}}};
        for (Bytes& batch : batches)
            request.topic_data[0].partition_data.push_back(
                {.index = PartitionId{int32_t(request.topic_data[0].partition_data.size())},
                 .records = Records{.bytes = batch}});
        return test_.ask<ProduceResponse>(request, version).responses.at(0).partition_responses;
    }

    TestBroker test_;
};

Bytes good() { return batch_of({"a", "b"}, 1000); }

Bytes with_attribute(Bytes batch, int16_t bit) {
    std::byte* at = batch.data() + record::field::attributes;
    store_big_endian(at, int16_t(load_big_endian<int16_t>(at) | bit));
    store_big_endian(batch.data() + record::field::crc,
                     crc32c(ByteView(batch).subspan(record::crc_start)));
    return batch;
}

Bytes of_length(int32_t length) {
    Bytes batch = good();
    store_big_endian(batch.data() + record::field::batch_length, length);
    return batch;
}

TEST_F(Produce, a_length_that_cannot_be_fails_the_whole_request_before_its_topics_are_looked_at) {
    auto answers = send("nowhere", {good(), of_length(0)}, 7);
    for (const auto& answer : answers) {
        EXPECT_EQ(answer.error_code, ErrorCode::corrupt_message);
        EXPECT_EQ(answer.error_message,
                  "Record size 0 is less than the minimum record overhead (14)");
    }
}

TEST_F(Produce, a_transactional_batch_without_a_transactional_id_fails_the_whole_request) {
    auto answers = send("t", {good(), with_attribute(good(), record::transactional_bit)});
    for (const auto& answer : answers)
        EXPECT_EQ(answer.error_code, ErrorCode::transactional_id_authorization_failed);
}

TEST_F(Produce, the_shape_of_the_records_is_checked_before_the_acks) {
    EXPECT_EQ(send("t", {{}}, 2).at(0).error_code, ErrorCode::invalid_record);
    EXPECT_EQ(send("t", {good()}, 2).at(0).error_code, ErrorCode::invalid_required_acks);
}

TEST_F(Produce, part_of_a_batch_behind_the_first_is_left_out) {
    Bytes batch = good(), more = good();
    batch.insert(batch.end(), more.begin(), more.end() - 1);
    EXPECT_EQ(send("t", {batch}).at(0).error_code, ErrorCode::none);
    EXPECT_EQ(send("t", {good()}).at(0).base_offset, Offset{2});
}

TEST_F(Produce, zeros_behind_a_batch_are_a_batch_whose_length_cannot_be) {
    Bytes batch = good();
    batch.resize(batch.size() + 20);
    EXPECT_EQ(send("t", {batch}).at(0).error_code, ErrorCode::corrupt_message);
}

TEST_F(Produce, a_header_with_more_records_than_bytes_is_invalid) {
    Bytes batch = good();
    batch.resize(record::header_size);
    store_big_endian(batch.data() + record::field::batch_length, record::batch_length_min);
    EXPECT_EQ(send("t", {with_attribute(batch, 0)}).at(0).error_code, ErrorCode::invalid_record);
}

TEST_F(Produce, a_damaged_batch_is_told_without_words_and_without_the_logs_start) {
    Bytes damaged = good();
    damaged.back() ^= std::byte{1};
    auto answer = send("t", {damaged}).at(0);
    EXPECT_EQ(answer.error_code, ErrorCode::corrupt_message);
    EXPECT_EQ(answer.error_message, std::nullopt);
    EXPECT_EQ(answer.log_start_offset, Offset{-1});
}

TEST_F(Produce, every_record_that_is_too_new_is_named) {
    int64_t far = test_.clock().wall_ms() + 100'000'000;
    auto answer = send("t", {batch_of({"a", "b"}, far)}).at(0);
    EXPECT_EQ(answer.error_code, ErrorCode::invalid_timestamp);
    EXPECT_EQ(answer.error_message,
              "One or more records have been rejected due to invalid timestamp");
    ASSERT_EQ(answer.record_errors.size(), 2u);
    EXPECT_EQ(answer.record_errors[1].batch_index, 1);
    EXPECT_TRUE(answer.record_errors[0].batch_index_error_message->starts_with(
        "Timestamp " + std::to_string(far) +
        " of message with offset 0 is out of range. The timestamp should be within ["));
}

TEST_F(Produce, the_earliest_time_there_is_is_no_time_of_a_record) {
    constexpr auto earliest = std::numeric_limits<int64_t>::min();
    auto answer = send("t", {batch_of({"a"}, earliest)}).at(0);
    EXPECT_EQ(answer.error_code, ErrorCode::invalid_timestamp);
    EXPECT_EQ(send("t", {batch_of({"a"}, -5)}).at(0).error_code, ErrorCode::none);
}

TEST_F(Produce, only_the_broker_says_append_time_where_it_stamps) {
    create("stamped", {{"message.timestamp.type", "LogAppendTime"}});
    auto answer = send("stamped", {with_attribute(good(), record::log_append_time_bit)}).at(0);
    EXPECT_EQ(answer.error_code, ErrorCode::invalid_timestamp);
    EXPECT_EQ(answer.record_errors.size(), 2u);
    EXPECT_EQ(send("t", {with_attribute(good(), record::log_append_time_bit)}).at(0).error_code,
              ErrorCode::none);
}

TEST_F(Produce, more_in_sync_replicas_than_there_are_cannot_be_asked_for) {
    create("strict", {{"min.insync.replicas", "2"}});
    EXPECT_EQ(send("strict", {good()}, -1).at(0).error_code, ErrorCode::none);
}

}  // namespace
}  // namespace stoker::broker
