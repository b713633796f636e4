#include "broker/transaction/transaction_log.hpp"

#include <utility>

#include "broker/broker.hpp"
#include "broker/log_replay.hpp"
#include "broker/loggers.hpp"
#include "broker/metadata/features.hpp"
#include "record/builder.hpp"

namespace stoker::broker {

namespace {

const std::string topic_name{transaction_state_topic};

std::shared_ptr<Partition> find_partition(Broker& broker, PartitionId id) {
    TopicPointer topic = broker.metadata().find(topic_name);
    return topic ? topic->partition(id) : nullptr;
}

ErrorCode append(Broker& broker, PartitionId id, std::span<const TransactionRecord> records) {
    auto partition = find_partition(broker, id);
    if (!partition) return ErrorCode::unknown_topic_or_partition;
    const int64_t now_ms = broker.clock().wall_ms();
    record::BatchBuilder builder({.leader_epoch = partition->leader_epoch()});
    for (const TransactionRecord& record : records)
        builder.append(now_ms, record.key,
                       record.value ? std::optional<ByteView>(*record.value) : std::nullopt);
    Bytes batch = std::move(builder).build();
    auto appended = partition->append(batch, {.now_ms = now_ms, .from_client = false});
    return appended ? ErrorCode::none : appended.error();
}

void when_durable(Broker& broker, PartitionId id, std::move_only_function<void()> done) {
    auto partition = find_partition(broker, id);
    auto log = partition ? partition->log() : fail(ErrorCode::unknown_topic_or_partition);
    if (!log) return;
    // After a failed sync nobody knows what is durable: the answer is given up, which closes the
    // client's connection, rather than to acknowledge what a power cut would take back.
    auto shared = std::make_shared<std::move_only_function<void()>>(std::move(done));
    partition->when_durable((*log)->end_offset(), [shared](ErrorCode error) {
        if (error == ErrorCode::none) (*shared)();
    });
}

TransactionCoordinator::Environment environment(Broker& broker) {
    return {.append =
                [&broker](PartitionId id, std::span<const TransactionRecord> records) {
                    return append(broker, id, records);
                },
            .when_durable =
                [&broker](PartitionId id, std::move_only_function<void()> done) {
                    when_durable(broker, id, std::move(done));
                },
            .coordinator_epoch = [&broker](PartitionId id) -> std::optional<int32_t> {
                auto partition = find_partition(broker, id);
                return partition ? std::optional(raw(partition->leader_epoch())) : std::nullopt;
            },
            .next_producer_id = [&broker] { return broker.producer_ids().next(); },
            .transaction_version =
                [&broker] {
                    return broker.metadata().feature_level(
                        std::string(transaction_version_feature));
                },
            .write_marker =
                [&broker](const storage::TopicPartition& where, const EndMarker& marker,
                          std::function<void(ErrorCode)> done) {
                    write_end_marker(broker, where.topic, where.partition, marker,
                                     std::move(done));
                }};
}

TransactionConfig config(const ConfigStore& configs, int32_t partitions) {
    return {.partitions = partitions,
            .max_timeout_ms = configs.int32("transaction.max.timeout.ms"),
            .abort_interval_ms =
                configs.int32("transaction.abort.timed.out.transaction.cleanup.interval.ms"),
            .expiry_interval_ms =
                configs.int32("transaction.remove.expired.transaction.cleanup.interval.ms"),
            .id_expiration_ms = configs.int32("transactional.id.expiration.ms")};
}

std::expected<void, std::string> load(TransactionCoordinator& coordinator, Partition& partition) {
    if (!partition.exists()) return {};
    auto log = partition.log();
    ErrorCode error = log ? ErrorCode::none : log.error();
    if (log) {
        auto replayed =
            replay(**log, (*log)->start_offset(), [&](const record::RecordView& record) {
                if (!record.key) return;
                ErrorCode applied = coordinator.apply(*record.key, record.value);
                if (applied != ErrorCode::none)
                    transaction_log().warn("{}-{}: the record at offset {} was passed over: {}",
                                           topic_name, raw(partition.id()), raw(record.offset),
                                           name(applied));
            });
        if (!replayed) error = replayed.error();
    }
    if (error == ErrorCode::none) return {};
    return std::unexpected("The transactions in " + topic_name + "-" +
                           std::to_string(raw(partition.id())) + " cannot be read (" +
                           std::string(name(error)) +
                           "): restore the data directory, or start with another.");
}

}  // namespace

std::expected<std::unique_ptr<TransactionCoordinator>, std::string> open_transactions(
    Broker& broker) {
    TopicPointer topic = broker.metadata().find(topic_name);
    // A topic that exists decides where each id lives, whatever the configuration says today.
    int32_t partitions = topic ? int32_t(topic->partitions.size())
                               : broker.configs().int32("transaction.state.log.num.partitions");
    auto coordinator = std::make_unique<TransactionCoordinator>(
        broker.clock(), config(broker.configs(), partitions), environment(broker));
    if (!topic) return coordinator;
    for (const auto& partition : topic->partitions)
        if (auto loaded = load(*coordinator, *partition); !loaded)
            return std::unexpected(loaded.error());
    return coordinator;
}

}  // namespace stoker::broker
