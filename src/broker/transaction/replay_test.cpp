// state(replay(log)) == live state, and what a restart does to transactions.
#include "broker/transaction/transaction_fixture.hpp"

#include <map>

#include "base/random.hpp"

namespace stoker::broker {
namespace {

using enum ErrorCode;

TEST(TransactionReplay, an_open_transaction_goes_on_and_times_out_when_it_would_have) {
    TransactionHarness before;
    const auto producer = before.init("a", {}, 30'000).producer;
    before.add("a", producer, {orders, bills});
    before.pass_ms(20'000);
    TransactionHarness after;
    after.clock.advance_ms(25'000);  // the restart took five seconds
    after.replay(before.log);
    EXPECT_EQ(after.coordinator.dump(), before.coordinator.dump());
    EXPECT_TRUE(after.markers.empty());
    EXPECT_EQ(after.add("a", producer), none);
    after.pass_ms(15'000);  // five until it is over, ten until that is looked for
    EXPECT_EQ(after.state("a"), "CompleteAbort");
    EXPECT_EQ(after.markers.size(), 2u);
}

TEST(TransactionReplay, what_was_decided_is_completed) {
    for (const bool commit : {true, false}) {
        TransactionHarness before;
        const auto producer = before.init("a").producer;
        before.add("a", producer, {orders, bills});
        before.hold_markers = true;
        before.end_later("a", producer, commit);
        before.held_markers.at(0)(none);  // one of two, then the process died
        TransactionHarness after;
        after.replay(before.log);
        EXPECT_EQ(after.state("a"), commit ? "CompleteCommit" : "CompleteAbort");
        EXPECT_EQ(after.markers.size(), 2u);
        EXPECT_EQ(after.markers.at(0).marker.committed, commit);
        EXPECT_EQ(after.end("a", producer, commit).error, none);
    }
}

TEST(TransactionReplay, a_change_of_ids_that_was_under_way_is_completed) {
    TransactionHarness before;
    auto producer = before.init("a").producer;
    while (producer.epoch < last_client_epoch) producer = before.init("a").producer;
    before.add("a", producer, {orders}, 2);
    before.hold_markers = true;
    before.end_later("a", producer, true, 2);
    TransactionHarness after;
    after.next_producer_id = 100;
    after.replay(before.log);
    EXPECT_EQ(after.end("a", producer, true, 2).producer, (ProducerIdentity{ProducerId{8}, 0}));
}

TEST(TransactionReplay, a_clock_that_was_put_back_gives_an_open_transaction_its_full_time) {
    TransactionHarness before;
    before.add("a", before.init("a", {}, 30'000).producer);
    TransactionHarness after;
    after.clock.jump_wall_ms(-10 * 365 * 24 * 3'600'000LL);
    after.replay(before.log);
    after.pass_ms(29'000);
    EXPECT_EQ(after.state("a"), "Ongoing");
    after.pass_ms(12'000);
    EXPECT_EQ(after.state("a"), "CompleteAbort");
}

TEST(TransactionReplay, keys_of_newer_types_are_passed_over) {
    TransactionHarness broker;
    const auto value = from_hex("000000000001");
    EXPECT_EQ(broker.coordinator.apply(from_hex("00090001670000"), ByteView(value)), none);
    EXPECT_EQ(broker.coordinator.dump(), "");
}

TEST(TransactionReplay, a_damaged_record_is_refused_and_changes_nothing) {
    TransactionHarness broker;
    broker.add("a", broker.init("a").producer);
    const std::string before = broker.coordinator.dump();
    const TransactionRecord whole = broker.log.back().record;
    for (size_t size = 0; size < whole.value->size(); ++size) {
        const ByteView cut = ByteView(*whole.value).first(size);
        EXPECT_EQ(broker.coordinator.apply(whole.key, cut), corrupt_message) << size;
    }
    Bytes newer = *whole.value;
    newer[1] = std::byte{2};
    EXPECT_EQ(broker.coordinator.apply(whole.key, ByteView(newer)), unsupported_version);
    EXPECT_EQ(broker.coordinator.apply(ByteView(whole.key).first(3), ByteView(*whole.value)),
              corrupt_message);
    EXPECT_EQ(broker.coordinator.dump(), before);
}

TEST(TransactionReplay, without_the_feature_the_records_have_no_tagged_fields) {
    TransactionHarness broker;
    broker.server_version = 0;
    broker.init("a");
    EXPECT_EQ((*broker.log.back().record.value)[1], std::byte{0});
    broker.server_version = 1;
    broker.init("a");
    EXPECT_EQ((*broker.log.back().record.value)[1], std::byte{1});
}

/// What a client with this producer might do next, right or wrong.
void act(TransactionHarness& broker, Random& random,
         std::map<std::string, ProducerIdentity>& known) {
    const std::string id = "id-" + std::to_string(random.below(5));
    ProducerIdentity& producer = known[id];
    ProducerIdentity used = producer;
    if (random.below(10) == 0) --used.epoch;
    const auto version = int16_t(random.below(2) * 2);
    switch (random.below(6)) {
        case 0: {
            const bool goes_on = random.below(2) == 0 && used.epoch >= 0;
            const auto answer = broker.init(id, goes_on ? std::optional(used) : std::nullopt);
            if (answer.error == none) producer = answer.producer;
            break;
        }
        case 1: case 2: broker.add(id, used, {orders}, version); break;
        case 3: broker.verify(id, used, {bills}, true); break;
        case 4: {
            const auto answer = broker.end(id, used, random.below(2) == 0, version);
            if (answer.error == none) producer = answer.producer;
            break;
        }
        default:
            broker.pass_ms(int64_t(random.below(20'000)), 5'000);
            broker.marker_error = random.below(3) == 0 ? kafka_storage_error : none;
    }
}

TEST(TransactionReplay, the_log_of_any_history_replays_to_the_live_state) {
    for (uint64_t seed = 1; seed <= 200; ++seed) {
        Random random{seed};
        TransactionHarness live;
        std::map<std::string, ProducerIdentity> known;
        for (int i = 0; i < 60; ++i) act(live, random, known);
        // Nothing is under way, so that the restart itself changes nothing.
        live.marker_error = none;
        live.pass_ms(3 * marker_retry_ms);
        TransactionHarness restarted;
        restarted.clock.advance_ms(live.clock.wall_ms() - restarted.clock.wall_ms());
        restarted.replay(live.log);
        ASSERT_EQ(restarted.coordinator.dump(), live.coordinator.dump()) << "seed " << seed;
    }
}

}  // namespace
}  // namespace stoker::broker
