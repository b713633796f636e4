// Fetch where a client's history or its session is not as it was: as Apache Kafka answers.
#include <gtest/gtest.h>

#include "broker/handlers/handlers.hpp"
#include "broker/test_broker.hpp"

namespace stoker::broker {
namespace {

using protocol::FetchRequest;
using protocol::FetchResponse;
using protocol::ProduceRequest;
using protocol::ProduceResponse;
using protocol::Records;

constexpr int16_t version = 16;

class Fetch : public ::testing::Test {
protected:
    Fetch() { create(); }

    void create() {
        auto made = test_.broker().metadata().create_topic(
            {.name = "t", .partitions = 1, .configs = {}});
        ASSERT_TRUE(made);
        topic_ = (*made)->id;
    }
    void produce() {
        Bytes batch = batch_of({"a", "b"}, 1000);
        ProduceRequest request{
            .acks = -1,
            .topic_data = {{.name = "t",
                            .partition_data = {{.index = PartitionId{0},
                                                .records = Records{.bytes = batch}}}}}};
        auto answer = test_.ask<ProduceResponse>(request, 9);
        ASSERT_EQ(answer.responses.at(0).partition_responses.at(0).error_code, ErrorCode::none);
    }
    FetchRequest from(int64_t offset, LeaderEpoch last_fetched = LeaderEpoch::none) const {
        return {.min_bytes = 0,
                .max_bytes = 1 << 20,
                .topics = {{.topic_id = topic_,
                            .partitions = {{.partition = PartitionId{0},
                                            .fetch_offset = Offset{offset},
                                            .last_fetched_epoch = last_fetched,
                                            .partition_max_bytes = 1 << 20}}}}};
    }
    FetchResponse::PartitionData ask(const FetchRequest& request) {
        return test_.ask<FetchResponse>(request, version).responses.at(0).partitions.at(0);
    }

    TestBroker test_;
    Uuid topic_;
};

TEST_F(Fetch, an_epoch_to_come_cannot_be_where_a_reader_left_off) {
    produce();
    EXPECT_EQ(ask(from(1, LeaderEpoch{7})).error_code, ErrorCode::offset_out_of_range);
    EXPECT_EQ(ask(from(1, LeaderEpoch{0})).error_code, ErrorCode::none);
}

TEST_F(Fetch, a_reader_with_another_history_is_told_where_the_two_part) {
    produce();
    test_.kill_and_restart();
    produce();
    auto answer = ask(from(3, LeaderEpoch{0}));
    EXPECT_EQ(answer.error_code, ErrorCode::none);
    EXPECT_EQ(answer.diverging_epoch.epoch, LeaderEpoch{0});
    EXPECT_EQ(answer.diverging_epoch.end_offset, Offset{2});
    EXPECT_EQ(answer.records.value_or(Records{}).bytes.size(), 0u);
    EXPECT_EQ(answer.high_watermark, Offset{4});
}

TEST_F(Fetch, a_session_that_has_forgotten_everything_is_closed) {
    FetchRequest request = from(0);
    request.session_epoch = 0;
    int32_t session = test_.ask<FetchResponse>(request, version).session_id;
    ASSERT_NE(session, 0);
    FetchRequest forget{.session_id = session,
                        .session_epoch = 1,
                        .forgotten_topics_data = {
                            {.topic_id = topic_, .partitions = {PartitionId{0}}}}};
    auto answer = test_.ask<FetchResponse>(forget, version);
    EXPECT_EQ(answer.error_code, ErrorCode::none);
    EXPECT_EQ(answer.session_id, 0);
    forget.session_epoch = 2;
    EXPECT_EQ(test_.ask<FetchResponse>(forget, version).error_code,
              ErrorCode::fetch_session_id_not_found);
}

TEST_F(Fetch, a_session_knows_a_topic_that_is_gone_by_its_name) {
    FetchRequest request = from(0);
    request.session_epoch = 0;
    int32_t session = test_.ask<FetchResponse>(request, version).session_id;
    ASSERT_TRUE(test_.broker().metadata().delete_topic(topic_));
    FetchRequest next{.session_id = session, .session_epoch = 1};
    EXPECT_EQ(ask(next).error_code, ErrorCode::unknown_topic_or_partition);
    create();
    next.session_epoch = 2;
    EXPECT_EQ(ask(next).error_code, ErrorCode::inconsistent_topic_id);
}

}  // namespace
}  // namespace stoker::broker
