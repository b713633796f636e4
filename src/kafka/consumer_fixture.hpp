// A broker of a few lines for the tests of consumers: one topic, a group that has one member.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/guarded.hpp"
#include "kafka/consumer.hpp"
#include "kafka/scripted_broker.hpp"
#include "protocol/messages/01_fetch.hpp"
#include "protocol/messages/02_list_offsets.hpp"
#include "protocol/messages/08_offset_commit.hpp"
#include "protocol/messages/09_offset_fetch.hpp"
#include "protocol/messages/10_find_coordinator.hpp"
#include "protocol/messages/11_join_group.hpp"
#include "protocol/messages/12_heartbeat.hpp"
#include "protocol/messages/13_leave_group.hpp"
#include "protocol/messages/14_sync_group.hpp"
#include "protocol/messages/18_api_versions.hpp"
#include "protocol/messages/subscription.hpp"
#include "record/builder.hpp"

namespace stoker::kafka {

using protocol::FetchRequest;
using protocol::FetchResponse;
using protocol::FindCoordinatorRequest;
using protocol::FindCoordinatorResponse;
using protocol::HeartbeatRequest;
using protocol::HeartbeatResponse;
using protocol::JoinGroupRequest;
using protocol::JoinGroupResponse;
using protocol::LeaveGroupRequest;
using protocol::LeaveGroupResponse;
using protocol::ListOffsetsRequest;
using protocol::ListOffsetsResponse;
using protocol::MetadataRequest;
using protocol::MetadataResponse;
using protocol::OffsetCommitRequest;
using protocol::OffsetCommitResponse;
using protocol::OffsetFetchRequest;
using protocol::OffsetFetchResponse;
using protocol::SyncGroupRequest;
using protocol::SyncGroupResponse;

inline constexpr Uuid topic_id{{std::byte{7}}};
inline constexpr int64_t enough_ms = 10'000;
inline const TopicPartition where{"t", 0};

inline Bytes batch(int64_t base, const std::vector<std::string>& values,
                   record::BatchBuilder::Options options = {}) {
    options.base_offset = Offset{base};
    options.leader_epoch = LeaderEpoch{3};
    record::BatchBuilder builder(options);
    for (const std::string& value : values) builder.append(1000, std::nullopt, bytes_of(value));
    return std::move(builder).build();
}

/// A broker with a topic "t" of one partition whose log is `log_bytes`, and a group coordinator
/// that has one member.
class ConsumerTest : public testing::Test {
protected:
    std::vector<Bytes> log_batches;
    std::vector<FetchResponse::AbortedTransaction> aborted;
    std::optional<ErrorCode> fetch_error;
    int64_t committed = -1;
    std::atomic<int16_t> offset_fetch_max = INT16_MAX;
    /// Of the next answers to OffsetFetch.
    std::atomic<int> unstable_answers = 0;
    /// Versions of OffsetFetch that asked for what is stable.
    Guarded<std::vector<int16_t>> stable_asked;
    Guarded<std::vector<int64_t>> commits;
    std::atomic<int> joins = 0;
    /// How many partitions the member said it had when it joined.
    Guarded<std::vector<size_t>> owned_at_join;
    /// This generation assigns nothing.
    int idle_generation = -1;
    std::atomic<ErrorCode> heartbeat_error = ErrorCode::none;
    std::atomic<int> heartbeats = 0;
    std::atomic<bool> topic_exists = true;
    std::atomic<bool> left = false;
    SystemClock clock;
    std::string logged;
    Log log{clock, [this](std::string_view line) { logged += line; }};
    Wakeup wakeup;
    ScriptedBroker broker{script()};

    std::unique_ptr<Consumer> make(std::map<std::string, std::string, std::less<>> more = {}) {
        ClientProperties properties(std::move(more));
        properties.set("bootstrap.servers", broker.server());
        properties.set_default("retry.backoff.ms", "1");
        properties.set_default("fetch.max.wait.ms", "1");
        properties.set_default("auto.offset.reset", "earliest");
        return value_or_throw(Consumer::create(properties, log, clock, &wakeup));
    }

