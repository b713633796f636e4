// What the tests of the transaction coordinator share: a coordinator on a manual clock whose log is
// a vector and whose partitions are a list of markers, and short forms of the requests. For tests
// only.
#pragma once

#include "broker/transaction/transaction_coordinator.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace stoker::broker {

struct StoredTransaction {
    PartitionId partition{};
    TransactionRecord record;
};
struct WrittenMarker {
    storage::TopicPartition partition;
    EndMarker marker;
};

inline const storage::TopicPartition orders{"orders", PartitionId{0}};
inline const storage::TopicPartition bills{"bills", PartitionId{3}};

/// One coordinator, its log and the markers that it wrote.
class TransactionHarness {
public:
    using ProducerAnswer = TransactionCoordinator::ProducerAnswer;
    template <class T>
    using Answer = std::shared_ptr<std::optional<T>>;

    explicit TransactionHarness(TransactionConfig config = {})
        : coordinator(clock, config, environment()) {}

    template <class T>
    static std::pair<Answer<T>, std::move_only_function<void(T)>> reply() {
        auto answer = std::make_shared<std::optional<T>>();
        return {answer, [answer](T value) {
                    EXPECT_FALSE(answer->has_value()) << "a request is answered once";
                    *answer = std::move(value);
                }};
    }

    Answer<ProducerAnswer> init_later(const std::string& id,
                                      std::optional<ProducerIdentity> expected = {},
                                      int32_t timeout_ms = 60'000) {
        auto [answer, send] = reply<ProducerAnswer>();
        coordinator.init_producer(
            {.transactional_id = id, .timeout_ms = timeout_ms, .expected = expected},
            std::move(send));
        return answer;
    }
    ProducerAnswer init(const std::string& id, std::optional<ProducerIdentity> expected = {},
                        int32_t timeout_ms = 60'000) {
        auto answer = init_later(id, expected, timeout_ms);
        return answer->value_or(ProducerAnswer{.error = ErrorCode::request_timed_out});
    }
    /// REQUEST_TIMED_OUT: not answered.
    ErrorCode add(const std::string& id, const ProducerIdentity& producer,
                  TransactionPartitions partitions = {orders}, int16_t version = 0,
                  uint64_t session = 1) {
        auto [answer, send] = reply<ErrorCode>();
        coordinator.add_partitions(
            {.transactional_id = id, .producer = producer, .session_id = session},
            std::move(partitions), version, std::move(send));
        return answer->value_or(ErrorCode::request_timed_out);
    }
    Answer<ProducerAnswer> end_later(const std::string& id, const ProducerIdentity& producer,
                                     bool commit, int16_t version = 0, uint64_t session = 1) {
        auto [answer, send] = reply<ProducerAnswer>();
        coordinator.end({.transactional_id = id, .producer = producer, .session_id = session},
                        commit, version, std::move(send));
        return answer;
    }
    ProducerAnswer end(const std::string& id, const ProducerIdentity& producer, bool commit,
                       int16_t version = 0, uint64_t session = 1) {
        auto answer = end_later(id, producer, commit, version, session);
        return answer->value_or(ProducerAnswer{.error = ErrorCode::request_timed_out});
    }
    std::vector<ErrorCode> verify(const std::string& id, const ProducerIdentity& producer,
                                  std::vector<storage::TopicPartition> partitions,
                                  bool add = false) {
        std::vector<ErrorCode> codes;
        coordinator.verify_partitions(id, producer.id, producer.epoch, std::move(partitions), add,
                                      [&](std::vector<ErrorCode> answer) { codes = answer; });
        return codes;
    }
    std::string state(const std::string& id) {
        return coordinator.describe(id).transaction_state;
    }
    /// Of the markers so far: "commit orders-0 7/1".
    std::vector<std::string> written() const {
        std::vector<std::string> texts;
        for (const auto& [partition, marker] : markers)
            texts.push_back((marker.committed ? "commit " : "abort ") + to_string(partition) + " " +
                            std::to_string(raw(marker.producer_id)) + "/" +
                            std::to_string(marker.producer_epoch));
        return texts;
    }

    /// Time passes in small steps, with a tick after each.
    void pass_ms(int64_t ms, int64_t step_ms = 1'000) {
        for (; ms > 0; ms -= step_ms) {
            clock.advance_ms(std::min(ms, step_ms));
            coordinator.tick();
        }
    }
    /// Takes in the log of another one, as a start after a crash does.
    void replay(const std::vector<StoredTransaction>& records) {
        for (const auto& [partition, record] : records) {
            EXPECT_EQ(coordinator.apply(record.key, record.value
                                                        ? std::optional<ByteView>(*record.value)
                                                        : std::nullopt),
                      ErrorCode::none);
        }
        coordinator.on_loaded();
    }

private:
    TransactionCoordinator::Environment environment() {
        return {.append =
                    [this](PartitionId partition, std::span<const TransactionRecord> records) {
                        if (append_error != ErrorCode::none) return append_error;
                        for (const auto& record : records) log.push_back({partition, record});
                        return ErrorCode::none;
                    },
                .when_durable =
                    [this](PartitionId, std::move_only_function<void()> done) {
                        if (!hold_until_durable) return done();
                        held.push_back(std::move(done));
                    },
                .coordinator_epoch = [this](PartitionId) { return topic_epoch; },
                .next_producer_id = [this]() -> Result<ProducerId> {
                    if (producer_id_error != ErrorCode::none) return fail(producer_id_error);
                    return ProducerId{next_producer_id++};
                },
                .transaction_version = [this] { return server_version; },
                .write_marker =
                    [this](const storage::TopicPartition& partition, const EndMarker& marker,
                           std::function<void(ErrorCode)> done) {
                        if (marker_error == ErrorCode::none) markers.push_back({partition, marker});
                        if (hold_markers) return held_markers.push_back(std::move(done));
                        done(marker_error);
                    }};
    }

public:
    ManualClock clock;
    int16_t server_version = 2;
    std::optional<int32_t> topic_epoch = 4;
    int64_t next_producer_id = 7;
    ErrorCode producer_id_error = ErrorCode::none;
    ErrorCode append_error = ErrorCode::none;
    std::vector<StoredTransaction> log;
    bool hold_until_durable = false;
    std::vector<std::move_only_function<void()>> held;
    ErrorCode marker_error = ErrorCode::none;
    bool hold_markers = false;
    std::vector<std::function<void(ErrorCode)>> held_markers;
    std::vector<WrittenMarker> markers;
    TransactionCoordinator coordinator;
};

}  // namespace stoker::broker
