// The loop against a broker of a few lines, which has an input of one partition, a group with one
// member and a transaction coordinator.
#include "kafka/consume_transform_produce.hpp"

#include <gtest/gtest.h>

#include "base/guarded.hpp"
#include "kafka/scripted_broker.hpp"
#include "protocol/messages/00_produce.hpp"
#include "protocol/messages/01_fetch.hpp"
#include "protocol/messages/02_list_offsets.hpp"
#include "protocol/messages/09_offset_fetch.hpp"
#include "protocol/messages/10_find_coordinator.hpp"
#include "protocol/messages/11_join_group.hpp"
#include "protocol/messages/12_heartbeat.hpp"
#include "protocol/messages/13_leave_group.hpp"
#include "protocol/messages/14_sync_group.hpp"
#include "protocol/messages/22_init_producer_id.hpp"
#include "protocol/messages/26_end_txn.hpp"
#include "protocol/messages/28_txn_offset_commit.hpp"
#include "record/builder.hpp"

namespace stoker::kafka {
namespace {

using protocol::ApiVersionsRequest;
using protocol::EndTxnRequest;
using protocol::EndTxnResponse;
using protocol::FetchRequest;
using protocol::FetchResponse;
using protocol::FindCoordinatorRequest;
using protocol::FindCoordinatorResponse;
using protocol::HeartbeatRequest;
using protocol::HeartbeatResponse;
using protocol::InitProducerIdRequest;
using protocol::InitProducerIdResponse;
using protocol::JoinGroupRequest;
using protocol::JoinGroupResponse;
using protocol::LeaveGroupRequest;
using protocol::LeaveGroupResponse;
using protocol::ListOffsetsRequest;
using protocol::ListOffsetsResponse;
using protocol::MetadataRequest;
using protocol::OffsetFetchRequest;
using protocol::OffsetFetchResponse;
using protocol::ProduceRequest;
using protocol::ProduceResponse;
using protocol::SyncGroupRequest;
using protocol::SyncGroupResponse;
using protocol::TxnOffsetCommitRequest;
using protocol::TxnOffsetCommitResponse;

constexpr Uuid in_id{{std::byte{7}}};
constexpr Uuid out_id{{std::byte{8}}};
constexpr int64_t enough_ms = 10'000;
using Lines = std::vector<std::string>;

class ConsumeTransformProduceTest : public testing::Test {
protected:
    /// What the input holds, a record each, from offset 0 on.
    Guarded<Lines> input{Lines{"a", "b", "c", "d"}};
    std::atomic<int64_t> committed = -1;
    std::atomic<int32_t> generation = 0;
    /// Of the next answers; none after them.
    Guarded<std::vector<ErrorCode>> init_codes, produce_codes, offset_codes, end_codes, fetch_codes;
    std::atomic<ErrorCode> heartbeat_error = ErrorCode::none;
    std::atomic<bool> hangs_up_on_end = false, wakes_on_commit = false;
    /// What was asked for, in a line each.
    Guarded<Lines> said;
    SystemClock clock;
    Log log{clock, [](std::string_view) {}};
    Wakeup wakeup;
    ScriptedBroker broker{script()};
    ConsumeTransformProduce::Properties properties;
    ConsumeTransformProduce::Options options{.records_max = 2, .linger_ms = enough_ms};
    /// Called for each record before it is copied.
    std::function<void(const ConsumerRecord&)> on_record = [](const ConsumerRecord&) {};