    /// The values of the next records.
    std::vector<std::string> read(Consumer& consumer, size_t count) {
        std::vector<std::string> values;
        while (values.size() < count) {
            if (!value_or_throw(consumer.poll(enough_ms))) break;
            while (const ConsumerRecord* record = consumer.next()) {
                values.emplace_back(text_of(*record->view.value));
                if (values.size() == count) break;
            }
        }
        return values;
    }

private:
    std::map<int16_t, ScriptedBroker::Reaction> script() {
        std::map<int16_t, ScriptedBroker::Reaction> all;
        all[MetadataRequest::api.key] = [this](const auto& r) { return metadata(r); };
        all[FetchRequest::api.key] = [this](const auto& r) { return fetch(r); };
        all[ListOffsetsRequest::api.key] = [this](const auto& r) { return list_offsets(r); };
        all[FindCoordinatorRequest::api.key] = [this](const auto& r) -> std::optional<Bytes> {
            return r.answer(FindCoordinatorResponse{
                .coordinators = {{.key = "g", .node_id = 1, .host = "127.0.0.1",
                                  .port = broker.port()}}});
        };
        all[JoinGroupRequest::api.key] = [this](const auto& r) { return join(r); };
        all[SyncGroupRequest::api.key] = [this](const auto& r) -> std::optional<Bytes> {
            const auto asked = r.template decode<SyncGroupRequest>();
            SyncGroupResponse response;
            const bool idle = asked.generation_id == idle_generation;
            if (!asked.assignments.empty() && !idle) {
                response.assignment = asked.assignments[0].assignment;
            }
            return r.answer(response);
        };
        all[HeartbeatRequest::api.key] = [this](const auto& r) -> std::optional<Bytes> {
            ++heartbeats;
            const ErrorCode code = heartbeat_error.exchange(ErrorCode::none);
            return r.answer(HeartbeatResponse{.error_code = code});
        };
        all[LeaveGroupRequest::api.key] = [this](const auto& r) -> std::optional<Bytes> {
            left = true;
            return r.answer(LeaveGroupResponse{});
        };
        all[protocol::ApiVersionsRequest::api.key] = [this](const auto& r) {
            auto response = ScriptedBroker::all_versions();
            for (auto& api : response.api_keys) {
                if (api.api_key != OffsetFetchRequest::api.key) continue;
                api.max_version = std::min(api.max_version, offset_fetch_max.load());
            }
            return std::optional(r.answer(response));
        };
        all[OffsetFetchRequest::api.key] = [this](const auto& r) -> std::optional<Bytes> {
            const int16_t version = r.header.request_api_version;
            if (r.template decode<OffsetFetchRequest>().require_stable) {
                stable_asked.lock()->push_back(version);
            }
            const ErrorCode code = unstable_answers > 0 ? ErrorCode::unstable_offset_commit
                                                        : ErrorCode::none;
            unstable_answers -= unstable_answers > 0;
            if (version < 8) {
                return r.answer(OffsetFetchResponse{
                    .topics = {{.name = "t",
                                .partitions = {{.committed_offset = Offset{committed},
                                                .error_code = code}}}}});
            }
            return r.answer(OffsetFetchResponse{
                .groups = {{.group_id = "g",
                            .topics = {{.name = "t",
                                        .partitions = {{.committed_offset = Offset{committed},
                                                        .error_code = code}}}}}}});
        };
        all[OffsetCommitRequest::api.key] = [this](const auto& r) -> std::optional<Bytes> {
            const auto asked = r.template decode<OffsetCommitRequest>();
            commits.lock()->push_back(raw(asked.topics.at(0).partitions.at(0).committed_offset));
            return r.answer(OffsetCommitResponse{
                .topics = {{.name = "t", .topic_id = topic_id, .partitions = {{}}}}});
        };
        return all;
    }

    std::optional<Bytes> metadata(const ScriptedRequest& request) {
        MetadataResponse response = broker.this_node();
        if (topic_exists) {
            response.topics.push_back(
                {.name = "t", .topic_id = topic_id, .partitions = {{.leader_id = 1}}});
        } else {
            response.topics.push_back(
                {.error_code = ErrorCode::unknown_topic_or_partition, .name = "t"});
        }
        return request.answer(response);
    }

    std::optional<Bytes> join(const ScriptedRequest& request) {
        const auto asked = request.decode<JoinGroupRequest>();
        if (asked.member_id.empty()) {
            return request.answer(JoinGroupResponse{
                .error_code = ErrorCode::member_id_required, .member_id = "m"});
        }
        ++joins;
        const auto& protocol = asked.protocols.at(0);
        owned_at_join.lock()->push_back(
            protocol::read_subscription(protocol.metadata).owned_partitions.size());
        return request.answer(JoinGroupResponse{
            .generation_id = joins,
            .protocol_type = "consumer",
            .protocol_name = protocol.name,
            .leader = "m",
            .member_id = "m",
            .members = {{.member_id = "m", .metadata = protocol.metadata}}});
    }

    int64_t end() const {
        if (log_batches.empty()) return 0;
        return raw(record::parse_header(log_batches.back())->last_offset()) + 1;
    }

    std::optional<Bytes> list_offsets(const ScriptedRequest& request) {
        const auto asked = request.decode<ListOffsetsRequest>();
        const int64_t timestamp = asked.topics.at(0).partitions.at(0).timestamp;
        const Offset offset{timestamp == latest_timestamp ? end() : 0};
        return request.answer(ListOffsetsResponse{
            .topics = {{.name = "t", .partitions = {{.offset = offset}}}}});
    }

    std::optional<Bytes> fetch(const ScriptedRequest& request) {
        const auto asked = request.decode<FetchRequest>();
        const auto& partition = asked.topics.at(0).partitions.at(0);
        FetchResponse::PartitionData data;
        Bytes records;
        if (fetch_error) {
            data.error_code = *fetch_error;
            fetch_error.reset();
        } else {
            for (const Bytes& one : log_batches) {
                const auto header = record::parse_header(one);
                if (!header || header->last_offset() >= partition.fetch_offset) {
                    records.insert(records.end(), one.begin(), one.end());
                }
            }
            data.aborted_transactions = aborted;
            data.high_watermark = data.last_stable_offset = Offset{end()};
        }
        data.records = protocol::Records{.bytes = records};
        FetchResponse response;
        response.responses.push_back({.topic = "t", .topic_id = topic_id, .partitions = {data}});
        return request.answer(response);
    }
};

}  // namespace stoker::kafka
