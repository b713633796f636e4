// One transactional id from its first request on: epochs, partitions, ends, fencing.
#include "broker/transaction/transaction_fixture.hpp"

namespace stoker::broker {
namespace {

using enum ErrorCode;

constexpr int16_t v1 = 0, v2 = 2;  // transactions version of a request, as it is stored

ProducerIdentity after(const ProducerIdentity& producer, int16_t epochs = 1) {
    return {producer.id, int16_t(producer.epoch + epochs)};
}

/// A producer whose next epoch is `epoch`.
ProducerIdentity at_epoch(TransactionHarness& broker, const std::string& id, int16_t epoch) {
    ProducerIdentity producer = broker.init(id).producer;
    while (producer.epoch < epoch) producer = broker.init(id).producer;
    return producer;
}

TEST(TransactionCoordinator, a_new_id_gets_a_new_producer_id_and_epoch_zero) {
    TransactionHarness broker;
    EXPECT_EQ(broker.init("a").producer, (ProducerIdentity{ProducerId{7}, 0}));
    EXPECT_EQ(broker.init("b").producer, (ProducerIdentity{ProducerId{8}, 0}));
    EXPECT_EQ(broker.init("a").producer, (ProducerIdentity{ProducerId{7}, 1}));
}

TEST(TransactionCoordinator, what_is_no_id_or_no_timeout_is_refused) {
    TransactionHarness broker({.max_timeout_ms = 1'000});
    EXPECT_EQ(broker.init("").error, invalid_request);
    EXPECT_EQ(broker.init("a", {}, 0).error, invalid_transaction_timeout);
    EXPECT_EQ(broker.init("a", {}, 1'001).error, invalid_transaction_timeout);
    EXPECT_EQ(broker.init("a", {}, 1'000).error, none);
}

TEST(TransactionCoordinator, without_its_topic_it_is_not_the_coordinator) {
    TransactionHarness broker;
    broker.topic_epoch.reset();
    EXPECT_EQ(broker.init("a").error, not_coordinator);
    EXPECT_EQ(broker.add("a", {}), not_coordinator);
    EXPECT_EQ(broker.end("a", {}, true).error, not_coordinator);
    EXPECT_EQ(broker.coordinator.describe("a").error_code, not_coordinator);
}

TEST(TransactionCoordinator, commits_and_tells_every_partition) {
    TransactionHarness broker;
    const auto producer = broker.init("a").producer;
    EXPECT_EQ(broker.add("a", producer, {orders, bills}), none);
    EXPECT_EQ(broker.state("a"), "Ongoing");
    EXPECT_EQ(broker.end("a", producer, true).error, none);
    EXPECT_EQ(broker.state("a"), "CompleteCommit");
    EXPECT_EQ(broker.written(), (std::vector<std::string>{"commit bills-3 7/0",
                                                          "commit orders-0 7/0"}));
    EXPECT_EQ(broker.markers.at(0).marker.coordinator_epoch, 4);
}

TEST(TransactionCoordinator, transactions_v2_end_with_the_next_epoch) {
    TransactionHarness broker;
    const auto producer = broker.init("a").producer;
    EXPECT_EQ(broker.add("a", producer, {orders}, v2), none);
    const auto ended = broker.end("a", producer, false, v2);
    EXPECT_EQ(ended.error, none);
    EXPECT_EQ(ended.producer, after(producer));
    EXPECT_EQ(broker.written(), std::vector<std::string>{"abort orders-0 7/1"});
    EXPECT_EQ(broker.add("a", producer, {orders}, v2), producer_fenced);
    EXPECT_EQ(broker.add("a", ended.producer, {orders}, v2), none);
}

TEST(TransactionCoordinator, an_unknown_id_or_producer_is_told_so) {
    TransactionHarness broker;
    const auto producer = broker.init("a").producer;
    EXPECT_EQ(broker.add("b", producer), invalid_producer_id_mapping);
    EXPECT_EQ(broker.end("b", producer, true).error, invalid_producer_id_mapping);
    EXPECT_EQ(broker.add("a", {ProducerId{99}, 0}), invalid_producer_id_mapping);
    EXPECT_EQ(broker.add("a", after(producer)), producer_fenced);
    EXPECT_EQ(broker.end("a", after(producer), true).error, producer_fenced);
}

// --- The same end again, and the other one
TEST(TransactionCoordinator, an_end_that_comes_again_is_answered_and_the_other_one_refused) {
    TransactionHarness broker;
    const auto producer = broker.init("a").producer;
    broker.add("a", producer);
    broker.end("a", producer, true);
    EXPECT_EQ(broker.end("a", producer, true).error, none);
    EXPECT_EQ(broker.end("a", producer, false).error, invalid_txn_state);
    EXPECT_EQ(broker.markers.size(), 1u);
}

TEST(TransactionCoordinator, in_transactions_v2_the_epoch_tells_a_repeated_end_from_the_next_one) {
    TransactionHarness broker;
    const auto producer = broker.init("a").producer;
    EXPECT_EQ(broker.end("a", producer, true, v2).error, invalid_txn_state);
    broker.add("a", producer, {orders}, v2);
    const auto next = broker.end("a", producer, true, v2).producer;
    EXPECT_EQ(broker.end("a", producer, true, v2).producer, next);  // again
    EXPECT_EQ(broker.end("a", producer, false, v2).error, invalid_txn_state);
    EXPECT_EQ(broker.end("a", next, true, v2).error, invalid_txn_state);
    // An abort of nothing costs an epoch: a batch may be on its way that would have opened it.
    EXPECT_EQ(broker.end("a", next, false, v2).producer, after(next));
    EXPECT_EQ(broker.end("a", next, false, v2).producer, after(next));
    EXPECT_EQ(broker.state("a"), "CompleteAbort");
}

TEST(TransactionCoordinator, in_transactions_v2_a_late_end_never_touches_the_next_transaction) {
    TransactionHarness broker;
    const auto producer = broker.init("a").producer;
    broker.add("a", producer, {orders}, v2);
    const auto next = broker.end("a", producer, true, v2).producer;
    broker.add("a", next, {bills}, v2);
    EXPECT_EQ(broker.end("a", producer, true, v2).error, producer_fenced);
    EXPECT_EQ(broker.state("a"), "Ongoing");
}

TEST(TransactionCoordinator, before_v2_a_late_end_of_a_superseded_connection_is_dropped) {
    TransactionHarness broker;
    const auto producer = broker.init("a").producer;
    broker.add("a", producer, {orders}, v1, 1);
    // The end that was sent on connection 1 is held up; the client asks again on connection 2.
    EXPECT_EQ(broker.end("a", producer, true, v1, 2).error, none);
    EXPECT_EQ(broker.add("a", producer, {bills}, v1, 2), none);
    EXPECT_EQ(broker.end("a", producer, true, v1, 1).error, request_timed_out);
    EXPECT_EQ(broker.add("a", producer, {orders}, v1, 1), request_timed_out);
    EXPECT_EQ(broker.coordinator.describe("a").topics.size(), 1u);
    EXPECT_EQ(broker.end("a", producer, false, v1, 2).error, none);
    // A new producer of the same process has an epoch of its own.
    const auto second = broker.init("a").producer;
    EXPECT_EQ(broker.add("a", second, {orders}, v1, 1), none);
}

TEST(TransactionCoordinator, two_connections_of_one_producer_may_do_one_kind_of_thing_each) {
    TransactionHarness broker;
    const auto producer = broker.init("a").producer;
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(broker.add("a", producer, {orders}, v1, 1), none);
        EXPECT_EQ(broker.end("a", producer, true, v1, 2).error, none);
    }
}

// --- Fencing
TEST(TransactionCoordinator, a_second_producer_aborts_what_the_first_left_open) {
    for (int16_t server : {v1, v2}) {
        TransactionHarness broker;
        broker.server_version = server;
        const auto first = broker.init("a").producer;
        broker.add("a", first);
        EXPECT_EQ(broker.init("a").error, concurrent_transactions);
        EXPECT_EQ(broker.state("a"), "CompleteAbort");
        EXPECT_EQ(broker.written(), std::vector<std::string>{"abort orders-0 7/1"});
        const auto second = broker.init("a").producer;
        EXPECT_EQ(second, after(first, 2));
        EXPECT_EQ(broker.end("a", first, true, v1).error, producer_fenced);
        EXPECT_EQ(broker.add("a", first), producer_fenced);
    }
}

TEST(TransactionCoordinator, a_producer_goes_on_with_the_next_epoch_after_an_error) {
    TransactionHarness broker;
    const auto producer = broker.init("a").producer;
    EXPECT_EQ(broker.init("a", producer).producer, after(producer));
    EXPECT_EQ(broker.init("a", producer).producer, after(producer));  // it asks again
    EXPECT_EQ(broker.init("a", after(producer)).producer, after(producer, 2));
    EXPECT_EQ(broker.init("a", producer).error, producer_fenced);
    EXPECT_EQ(broker.init("a", ProducerIdentity{ProducerId{99}, 0}).error, producer_fenced);
    EXPECT_EQ(broker.init("b", ProducerIdentity{ProducerId{99}, 5}).producer.epoch, 0);
}

TEST(TransactionCoordinator, a_late_request_for_an_epoch_does_not_abort_the_next_transaction) {
    TransactionHarness broker;
    const auto producer = broker.init("a").producer;
    const auto next = broker.init("a", producer).producer;
    broker.add("a", next);
    EXPECT_EQ(broker.init("a", producer).error, producer_fenced);
    EXPECT_EQ(broker.state("a"), "Ongoing");
    EXPECT_EQ(broker.init("a", next).error, concurrent_transactions);
    EXPECT_EQ(broker.state("a"), "CompleteAbort");
}

TEST(TransactionCoordinator, when_the_epochs_are_spent_the_id_changes) {
    TransactionHarness broker;
    const auto last = at_epoch(broker, "a", last_client_epoch);
    EXPECT_EQ(broker.init("a").producer, (ProducerIdentity{ProducerId{8}, 0}));
    // The producer that asked for it may not have heard the answer.
    TransactionHarness other;
    at_epoch(other, "a", last_client_epoch);
    const auto rotated = other.init("a", last).producer;
    EXPECT_EQ(rotated, (ProducerIdentity{ProducerId{8}, 0}));
    EXPECT_EQ(other.init("a", last).producer, rotated);
}

TEST(TransactionCoordinator, when_a_transaction_has_the_last_epoch_its_end_changes_the_id) {
    TransactionHarness broker;
    const auto last = at_epoch(broker, "a", last_client_epoch);
    broker.add("a", last, {orders}, v2);
    const auto ended = broker.end("a", last, true, v2);
    EXPECT_EQ(ended.producer, (ProducerIdentity{ProducerId{8}, 0}));
    EXPECT_EQ(broker.written(), std::vector<std::string>{"commit orders-0 7/32767"});
    EXPECT_EQ(broker.end("a", last, true, v2).producer, ended.producer);  // again
    EXPECT_EQ(broker.add("a", ended.producer, {orders}, v2), none);
    EXPECT_EQ(broker.end("a", last, true, v2).error, invalid_producer_id_mapping);
}

TEST(TransactionCoordinator, fencing_with_the_last_epoch_changes_the_id) {
    for (int16_t server : {v1, v2}) {
        TransactionHarness broker;
        broker.server_version = server;
        const auto last = at_epoch(broker, "a", last_client_epoch);
        broker.add("a", last);
        EXPECT_EQ(broker.init("a").error, concurrent_transactions);
        EXPECT_EQ(broker.written(), std::vector<std::string>{"abort orders-0 7/32767"});
        const auto next = broker.init("a").producer;
        EXPECT_EQ(next.id, ProducerId{8});
        EXPECT_EQ(next.epoch, server == v2 ? 1 : 0);
    }
}

// --- Partitions
TEST(TransactionCoordinator, verifies_partitions_and_adds_them_when_asked_to) {
    TransactionHarness broker;
    const auto producer = broker.init("a").producer;
    broker.add("a", producer, {orders});
    EXPECT_EQ(broker.verify("a", producer, {bills, orders}),
              (std::vector{transaction_abortable, none}));
    EXPECT_EQ(broker.verify("a", producer, {bills, orders}, true), (std::vector{none, none}));
    EXPECT_EQ(broker.verify("a", producer, {bills, orders}), (std::vector{none, none}));
    EXPECT_EQ(broker.verify("a", after(producer), {orders}), std::vector{producer_fenced});
    EXPECT_EQ(broker.verify("a", {ProducerId{99}, 0}, {orders}),
              std::vector{invalid_producer_id_mapping});
    EXPECT_EQ(broker.verify("x", producer, {orders}), std::vector{invalid_producer_id_mapping});
    EXPECT_EQ(broker.verify("", producer, {orders}), std::vector{invalid_request});
    broker.end("a", producer, true);
    EXPECT_EQ(broker.verify("a", producer, {orders}), std::vector{transaction_abortable});
}

TEST(TransactionCoordinator, a_partition_that_is_known_is_not_written_again) {
    TransactionHarness broker;
    const auto producer = broker.init("a").producer;
    broker.add("a", producer, {orders, bills});
    const size_t records = broker.log.size();
    EXPECT_EQ(broker.add("a", producer, {orders}), none);
    EXPECT_EQ(broker.log.size(), records);
}

// --- While it ends
TEST(TransactionCoordinator, nothing_else_happens_while_markers_are_on_their_way) {
    TransactionHarness broker;
    const auto producer = broker.init("a").producer;
    broker.add("a", producer, {orders, bills});
    broker.hold_markers = true;
    const auto ended = broker.end_later("a", producer, true);
    EXPECT_FALSE(*ended);
    EXPECT_EQ(broker.state("a"), "PrepareCommit");
    EXPECT_EQ(broker.add("a", producer), concurrent_transactions);
    EXPECT_EQ(broker.init("a").error, concurrent_transactions);
    EXPECT_EQ(broker.end("a", producer, true).error, concurrent_transactions);
    EXPECT_EQ(broker.end("a", producer, true, v2).error, concurrent_transactions);
    EXPECT_EQ(broker.verify("a", producer, {orders}), std::vector{concurrent_transactions});
    broker.held_markers.at(0)(none);
    EXPECT_EQ(broker.coordinator.describe("a").topics.size(), 1u);
    broker.held_markers.at(1)(none);
    EXPECT_EQ((*ended)->error, none);
    EXPECT_EQ(broker.state("a"), "CompleteCommit");
}

TEST(TransactionCoordinator, a_marker_that_fails_is_tried_again_and_the_client_need_not_wait) {
    TransactionHarness broker;
    const auto producer = broker.init("a").producer;
    broker.add("a", producer, {orders, bills});
    broker.marker_error = kafka_storage_error;
    EXPECT_EQ(broker.end("a", producer, true).error, none);
    EXPECT_EQ(broker.state("a"), "PrepareCommit");
    broker.pass_ms(marker_retry_ms, 250);
    EXPECT_EQ(broker.state("a"), "PrepareCommit");
    broker.marker_error = none;
    broker.pass_ms(marker_retry_ms, 250);
    EXPECT_EQ(broker.state("a"), "CompleteCommit");
    EXPECT_EQ(broker.markers.size(), 2u);
}

TEST(TransactionCoordinator, a_partition_that_is_gone_needs_no_marker) {
    TransactionHarness broker;
    const auto producer = broker.init("a").producer;
    broker.add("a", producer);
    broker.marker_error = unknown_topic_or_partition;
    EXPECT_EQ(broker.end("a", producer, true).error, none);
    EXPECT_EQ(broker.state("a"), "CompleteCommit");
}

TEST(TransactionCoordinator, what_the_log_refuses_has_not_happened) {
    TransactionHarness broker;
    const auto producer = broker.init("a").producer;
    broker.add("a", producer);
    const std::string before = broker.coordinator.dump();
    broker.append_error = kafka_storage_error;
    EXPECT_EQ(broker.init("b").error, coordinator_not_available);
    EXPECT_EQ(broker.init("a").error, coordinator_not_available);
    EXPECT_EQ(broker.add("a", producer, {bills}), coordinator_not_available);
    EXPECT_EQ(broker.end("a", producer, true).error, coordinator_not_available);
    EXPECT_EQ(broker.coordinator.dump(), before);
    EXPECT_TRUE(broker.markers.empty());
}

TEST(TransactionCoordinator, an_end_that_the_log_refuses_is_written_later) {
    TransactionHarness broker;
    const auto producer = broker.init("a").producer;
    broker.add("a", producer);
    broker.hold_markers = true;
    const auto ended = broker.end_later("a", producer, true);
    broker.append_error = kafka_storage_error;
    broker.held_markers.at(0)(none);
    EXPECT_EQ((*ended)->error, none);
    EXPECT_EQ(broker.state("a"), "PrepareCommit");
    broker.append_error = none;
    broker.pass_ms(marker_retry_ms);
    EXPECT_EQ(broker.state("a"), "CompleteCommit");
    EXPECT_EQ(broker.markers.size(), 1u);
}

TEST(TransactionCoordinator, without_producer_ids_a_new_id_is_refused) {
    TransactionHarness broker;
    broker.producer_id_error = kafka_storage_error;
    EXPECT_EQ(broker.init("a").error, coordinator_not_available);
    EXPECT_EQ(broker.coordinator.dump(), "");
}

TEST(TransactionCoordinator, answers_and_markers_wait_until_the_log_is_durable) {
    TransactionHarness broker;
    broker.hold_until_durable = true;
    const auto settle = [&] {
        for (auto held = std::exchange(broker.held, {}); auto& done : held) done();
    };
    const auto first = broker.init_later("a");
    EXPECT_FALSE(*first);
    settle();
    const auto producer = (*first)->producer;
    EXPECT_EQ(broker.add("a", producer), request_timed_out);
    settle();
    const auto ended = broker.end_later("a", producer, true);
    EXPECT_TRUE(broker.markers.empty());
    EXPECT_FALSE(*ended);
    settle();
    EXPECT_EQ(broker.markers.size(), 1u);
    EXPECT_EQ((*ended)->error, none);
}

TEST(TransactionCoordinator, ids_have_a_limit) {
    TransactionHarness broker({.ids_max = 0});
    int refused = 0;
    for (int i = 0; i < 200; ++i)
        if (broker.init("id-" + std::to_string(i)).error == policy_violation) ++refused;
    EXPECT_GE(refused, 200 - 16);
    EXPECT_EQ(broker.init("id-0").producer.epoch, 1);  // those that are known go on
}

// --- Administration
TEST(TransactionCoordinator, lists_what_passes_every_filter) {
    TransactionHarness broker;
    const auto a = broker.init("pay-a").producer;
    broker.init("pay-b");
    broker.init("ship");
    broker.add("pay-a", a);
    broker.clock.advance_ms(5'000);
    const auto ids = [&](const protocol::ListTransactionsRequest& asked) {
        std::set<std::string> found;
        for (const auto& one : broker.coordinator.list(asked).transaction_states)
            found.insert(one.transactional_id);
        return found;
    };
    using Ids = std::set<std::string>;
    EXPECT_EQ(ids({}), (Ids{"pay-a", "pay-b", "ship"}));
    EXPECT_EQ(ids({.state_filters = {"Ongoing"}}), Ids{"pay-a"});
    EXPECT_EQ(ids({.producer_id_filters = {ProducerId{8}, a.id}}), (Ids{"pay-a", "pay-b"}));
    EXPECT_EQ(ids({.state_filters = {"Ongoing"}, .duration_filter = 4'999}), Ids{"pay-a"});
    EXPECT_EQ(ids({.state_filters = {"Ongoing"}, .duration_filter = 5'000}), Ids{});
    EXPECT_EQ(ids({.transactional_id_pattern = "pay-."}), (Ids{"pay-a", "pay-b"}));
    EXPECT_EQ(ids({.transactional_id_pattern = "pay"}), Ids{});
    const auto unknown = broker.coordinator.list({.state_filters = {"Sleeping"}});
    EXPECT_EQ(unknown.unknown_state_filters, std::vector<std::string>{"Sleeping"});
    EXPECT_TRUE(unknown.transaction_states.empty());
    EXPECT_EQ(broker.coordinator.list({.transactional_id_pattern = "("}).error_code,
              invalid_regular_expression);
}

TEST(TransactionCoordinator, describes_one_id) {
    TransactionHarness broker;
    const auto producer = broker.init("a", {}, 9'000).producer;
    EXPECT_EQ(broker.coordinator.describe("a").transaction_start_time_ms, -1);
    broker.add("a", producer, {orders, bills});
    const auto described = broker.coordinator.describe("a");
    EXPECT_EQ(described.transaction_state, "Ongoing");
    EXPECT_EQ(described.transaction_timeout_ms, 9'000);
    EXPECT_EQ(described.transaction_start_time_ms, broker.clock.wall_ms());
    EXPECT_EQ(described.producer_id, producer.id);
    EXPECT_EQ(described.topics.at(0).topic, "bills");
    EXPECT_EQ(described.topics.at(0).partitions, std::vector{PartitionId{3}});
    EXPECT_EQ(broker.coordinator.describe("x").error_code, transactional_id_not_found);
    EXPECT_EQ(broker.coordinator.describe("").error_code, invalid_request);
}

}  // namespace
}  // namespace stoker::broker
