// The producer's transactions, against a coordinator of a few lines.
#include <gtest/gtest.h>

#include "base/guarded.hpp"
#include "kafka/producer.hpp"
#include "kafka/scripted_broker.hpp"
#include "protocol/messages/10_find_coordinator.hpp"
#include "protocol/messages/22_init_producer_id.hpp"
#include "protocol/messages/24_add_partitions_to_txn.hpp"
#include "protocol/messages/25_add_offsets_to_txn.hpp"
#include "protocol/messages/26_end_txn.hpp"
#include "protocol/messages/28_txn_offset_commit.hpp"

namespace stoker::kafka {
namespace {

using protocol::AddOffsetsToTxnRequest;
using protocol::AddOffsetsToTxnResponse;
using protocol::AddPartitionsToTxnRequest;
using protocol::AddPartitionsToTxnResponse;
using protocol::ApiVersionsRequest;
using protocol::EndTxnRequest;
using protocol::EndTxnResponse;
using protocol::FindCoordinatorRequest;
using protocol::FindCoordinatorResponse;
using protocol::InitProducerIdRequest;
using protocol::InitProducerIdResponse;
using protocol::MetadataRequest;
using protocol::ProduceRequest;
using protocol::ProduceResponse;
using protocol::TxnOffsetCommitRequest;
using protocol::TxnOffsetCommitResponse;

constexpr Uuid topic_id{{std::byte{7}}};

/// What a request said, in a line: all that the tests look at.
class ProducerTransactions : public testing::Test {
protected:
    bool version_2 = true;
    int16_t epoch = 0;
    /// Of the next answers; none after them.
    std::vector<ErrorCode> init_codes, produce_codes, add_codes, end_codes;
    std::vector<ErrorCode> find_codes, add_offsets_codes, offset_codes;
    /// Whether the coordinator has no time for new epochs and offsets.
    std::atomic<bool> is_busy = false;
    Guarded<std::vector<std::string>> said;
    std::string failures;
    SystemClock clock;
    Log log{clock, [](std::string_view) {}};
    ScriptedBroker broker{
        {{ApiVersionsRequest::api.key, [this](const auto& r) { return versions(r); }},
         {MetadataRequest::api.key, [this](const auto& r) { return metadata(r); }},
         {FindCoordinatorRequest::api.key, [this](const auto& r) { return find(r); }},
         {InitProducerIdRequest::api.key, [this](const auto& r) { return identify(r); }},
         {AddPartitionsToTxnRequest::api.key, [this](const auto& r) { return add(r); }},
         {ProduceRequest::api.key, [this](const auto& r) { return produce(r); }},
         {AddOffsetsToTxnRequest::api.key, [this](const auto& r) { return add_offsets(r); }},
         {TxnOffsetCommitRequest::api.key, [this](const auto& r) { return commit_offsets(r); }},
         {EndTxnRequest::api.key, [this](const auto& r) { return end(r); }}}};

    std::unique_ptr<Producer> make(std::string max_block_ms = "60000") {
        ClientProperties properties;
        properties.set("bootstrap.servers", broker.server());
        properties.set("retry.backoff.ms", "1");
        properties.set("max.block.ms", std::move(max_block_ms));
        properties.set("transactional.id", "tx");
        return value_or_throw(
            Producer::create(properties, log, clock, [this](const Delivery& delivery) {
                if (delivery.failure != nullptr) failures += delivery.failure->to_string() + "\n";
            }));
    }

    static Outcome<void> send(Producer& producer) {
        return producer.send({.topic = "t", .value = bytes_of("v")});
    }
    static void begin_with_a_record(Producer& producer) {
        ASSERT_TRUE(producer.begin_transaction());
        ASSERT_TRUE(send(producer));
    }
    /// A producer whose first transaction has a record.
    std::unique_ptr<Producer> make_begun() {
        auto producer = make();
        EXPECT_TRUE(producer->init_transactions());
        begin_with_a_record(*producer);
        return producer;
    }
    std::vector<std::string> all_said() { return *said.lock(); }
    static std::string error_of(const Outcome<void>& outcome) {
        return outcome ? "none" : outcome.error().to_string();
    }

private:
    void note(const std::string& line) { said.lock()->push_back(line); }
    static ErrorCode next(std::vector<ErrorCode>& codes) {
        if (codes.empty()) return ErrorCode::none;
        const ErrorCode code = codes.front();
        codes.erase(codes.begin());
        return code;
    }