    void SetUp() override {
        for (ClientProperties* both : {&properties.consumer, &properties.producer}) {
            both->set("bootstrap.servers", broker.server());
            both->set("retry.backoff.ms", "1");
        }
        properties.consumer.set("group.id", "g");
        properties.consumer.set("fetch.max.wait.ms", "1");
        properties.consumer.set("auto.offset.reset", "earliest");
        properties.consumer.set("heartbeat.interval.ms", "1");
        properties.producer.set("transactional.id", "tx");
    }
    std::unique_ptr<ConsumeTransformProduce> make() {
        auto loop = value_or_throw(ConsumeTransformProduce::create(
            properties, options,
            [this](const ConsumerRecord& record, const ConsumeTransformProduce::Send& send) {
                on_record(record);
                send({.topic = "out", .partition = 0, .value = record.view.value});
            },
            log, clock, &wakeup));
        loop->subscribe({"in"});
        return loop;
    }
    /// Polls until so many records were committed.
    void run(ConsumeTransformProduce& loop, size_t records) {
        const Deadline deadline(clock, enough_ms);
        for (size_t done = 0; done < records && !deadline.passed();) done += loop.poll(enough_ms);
    }
    std::string told_by_poll(ConsumeTransformProduce& loop) {
        const Deadline deadline(clock, enough_ms);
        try {
            while (!deadline.passed()) loop.poll(enough_ms);
        } catch (const KafkaException& thrown) {
            return thrown.failure().to_string();
        }
        return "nothing";
    }
    Lines all_said() { return *said.lock(); }

private:
    void note(const std::string& line) { said.lock()->push_back(line); }
    static ErrorCode next(Guarded<std::vector<ErrorCode>>& codes) {
        const auto left = codes.lock();
        if (left->empty()) return ErrorCode::none;
        const ErrorCode code = left->front();
        left->erase(left->begin());
        return code;
    }

    std::map<int16_t, ScriptedBroker::Reaction> script() {
        using R = const ScriptedRequest&;
        using Answered = std::optional<Bytes>;
        std::map<int16_t, ScriptedBroker::Reaction> all;
        all[ApiVersionsRequest::api.key] = [](R r) -> Answered {
            auto response = ScriptedBroker::all_versions();
            response.finalized_features = {{"transaction.version", 2, 2}};
            return r.answer(response);
        };
        all[MetadataRequest::api.key] = [this](R r) -> Answered {
            auto response = broker.this_node();
            response.topics.push_back(
                {.name = "in", .topic_id = in_id, .partitions = {{.leader_id = 1}}});
            response.topics.push_back(
                {.name = "out", .topic_id = out_id, .partitions = {{.leader_id = 1}}});
            return r.answer(response);
        };
        all[FindCoordinatorRequest::api.key] = [this](R r) -> Answered {
            FindCoordinatorResponse response;
            response.coordinators.push_back(
                {.key = r.decode<FindCoordinatorRequest>().coordinator_keys.at(0), .node_id = 1,
                 .host = "127.0.0.1", .port = broker.port()});
            return r.answer(response);
        };
        add_group(all);
        add_input(all);
        add_transactions(all);
        return all;
    }

    void add_group(std::map<int16_t, ScriptedBroker::Reaction>& all) {
        using R = const ScriptedRequest&;
        using Answered = std::optional<Bytes>;
        all[JoinGroupRequest::api.key] = [this](R r) -> Answered {
            const auto asked = r.decode<JoinGroupRequest>();
            const auto& protocol = asked.protocols.at(0);
            note("join");
            return r.answer(JoinGroupResponse{
                .generation_id = ++generation,
                .protocol_type = "consumer",
                .protocol_name = protocol.name,
                .leader = "m",
                .member_id = "m",
                .members = {{.member_id = "m", .metadata = protocol.metadata}}});
        };
        all[SyncGroupRequest::api.key] = [](R r) -> Answered {
            SyncGroupResponse response;
            response.assignment = r.decode<SyncGroupRequest>().assignments.at(0).assignment;
            return r.answer(response);
        };
        all[HeartbeatRequest::api.key] = [this](R r) -> Answered {
            const ErrorCode code = heartbeat_error.exchange(ErrorCode::none);
            if (code != ErrorCode::none) note("heartbeat refused");
            return r.answer(HeartbeatResponse{.error_code = code});
        };
        all[LeaveGroupRequest::api.key] = [this](R r) -> Answered {
            note("leave");
            return r.answer(LeaveGroupResponse{});
        };
        all[OffsetFetchRequest::api.key] = [this](R r) -> Answered {
            const auto asked = r.decode<OffsetFetchRequest>();
            note(asked.require_stable ? "offset?" : "unstable offset?");
            OffsetFetchResponse response;
            response.groups.push_back({.group_id = "g"});
            response.groups[0].topics.push_back({.name = "in"});
            response.groups[0].topics[0].partitions.push_back(
                {.committed_offset = Offset{committed.load()}, .error_code = next(fetch_codes)});
            return r.answer(response);
        };
    }

