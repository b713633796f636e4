// What one turn of an io thread brings for a partition in class disk: written at once, answered one
// by one.
#include <gtest/gtest.h>

#include "broker/test_broker.hpp"
#include "net/turn.hpp"
#include "protocol/messages/00_produce.hpp"

namespace stoker::broker {
namespace {

using protocol::ProduceRequest;
using protocol::ProduceResponse;
using protocol::Records;
using Slot = ProduceResponse::PartitionProduceResponse;

constexpr int16_t version = 9;
constexpr ProducerId producer{7};

class OneTurn : public ::testing::Test {
protected:
    OneTurn() {
        EXPECT_TRUE(test_.broker().metadata().create_topic(
            {.name = "t", .partitions = 1, .configs = {{"flush.messages", "1"}}}));
    }
    uint64_t send(Bytes batch) {
        return test_.send(
            ProduceRequest{.acks = -1,
                           .topic_data = {{.name = "t",
                                           .partition_data = {{.index = PartitionId{0},
                                                               .records = Records{batch}}}}}},
            version);
    }
    uint64_t send_numbered(int32_t sequence) {
        return send(batch_of(
            {"v"}, 1, {.producer_id = producer, .producer_epoch = 0, .base_sequence = sequence}));
    }
    void begin() { turn_.adopt_this_thread(); }
    /// Ends the turn; the disk's threads do what it asked for.
    void end() {
        turn_.end_with_this_thread();
        while (test_.logs().do_work()) {
        }
    }
    Slot slot(uint64_t number) {
        return test_.answer<ProduceResponse>(number, version)
            .responses.at(0)
            .partition_responses.at(0);
    }
    storage::Log& log() {
        return **test_.broker().metadata().find("t")->partition(PartitionId{0})->log();
    }

    TestBroker test_;
    net::TurnTasks turn_;
};

TEST_F(OneTurn, batches_follow_one_another_in_the_order_in_which_they_came) {
    begin();
    auto first = send(batch_of({"a", "b"}, 1));
    auto second = send(batch_of({"c"}, 1));
    auto third = send(batch_of({"d", "e", "f"}, 1));
    EXPECT_EQ(log().end_offset(), Offset{0});
    end();
    EXPECT_EQ(slot(first).base_offset, Offset{0});
    EXPECT_EQ(slot(second).base_offset, Offset{2});
    EXPECT_EQ(slot(third).base_offset, Offset{3});
    EXPECT_EQ(log().high_watermark(), Offset{6});
}

TEST_F(OneTurn, nothing_is_answered_before_it_is_synced) {
    begin();
    auto only = send(batch_of({"a"}, 1));
    turn_.end_with_this_thread();
    EXPECT_FALSE(test_.answered(only));
    while (test_.logs().do_work()) {
    }
    EXPECT_EQ(slot(only).error_code, ErrorCode::none);
}

TEST_F(OneTurn, a_duplicate_among_them_is_stored_once_and_the_rest_all_the_same) {
    begin();
    auto first = send_numbered(0);
    auto second = send_numbered(1);
    auto again = send_numbered(1);
    auto third = send_numbered(2);
    end();
    EXPECT_EQ(slot(first).base_offset, Offset{0});
    EXPECT_EQ(slot(second).base_offset, Offset{1});
    EXPECT_EQ(slot(again).base_offset, Offset{1});
    EXPECT_EQ(slot(third).base_offset, Offset{2});
    EXPECT_EQ(log().end_offset(), Offset{3});
}

TEST_F(OneTurn, one_that_is_out_of_order_is_refused_alone) {
    begin();
    auto first = send_numbered(0);
    auto gap = send_numbered(5);
    auto second = send_numbered(1);
    end();
    EXPECT_EQ(slot(first).error_code, ErrorCode::none);
    EXPECT_EQ(slot(gap).error_code, ErrorCode::out_of_order_sequence_number);
    EXPECT_EQ(slot(gap).base_offset, Offset{-1});
    EXPECT_EQ(slot(second).base_offset, Offset{1});
}

TEST_F(OneTurn, a_large_batch_does_not_overtake_the_small_ones_before_it) {
    const std::string large(GatheredAppends::batch_max, 'x');
    begin();
    auto small = send(batch_of({"a"}, 1));
    auto big = send(batch_of({large}, 1));
    auto after = send(batch_of({"b"}, 1));
    end();
    EXPECT_EQ(slot(small).base_offset, Offset{0});
    EXPECT_EQ(slot(big).base_offset, Offset{1});
    EXPECT_EQ(slot(after).base_offset, Offset{2});
}

TEST_F(OneTurn, more_than_is_gathered_at_once_stays_in_order) {
    const std::string value(3'000, 'x');
    begin();
    std::vector<uint64_t> sent;
    for (int i = 0; i < 200; ++i) sent.push_back(send(batch_of({value}, 1)));
    end();
    for (size_t i = 0; i < sent.size(); ++i)
        EXPECT_EQ(slot(sent[i]).base_offset, Offset{int64_t(i)});
}

TEST_F(OneTurn, a_full_disk_refuses_what_does_not_fit_and_leaves_nothing_of_it) {
    const std::string value(3'000, 'x');
    begin();
    auto before = send(batch_of({"a"}, 1));
    end();
    test_.disk().set_capacity(test_.disk().used_bytes());  // some room in the last page is left
    begin();
    auto fits = send(batch_of({value}, 1));
    auto too_much = send(batch_of({value}, 1));
    end();
    EXPECT_EQ(slot(before).error_code, ErrorCode::none);
    EXPECT_EQ(slot(fits).base_offset, Offset{1});
    EXPECT_EQ(slot(too_much).error_code, ErrorCode::kafka_storage_error);
    EXPECT_EQ(log().end_offset(), Offset{2});
    test_.disk().set_capacity(storage::MemoryDisk::default_capacity);
    begin();
    auto later = send(batch_of({"d"}, 1));
    end();
    EXPECT_EQ(slot(later).base_offset, Offset{2});
}

}  // namespace
}  // namespace stoker::broker