    std::optional<Bytes> versions(const ScriptedRequest& request) {
        auto response = ScriptedBroker::all_versions();
        const int16_t level = version_2 ? 2 : 1;
        response.finalized_features = {{"transaction.version", level, level}};
        return request.answer(response);
    }
    std::optional<Bytes> metadata(const ScriptedRequest& request) {
        auto response = broker.this_node();
        response.topics.push_back({.name = "t", .topic_id = topic_id});
        response.topics.back().partitions.push_back(
            {.partition_index = PartitionId{0}, .leader_id = 1});
        return request.answer(response);
    }
    std::optional<Bytes> find(const ScriptedRequest& request) {
        const auto asked = request.decode<FindCoordinatorRequest>();
        const bool of_group = asked.key_type == int8_t(CoordinatorType::group);
        if (of_group) note("find " + asked.coordinator_keys.at(0));
        FindCoordinatorResponse response;
        response.coordinators.push_back({.key = asked.coordinator_keys.at(0),
                                         .node_id = 1,
                                         .host = "127.0.0.1",
                                         .port = broker.port(),
                                         .error_code = of_group ? next(find_codes)
                                                                : ErrorCode::none});
        return request.answer(response);
    }
    std::optional<Bytes> identify(const ScriptedRequest& request) {
        const ErrorCode code = is_busy ? ErrorCode::concurrent_transactions : next(init_codes);
        note("init");
        return request.answer(InitProducerIdResponse{
            .error_code = code, .producer_id = ProducerId{9}, .producer_epoch = epoch});
    }
    std::optional<Bytes> add(const ScriptedRequest& request) {
        const auto asked = request.decode<AddPartitionsToTxnRequest>();
        note("add " + asked.v3_and_below_topics.at(0).name);
        AddPartitionsToTxnResponse response;
        response.results_by_topic_v3_and_below.push_back({.name = "t"});
        response.results_by_topic_v3_and_below[0].results_by_partition.push_back(
            {.partition_error_code = next(add_codes)});
        return request.answer(response);
    }
    std::optional<Bytes> produce(const ScriptedRequest& request) {
        const auto asked = request.decode<ProduceRequest>();
        const auto header =
            record::parse_header(asked.topic_data.at(0).partition_data.at(0).records->bytes);
        if (!header) return std::nullopt;
        note("produce " + asked.transactional_id.value_or("null") + " epoch " +
             std::to_string(header->producer_epoch) + " sequence " +
             std::to_string(header->base_sequence) +
             (header->is_transactional() ? "" : " not transactional") +
             (request.header.request_api_version >= 12 ? " of version 2" : ""));
        ProduceResponse response;
        response.responses.push_back({.name = "t", .topic_id = topic_id});
        response.responses[0].partition_responses.push_back(
            {.error_code = next(produce_codes), .base_offset = Offset{0}});
        return request.answer(response);
    }
    std::optional<Bytes> add_offsets(const ScriptedRequest& request) {
        note("add offsets of " + request.decode<AddOffsetsToTxnRequest>().group_id);
        const ErrorCode code =
            is_busy ? ErrorCode::concurrent_transactions : next(add_offsets_codes);
        return request.answer(AddOffsetsToTxnResponse{.error_code = code});
    }
    std::optional<Bytes> commit_offsets(const ScriptedRequest& request) {
        const auto asked = request.decode<TxnOffsetCommitRequest>();
        std::string line = "offsets";
        TxnOffsetCommitResponse response;
        for (const auto& topic : asked.topics) {
            response.topics.push_back({.name = topic.name});
            for (const auto& partition : topic.partitions) {
                line += " " + topic.name + "-" + std::to_string(raw(partition.partition_index)) +
                        "=" + std::to_string(raw(partition.committed_offset)) + "/" +
                        std::to_string(raw(partition.committed_leader_epoch));
                response.topics.back().partitions.push_back(
                    {.partition_index = partition.partition_index,
                     .error_code = next(offset_codes)});
            }
        }
        note(line + " of " + asked.group_id + " " + std::to_string(asked.generation_id) + " " +
             asked.member_id + " " + asked.group_instance_id.value_or("null") + " epoch " +
             std::to_string(asked.producer_epoch) +
             (request.header.request_api_version >= 5 ? " of version 2" : ""));
        return request.answer(response);
    }
    std::optional<Bytes> end(const ScriptedRequest& request) {
        const auto asked = request.decode<EndTxnRequest>();
        note(asked.committed ? "commit" : "abort");
        EndTxnResponse response{.error_code = next(end_codes)};
        if (request.header.request_api_version >= 5) {
            response.producer_id = ProducerId{9};
            response.producer_epoch = ++epoch;
        }
        return request.answer(response);
    }
};

TEST_F(ProducerTransactions, have_an_epoch_each_where_the_broker_adds_partitions_itself) {
    auto producer = make();
    ASSERT_TRUE(producer->init_transactions());
    for (int i = 0; i < 2; ++i) {
        begin_with_a_record(*producer);
        ASSERT_TRUE(producer->commit_transaction());
    }
    EXPECT_EQ(all_said(), (std::vector<std::string>{
                              "init", "produce tx epoch 0 sequence 0 of version 2", "commit",
                              "produce tx epoch 1 sequence 0 of version 2", "commit"}));
}

TEST_F(ProducerTransactions, tell_the_coordinator_of_partitions_where_the_broker_does_not) {
    version_2 = false;
    add_codes = {ErrorCode::concurrent_transactions};
    auto producer = make();
    ASSERT_TRUE(producer->init_transactions());
    for (int i = 0; i < 2; ++i) {
        begin_with_a_record(*producer);
        ASSERT_TRUE(producer->commit_transaction());
    }
    EXPECT_EQ(all_said(),
              (std::vector<std::string>{"init", "add t", "add t", "produce tx epoch 0 sequence 0",
                                        "commit", "add t", "produce tx epoch 0 sequence 1",
                                        "commit"}));
}

TEST_F(ProducerTransactions, without_records_are_nothing_to_the_coordinator) {
    auto producer = make();
    ASSERT_TRUE(producer->init_transactions());
    ASSERT_TRUE(producer->begin_transaction());
    ASSERT_TRUE(producer->commit_transaction());
    ASSERT_TRUE(producer->begin_transaction());
    ASSERT_TRUE(producer->abort_transaction());
    EXPECT_EQ(all_said(), std::vector<std::string>{"init"});
}

TEST_F(ProducerTransactions, cannot_be_committed_when_a_record_was_not_stored) {
    produce_codes = {ErrorCode::invalid_record};
    auto producer = make_begun();
    EXPECT_TRUE(error_of(producer->commit_transaction()).contains("InvalidRecordException"));
    EXPECT_TRUE(error_of(send(*producer))
                    .contains("Cannot execute transactional method because we are in an error "
                              "state"));
    ASSERT_TRUE(producer->abort_transaction());
    begin_with_a_record(*producer);
    EXPECT_TRUE(producer->commit_transaction());
    EXPECT_EQ(all_said().back(), "commit");
}

TEST_F(ProducerTransactions, take_back_what_is_not_sent_yet) {
    auto producer = make_begun();
    ASSERT_TRUE(producer->abort_transaction());
    EXPECT_EQ(failures,
              "org.apache.kafka.common.errors.TransactionAbortedException: Failing batch since "
              "transaction was aborted\n");
    EXPECT_EQ(all_said().back(), "abort");
}

TEST_F(ProducerTransactions, begin_with_a_new_epoch_after_a_loss_that_the_broker_knows_nothing_of) {
    version_2 = false;
    produce_codes = {ErrorCode::invalid_record};
    auto producer = make_begun();
    EXPECT_FALSE(producer->commit_transaction());
    epoch = 1;
    ASSERT_TRUE(producer->abort_transaction());
    begin_with_a_record(*producer);
    ASSERT_TRUE(producer->commit_transaction());
    EXPECT_EQ(all_said(),
              (std::vector<std::string>{"init", "add t", "produce tx epoch 0 sequence 0", "abort",
                                        "init", "add t", "produce tx epoch 1 sequence 0",
                                        "commit"}));
}

TEST_F(ProducerTransactions, of_a_fenced_producer_are_over) {
    end_codes = {ErrorCode::producer_fenced};
    auto producer = make_begun();
    EXPECT_FALSE(producer->commit_transaction());
    EXPECT_EQ(error_of(producer->abort_transaction()),
              "org.apache.kafka.common.errors.ProducerFencedException: Producer with "
              "transactionalId 'tx' and (producerId=9, epoch=0) has been fenced by another "
              "producer with the same transactionalId");
}

TEST_F(ProducerTransactions, wait_while_the_coordinator_is_busy_with_the_last_one) {
    init_codes = {ErrorCode::concurrent_transactions, ErrorCode::coordinator_load_in_progress};
    end_codes = {ErrorCode::not_coordinator, ErrorCode::concurrent_transactions};
    auto producer = make_begun();
    ASSERT_TRUE(producer->commit_transaction());
    EXPECT_EQ(all_said(), (std::vector<std::string>{
                              "init", "init", "init", "produce tx epoch 0 sequence 0 of version 2",
                              "commit", "commit", "commit"}));
}

TEST_F(ProducerTransactions, that_were_not_answered_in_time_can_be_asked_for_again) {
    init_codes.assign(100'000, ErrorCode::concurrent_transactions);
    auto producer = make("20");
    EXPECT_EQ(error_of(producer->init_transactions()),
              "org.apache.kafka.common.errors.TimeoutException: Timeout expired after 20ms while "
              "awaiting InitProducerId");
    EXPECT_TRUE(error_of(producer->init_transactions()).contains("TimeoutException"));
}

TEST_F(ProducerTransactions, are_refused_out_of_turn_in_javas_words) {
    auto producer = make();
    EXPECT_EQ(error_of(send(*producer)),
              "java.lang.IllegalStateException: Cannot add partition t-0 to transaction before "
              "completing a call to initTransactions");
    EXPECT_EQ(error_of(producer->begin_transaction()),
              "java.lang.IllegalStateException: TransactionalId tx: Invalid transition attempted "
              "from state UNINITIALIZED to state IN_TRANSACTION");
    ASSERT_TRUE(producer->init_transactions());
    EXPECT_EQ(error_of(send(*producer)),
              "java.lang.IllegalStateException: Cannot add partition t-0 to transaction while in "
              "state  READY");
}

const ConsumerGroupMetadata group{
    .group_id = "g", .generation = 3, .member_id = "m", .instance_id = "i"};
const std::map<TopicPartition, OffsetAndEpoch> offsets{
    {{"in", 0}, {.offset = Offset{5}, .epoch = LeaderEpoch{2}}},
    {{"in", 1}, {.offset = Offset{7}}}};
const std::string offsets_line = "offsets in-0=5/2 in-1=7/-1 of g 3 m i epoch 0";

TEST_F(ProducerTransactions, take_the_offsets_of_a_group_in_after_the_records) {
    auto producer = make_begun();
    ASSERT_TRUE(producer->send_offsets_to_transaction(offsets, group));
    ASSERT_TRUE(producer->commit_transaction());
    EXPECT_EQ(all_said(), (std::vector<std::string>{
                              "init", "produce tx epoch 0 sequence 0 of version 2", "find g",
                              offsets_line + " of version 2", "commit"}));
}

TEST_F(ProducerTransactions, tell_the_coordinator_of_offsets_where_the_broker_does_not) {
    version_2 = false;
    add_offsets_codes = {ErrorCode::concurrent_transactions, ErrorCode::not_coordinator};
    auto producer = make();
    ASSERT_TRUE(producer->init_transactions());
    ASSERT_TRUE(producer->begin_transaction());
    ASSERT_TRUE(producer->send_offsets_to_transaction(offsets, group));
    ASSERT_TRUE(producer->commit_transaction());
    const std::string add = "add offsets of g";
    EXPECT_EQ(all_said(), (std::vector<std::string>{"init", add, add, add, "find g", offsets_line,
                                                    "commit"}));
}

TEST_F(ProducerTransactions, without_offsets_ask_nobody_about_the_group) {
    auto producer = make();
    ASSERT_TRUE(producer->init_transactions());
    ASSERT_TRUE(producer->begin_transaction());
    ASSERT_TRUE(producer->send_offsets_to_transaction({}, group));
    ASSERT_TRUE(producer->commit_transaction());
    EXPECT_EQ(all_said(), std::vector<std::string>{"init"});
}

TEST_F(ProducerTransactions, ask_again_for_offsets_what_asking_again_may_mend) {
    // Of each request both partitions get one.
    offset_codes = {ErrorCode::none,           ErrorCode::coordinator_load_in_progress,
                    ErrorCode::not_coordinator, ErrorCode::none,
                    ErrorCode::unknown_topic_or_partition, ErrorCode::concurrent_transactions};
    auto producer = make_begun();
    ASSERT_TRUE(producer->send_offsets_to_transaction(offsets, group));
    ASSERT_TRUE(producer->commit_transaction());
    const std::string line = offsets_line + " of version 2";
    EXPECT_EQ(all_said(), (std::vector<std::string>{
                              "init", "produce tx epoch 0 sequence 0 of version 2", "find g", line,
                              line, "find g", line, line, "commit"}));
}

TEST_F(ProducerTransactions, that_lost_their_place_in_the_group_are_aborted_and_others_follow) {
    struct Case {
        ErrorCode code;
        std::string told;
    };
    const std::string mismatch = "org.apache.kafka.clients.consumer.CommitFailedException: "
                                 "Transaction offset Commit failed due to consumer group metadata "
                                 "mismatch: ";
    const std::vector<Case> cases{
        {ErrorCode::illegal_generation, mismatch + "Specified group generation id is not valid."},
        {ErrorCode::unknown_member_id,
         mismatch + "The coordinator is not aware of this member."},
        {ErrorCode::fenced_instance_id,
         failure_of(ErrorCode::fenced_instance_id).to_string()},
        {ErrorCode::transaction_abortable,
         failure_of(ErrorCode::transaction_abortable).to_string()},
        {ErrorCode::group_authorization_failed,
         "org.apache.kafka.common.errors.GroupAuthorizationException: Not authorized to access "
         "group: g"}};
    for (const bool newer : {true, false}) {
        version_2 = newer;
        auto producer = make();
        ASSERT_TRUE(producer->init_transactions());
        for (const Case& one : cases) {
            offset_codes = {ErrorCode::none, one.code};
            begin_with_a_record(*producer);
            EXPECT_EQ(error_of(producer->send_offsets_to_transaction(offsets, group)), one.told);
            EXPECT_FALSE(producer->commit_transaction());
            ASSERT_TRUE(producer->abort_transaction());
            EXPECT_EQ(all_said().at(all_said().size() - (newer ? 1 : 2)), "abort");
        }
        begin_with_a_record(*producer);
        ASSERT_TRUE(producer->send_offsets_to_transaction(offsets, group));
        ASSERT_TRUE(producer->commit_transaction());
    }
}

TEST_F(ProducerTransactions, of_which_the_group_coordinator_knows_a_newer_producer_are_over) {
    const std::vector<ErrorCode> fatal{ErrorCode::producer_fenced,
                                       ErrorCode::invalid_producer_epoch,
                                       ErrorCode::transactional_id_authorization_failed,
                                       ErrorCode::unsupported_for_message_format,
                                       ErrorCode::invalid_commit_offset_size};
    for (const ErrorCode code : fatal) {
        offset_codes = {code};
        auto producer = make_begun();
        const auto sent = producer->send_offsets_to_transaction(offsets, group);
        ASSERT_FALSE(sent);
        const bool fenced = code == ErrorCode::invalid_producer_epoch;
        if (code == ErrorCode::invalid_commit_offset_size) {
            EXPECT_TRUE(sent.error().text().starts_with(
                "Unexpected error in TxnOffsetCommitResponse: "));
        } else {
            EXPECT_EQ(sent.error().code, fenced ? ErrorCode::producer_fenced : code);
        }
        EXPECT_FALSE(producer->abort_transaction());
        EXPECT_FALSE(producer->begin_transaction());
    }
}

TEST_F(ProducerTransactions, whose_group_may_not_be_looked_up_are_aborted) {
    find_codes = {ErrorCode::coordinator_not_available, ErrorCode::group_authorization_failed};
    auto producer = make_begun();
    EXPECT_TRUE(error_of(producer->send_offsets_to_transaction(offsets, group))
                    .contains("Not authorized to access group: g"));
    EXPECT_TRUE(producer->abort_transaction());
}

TEST_F(ProducerTransactions, are_refused_by_the_coordinator_before_offsets_are_sent) {
    version_2 = false;
    add_offsets_codes = {ErrorCode::group_authorization_failed, ErrorCode::invalid_producer_epoch};
    auto producer = make_begun();
    EXPECT_TRUE(error_of(producer->send_offsets_to_transaction(offsets, group))
                    .contains("GroupAuthorizationException"));
    ASSERT_TRUE(producer->abort_transaction());
    begin_with_a_record(*producer);
    EXPECT_TRUE(error_of(producer->send_offsets_to_transaction(offsets, group))
                    .contains("ProducerFencedException"));
    EXPECT_FALSE(producer->abort_transaction());
}

TEST_F(ProducerTransactions, whose_offsets_were_not_answered_in_time_are_aborted_with_a_new_epoch) {
    version_2 = false;
    // A busy machine may need several of so short times.
    const auto sooner_or_later = [](const std::function<Outcome<void>()>& call) {
        for (int i = 0; i < 100; ++i) {
            if (call()) return true;
        }
        return false;
    };
    auto producer = make("100");
    ASSERT_TRUE(sooner_or_later([&] { return producer->init_transactions(); }));
    ASSERT_TRUE(producer->begin_transaction());
    is_busy = true;
    EXPECT_TRUE(error_of(producer->send_offsets_to_transaction(offsets, group))
                    .contains("TimeoutException"));
    EXPECT_FALSE(producer->commit_transaction());
    // The coordinator may have heard: what ends the transaction for certain is a new epoch.
    EXPECT_TRUE(error_of(producer->abort_transaction()).contains("TimeoutException"));
    is_busy = false;
    EXPECT_TRUE(sooner_or_later([&] { return producer->abort_transaction(); }));
    EXPECT_EQ(all_said().back(), "init");
    EXPECT_TRUE(producer->begin_transaction());
}

TEST_F(ProducerTransactions, take_offsets_only_while_they_are_open_and_from_members_who_say_so) {
    auto producer = make();
    EXPECT_EQ(error_of(producer->send_offsets_to_transaction(offsets, group)),
              "java.lang.IllegalStateException: Cannot send offsets if a transaction is not in "
              "progress (currentState= UNINITIALIZED)");
    EXPECT_EQ(error_of(producer->send_offsets_to_transaction(
                  offsets, {.group_id = "g", .generation = 3})),
              "java.lang.IllegalArgumentException: Passed in group metadata GroupMetadata(groupId "
              "= g, generationId = 3, memberId = , groupInstanceId = ) has generationId > 0 but "
              "the member.id is unknown");
    EXPECT_TRUE(all_said().empty());
}

TEST_F(ProducerTransactions, are_aborted_when_a_record_before_the_offsets_was_not_stored) {
    produce_codes = {ErrorCode::invalid_record};
    auto producer = make_begun();
    EXPECT_TRUE(error_of(producer->send_offsets_to_transaction(offsets, group))
                    .contains("InvalidRecordException"));
    EXPECT_TRUE(producer->abort_transaction());
    EXPECT_EQ(all_said().back(), "abort");
}

}  // namespace
}  // namespace stoker::kafka