    void add_input(std::map<int16_t, ScriptedBroker::Reaction>& all) {
        using R = const ScriptedRequest&;
        using Answered = std::optional<Bytes>;
        all[ListOffsetsRequest::api.key] = [](R r) -> Answered {
            return r.answer(ListOffsetsResponse{
                .topics = {{.name = "in", .partitions = {{.offset = Offset{0}}}}}});
        };
        all[FetchRequest::api.key] = [this](R r) -> Answered {
            const auto from =
                raw(r.decode<FetchRequest>().topics.at(0).partitions.at(0).fetch_offset);
            const Lines lines = *input.lock();
            FetchResponse::PartitionData data;
            data.high_watermark = data.last_stable_offset = Offset{int64_t(lines.size())};
            Bytes records;
            if (from < int64_t(lines.size())) {
                record::BatchBuilder builder(
                    {.base_offset = Offset{from}, .leader_epoch = LeaderEpoch{3}});
                for (auto i = size_t(from); i < lines.size(); ++i) {
                    builder.append(1000, std::nullopt, bytes_of(lines[i]));
                }
                records = std::move(builder).build();
            }
            data.records = protocol::Records{.bytes = records};
            FetchResponse response;
            response.responses.push_back({.topic = "in", .topic_id = in_id, .partitions = {data}});
            return r.answer(response);
        };
        all[ProduceRequest::api.key] = [this](R r) -> Answered {
            const auto asked = r.decode<ProduceRequest>();
            const auto& records = asked.topic_data.at(0).partition_data.at(0).records;
            note("produce " + std::to_string(record::parse_header(records->bytes)->record_count));
            ProduceResponse response;
            response.responses.push_back({.name = "out", .topic_id = out_id});
            response.responses[0].partition_responses.push_back(
                {.error_code = next(produce_codes), .base_offset = Offset{0}});
            return r.answer(response);
        };
    }

    void add_transactions(std::map<int16_t, ScriptedBroker::Reaction>& all) {
        using R = const ScriptedRequest&;
        using Answered = std::optional<Bytes>;
        all[InitProducerIdRequest::api.key] = [this](R r) -> Answered {
            return r.answer(InitProducerIdResponse{.error_code = next(init_codes),
                                                   .producer_id = ProducerId{9},
                                                   .producer_epoch = epoch_});
        };
        all[TxnOffsetCommitRequest::api.key] = [this](R r) -> Answered {
            const auto asked = r.decode<TxnOffsetCommitRequest>();
            const auto& partition = asked.topics.at(0).partitions.at(0);
            pending_ = raw(partition.committed_offset);
            note("offset " + std::to_string(pending_) + " of generation " +
                 std::to_string(asked.generation_id) + " " + asked.member_id);
            return r.answer(TxnOffsetCommitResponse{
                .topics = {{.name = "in", .partitions = {{.error_code = next(offset_codes)}}}}});
        };
        all[EndTxnRequest::api.key] = [this](R r) -> Answered {
            const bool commits = r.decode<EndTxnRequest>().committed;
            if (hangs_up_on_end.exchange(false)) return std::nullopt;
            const ErrorCode code = next(end_codes);
            note(commits ? "commit" : "abort");
            if (commits && wakes_on_commit) wakeup.raise();
            if (commits && code == ErrorCode::none) committed = pending_;
            return r.answer(EndTxnResponse{
                .error_code = code, .producer_id = ProducerId{9}, .producer_epoch = ++epoch_});
        };
    }

