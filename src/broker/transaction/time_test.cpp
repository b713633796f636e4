// What happens to transactions as time passes.
#include "broker/transaction/transaction_fixture.hpp"

namespace stoker::broker {
namespace {

using enum ErrorCode;

TEST(TransactionTime, a_transaction_that_is_open_for_too_long_is_aborted_and_its_producer_fenced) {
    TransactionHarness broker;
    const auto producer = broker.init("a", {}, 20'000).producer;
    broker.add("a", producer);
    broker.pass_ms(20'000);
    EXPECT_EQ(broker.state("a"), "Ongoing");
    broker.pass_ms(10'000);
    EXPECT_EQ(broker.state("a"), "CompleteAbort");
    EXPECT_EQ(broker.written(), std::vector<std::string>{"abort orders-0 7/1"});
    EXPECT_EQ(broker.end("a", producer, true).error, producer_fenced);
    EXPECT_EQ(broker.init("a").producer.epoch, 2);
}

TEST(TransactionTime, only_what_is_open_times_out) {
    TransactionHarness broker;
    const auto producer = broker.init("a", {}, 20'000).producer;
    broker.pass_ms(60'000);
    broker.add("a", producer);
    broker.pass_ms(15'000);
    EXPECT_EQ(broker.end("a", producer, true).error, none);
    broker.pass_ms(60'000);
    EXPECT_EQ(broker.state("a"), "CompleteCommit");
}

TEST(TransactionTime, a_wall_clock_that_jumps_aborts_nothing_and_forgets_nothing) {
    TransactionHarness broker({.expiry_interval_ms = 1'000});
    const auto producer = broker.init("a", {}, 20'000).producer;
    broker.init("b");
    broker.add("a", producer);
    for (const int64_t years : {10, -20}) {
        broker.clock.jump_wall_ms(years * 365 * 24 * 3'600'000LL);
        broker.pass_ms(8'000);
        EXPECT_EQ(broker.state("a"), "Ongoing");
        EXPECT_EQ(broker.state("b"), "Empty");
    }
    EXPECT_EQ(broker.end("a", producer, true).error, none);
}

TEST(TransactionTime, an_abort_that_the_log_refuses_is_tried_again) {
    TransactionHarness broker;
    broker.add("a", broker.init("a", {}, 1'000).producer);
    broker.append_error = kafka_storage_error;
    broker.pass_ms(12'000);
    EXPECT_EQ(broker.state("a"), "Ongoing");
    broker.append_error = none;
    broker.pass_ms(10'000);
    EXPECT_EQ(broker.state("a"), "CompleteAbort");
}

TEST(TransactionTime, an_id_that_nobody_uses_is_forgotten) {
    TransactionHarness broker({.expiry_interval_ms = 60'000, .id_expiration_ms = 600'000});
    const auto a = broker.init("a", {}, 900'000).producer;
    broker.init("b");
    broker.add("a", a);
    broker.pass_ms(300'000, 10'000);
    broker.init("c");
    broker.pass_ms(360'000, 10'000);
    EXPECT_EQ(broker.state("a"), "Ongoing");  // what is open is kept
    EXPECT_EQ(broker.coordinator.describe("b").error_code, transactional_id_not_found);
    EXPECT_EQ(broker.state("c"), "Empty");
    EXPECT_FALSE(broker.log.back().record.value);
    TransactionHarness restarted;
    restarted.replay(broker.log);
    EXPECT_EQ(restarted.coordinator.dump(), broker.coordinator.dump());
}

TEST(TransactionTime, a_tombstone_that_the_log_refuses_forgets_nothing) {
    TransactionHarness broker({.expiry_interval_ms = 1'000, .id_expiration_ms = 2'000});
    broker.init("a");
    broker.append_error = kafka_storage_error;
    broker.pass_ms(5'000);
    EXPECT_EQ(broker.state("a"), "Empty");
}

}  // namespace
}  // namespace stoker::broker
