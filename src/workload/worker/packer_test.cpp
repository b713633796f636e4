// What workers say arrives exactly, and half of it is nothing.
#include <gtest/gtest.h>

#include "workload/worker/packer.hpp"

namespace stoker::workload {
namespace {

SendersResult something() {
    SendersResult result;
    SenderStats& stats = result.stats;
    stats.sent = 5;
    stats.acknowledged = 4;
    stats.unanswered = 1;
    stats.held_back_ns = -7;
    stats.last_error = "why";
    for (const int64_t value : std::vector<int64_t>{0, 3, 70'000, 3'599'999'999})
        stats.response_us.record(value);
    stats.slip_us.record(12);
    SentLedger ledger(2);
    ledger.acknowledged(1, ledger.take_sequence(1), 77);
    ledger.failed(1, ledger.take_sequence(1));
    result.ledgers = {ledger, SentLedger(2)};
    result.failure = "it";
    result.answered_ns = 123;
    result.sender_share = 0.5;
    return result;
}

Bytes packed(const auto& value) {
    Packer to;
    pack(to, value);
    return to.take();
}

TEST(Packer, a_result_comes_back_as_it_was) {
    const auto before = something();
    const auto after = unpack_result(packed(before));
    ASSERT_TRUE(after);
    EXPECT_EQ(after->stats.sent, 5);
    EXPECT_EQ(after->stats.held_back_ns, -7);
    EXPECT_EQ(after->stats.last_error, "why");
    EXPECT_EQ(after->stats.response_us.counts(), before.stats.response_us.counts());
    EXPECT_EQ(after->stats.response_us.count(), 4);
    EXPECT_EQ(after->stats.response_us.max(), before.stats.response_us.max());
    EXPECT_EQ(after->stats.response_us.mean(), before.stats.response_us.mean());
    EXPECT_EQ(after->stats.slip_us.count(), 1);
    ASSERT_EQ(after->ledgers.size(), 2u);
    const SentLedger::Partition& partition = after->ledgers[0].partitions()[1];
    EXPECT_EQ(partition.sent, 2u);
    ASSERT_EQ(partition.acknowledged.size(), 1u);
    EXPECT_EQ(partition.acknowledged[0].offset, 77);
    EXPECT_EQ(partition.failed.size(), 1u);
    EXPECT_EQ(after->failure, "it");
    EXPECT_EQ(after->sender_share, 0.5);
}

TEST(Packer, a_plan_comes_back_as_it_was) {
    const auto plan = unpack_plan(packed(SendersPlan{
        .run_id = UINT64_MAX, .seed = 1, .topics = {"a", "b"}, .base_ns = 2, .base_wall_ns = 3}));
    ASSERT_TRUE(plan);
    EXPECT_EQ(plan->run_id, UINT64_MAX);
    EXPECT_EQ(plan->topics, (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(plan->base_wall_ns, 3);
}

TEST(Packer, a_part_of_a_result_is_none) {
    const Bytes whole = packed(something());
    for (size_t size = 0; size < whole.size(); ++size)
        EXPECT_FALSE(unpack_result(ByteView(whole).first(size))) << size;
}

TEST(SendersResult, adds_up_exactly) {
    SendersResult sum = something();
    sum.append(something());
    EXPECT_EQ(sum.stats.sent, 10);
    EXPECT_EQ(sum.stats.response_us.count(), 8);
    EXPECT_EQ(sum.ledgers.size(), 4u);
    EXPECT_EQ(sum.answered_ns, 123);
}

}  // namespace
}  // namespace stoker::workload