    int16_t epoch_ = 0;
    int64_t pending_ = -1;
};

TEST_F(ConsumeTransformProduceTest, commits_records_and_offsets_of_a_batch_together) {
    auto loop = make();
    run(*loop, 4);
    EXPECT_EQ(all_said(), (Lines{"join", "offset?", "produce 2", "offset 2 of generation 1 m",
                                 "commit", "produce 2", "offset 4 of generation 1 m", "commit"}));
    loop->close();
    EXPECT_EQ(all_said().back(), "leave");
}

TEST_F(ConsumeTransformProduceTest, commits_what_there_is_when_nothing_follows_in_time) {
    options = {.records_max = 1000, .linger_ms = 1};
    auto loop = make();
    run(*loop, 4);
    EXPECT_EQ(committed, 4);
    input.lock()->push_back("e");
    run(*loop, 1);
    EXPECT_EQ(committed, 5);
    EXPECT_EQ(loop->poll(1), 0u);
    EXPECT_EQ(committed, 5);
}

TEST_F(ConsumeTransformProduceTest, begins_where_the_transaction_before_it_ended) {
    committed = 2;
    *fetch_codes.lock() = {ErrorCode::unstable_offset_commit, ErrorCode::unstable_offset_commit};
    auto loop = make();
    run(*loop, 2);
    EXPECT_EQ(all_said(), (Lines{"join", "offset?", "offset?", "offset?", "produce 2",
                                 "offset 4 of generation 1 m", "commit"}));
}

TEST_F(ConsumeTransformProduceTest, aborts_and_reads_again_what_cannot_be_committed) {
    for (const ErrorCode code :
         {ErrorCode::illegal_generation, ErrorCode::unknown_member_id,
          ErrorCode::transaction_abortable}) {
        generation = 0;
        *offset_codes.lock() = {code};
        said.lock()->clear();
        auto loop = make();
        run(*loop, 2);
        const std::string offset = "offset 2 of generation 1 m";
        EXPECT_EQ(all_said(), (Lines{"join", "offset?", "produce 2", offset, "abort", "produce 2",
                                     offset, "commit"}));
        EXPECT_EQ(committed.exchange(-1), 2);
    }
}

TEST_F(ConsumeTransformProduceTest, tells_what_another_try_does_not_mend_after_the_abort) {
    *produce_codes.lock() = {ErrorCode::invalid_record};
    auto loop = make();
    EXPECT_TRUE(told_by_poll(*loop).contains("InvalidRecordException"));
    EXPECT_EQ(all_said().back(), "abort");
    run(*loop, 4);
    EXPECT_EQ(committed, 4) << "the caller may go on nevertheless";
}

TEST_F(ConsumeTransformProduceTest, tells_of_being_fenced_at_each_call) {
    *end_codes.lock() = {ErrorCode::producer_fenced};
    auto loop = make();
    EXPECT_TRUE(told_by_poll(*loop).contains("ProducerFencedException"));
    const size_t before = all_said().size();
    EXPECT_TRUE(told_by_poll(*loop).contains("ProducerFencedException"));
    EXPECT_EQ(all_said().size(), before);
    EXPECT_EQ(committed, -1);
}

TEST_F(ConsumeTransformProduceTest, tells_of_an_id_that_it_may_not_have) {
    *init_codes.lock() = {ErrorCode::transactional_id_authorization_failed};
    auto loop = make();
    EXPECT_TRUE(told_by_poll(*loop).contains("TransactionalIdAuthorizationException"));
}

TEST_F(ConsumeTransformProduceTest, asks_again_when_nobody_answered_the_commit) {
    properties.producer.set("max.block.ms", "300");
    auto loop = make();
    run(*loop, 2);
    end_codes.lock()->assign(2, ErrorCode::concurrent_transactions);
    hangs_up_on_end = true;
    run(*loop, 2);
    EXPECT_EQ(committed, 4);
    const Lines lines = all_said();
    EXPECT_EQ(std::ranges::count(lines, "produce 2"), 2) << "nothing was sent twice";
    EXPECT_EQ(std::ranges::count(lines, "abort"), 0);
}

TEST_F(ConsumeTransformProduceTest, commits_what_it_read_before_partitions_are_given_up) {
    options.records_max = 1000;
    wakes_on_commit = true;
    on_record = [this](const ConsumerRecord& record) {
        if (record.view.offset == Offset{3}) {
            heartbeat_error = ErrorCode::rebalance_in_progress;
        }
    };
    auto loop = make();
    EXPECT_EQ(loop->poll(enough_ms), 4u);
    Lines lines = all_said();
    lines.resize(6);  // it may have joined the group again by now
    EXPECT_EQ(lines, (Lines{"join", "offset?", "heartbeat refused", "produce 4",
                            "offset 4 of generation 1 m", "commit"}));
}

TEST_F(ConsumeTransformProduceTest, aborts_what_it_read_of_partitions_that_were_lost) {
    options.records_max = 1000;
    on_record = [this](const ConsumerRecord& record) {
        if (record.view.offset != Offset{3}) return;
        if (committed >= 0) return wakeup.raise();
        heartbeat_error = ErrorCode::unknown_member_id;
        committed = 3;  // somebody else went on meanwhile
    };
    auto loop = make();
    run(*loop, 1);
    const Lines lines = all_said();
    const auto abort = std::ranges::find(lines, "abort");
    ASSERT_NE(abort, lines.end());
    EXPECT_EQ(Lines(abort, lines.end()), (Lines{"abort", "join", "offset?", "produce 1",
                                                "offset 4 of generation 2 m", "commit"}));
}

TEST_F(ConsumeTransformProduceTest, aborts_and_reads_again_what_the_caller_could_not_transform) {
    int left = 1;
    on_record = [&](const ConsumerRecord& record) {
        if (record.view.offset == Offset{1} && left-- > 0) throw std::runtime_error("not this");
    };
    auto loop = make();
    EXPECT_THROW(run(*loop, 2), std::runtime_error);
    EXPECT_EQ(committed, -1);
    run(*loop, 2);
    EXPECT_EQ(committed, 2);
    EXPECT_EQ(all_said().back(), "commit");
}

TEST_F(ConsumeTransformProduceTest, returns_at_a_wakeup_with_what_it_has_read_committed) {
    options.records_max = 1000;
    on_record = [this](const ConsumerRecord& record) {
        if (record.view.offset == Offset{3}) wakeup.raise();
    };
    auto loop = make();
    EXPECT_EQ(loop->poll(enough_ms), 4u);
    EXPECT_EQ(committed, 4);
    EXPECT_EQ(loop->poll(enough_ms), 0u);
}

TEST_F(ConsumeTransformProduceTest, needs_a_group_an_id_and_nobody_who_commits_by_itself) {
    const auto refusal = [this] {
        const auto made = ConsumeTransformProduce::create(properties, options, {}, log, clock);
        return made ? "none" : made.error().text();
    };
    EXPECT_EQ(refusal(), "none");
    properties.consumer.set("enable.auto.commit", "true");
    EXPECT_TRUE(refusal().contains("enable.auto.commit"));
    properties.consumer.set("enable.auto.commit", "false");
    properties.producer.erase("transactional.id");
    EXPECT_TRUE(refusal().contains("transactional.id"));
    properties.producer.set("transactional.id", "tx");
    properties.consumer.erase("group.id");
    EXPECT_TRUE(refusal().contains("group.id"));
}

}  // namespace
}  // namespace stoker::kafka
