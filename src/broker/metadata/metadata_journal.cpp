#include "broker/metadata/metadata_journal.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <charconv>
#include <ranges>
#include <string_view>
#include <utility>
#include <vector>

#include "broker/log_replay.hpp"
#include "broker/topic.hpp"
#include "protocol/messages/records_control.hpp"
#include "record/builder.hpp"

namespace stoker::broker {

using storage::LogConfig;

namespace {

const storage::TopicPartition metadata_partition{std::string(cluster_metadata_topic),
                                                 PartitionId{0}};
constexpr std::string_view snapshot_suffix = ".checkpoint";
constexpr size_t snapshot_size_max = size_t{1} << 30;
constexpr int16_t control_version = 0;

/// org.apache.kafka.common.Uuid.METADATA_TOPIC_ID
Uuid metadata_topic_id() {
    Uuid id;
    id.bytes.back() = std::byte{1};
    return id;
}

/// Never deleted by age or size: it is the state of the cluster.
LogConfig config_of(const storage::LogManager& logs) {
    LogConfig config = logs.defaults();
    config.cleanup_delete = false;
    config.cleanup_compact = false;
    config.retention_ms = -1;
    config.retention_bytes = -1;
    return config;
}

std::string quorum_state(int32_t node_id, LeaderEpoch epoch) {
    return R"({"leaderId":)" + std::to_string(node_id) + R"(,"leaderEpoch":)" +
           std::to_string(raw(epoch)) + R"(,"votedId":-1,"votedDirectoryId":")" +
           to_string(Uuid{}) + R"(","data_version":1})";
}

}  // namespace

struct MetadataJournal::Snapshot {
    std::string path;
    Offset end{};
};

std::expected<std::unique_ptr<MetadataJournal>, std::string> MetadataJournal::open(
    storage::LogManager& logs, Clock& clock, Options options) {
    auto log = logs.contains(metadata_partition)
                   ? logs.get(metadata_partition)
                   : logs.create(metadata_partition, metadata_topic_id(), config_of(logs));
    if (!log)
        return std::unexpected("The metadata log __cluster_metadata-0 cannot be opened (" +
                               std::string(name(log.error())) +
                               "): see the lines above, mend the disk or restore the directory.");
    (*log)->update_config(config_of(logs));
    return std::unique_ptr<MetadataJournal>(
        new MetadataJournal(logs, *log, clock, std::move(options)));
}

MetadataJournal::MetadataJournal(storage::LogManager& logs, std::shared_ptr<storage::Log> log,
                                 Clock& clock, Options options)
    : logs_(logs), log_(std::move(log)), clock_(clock), options_(std::move(options)) {}

bool MetadataJournal::empty() const {
    return log_->end_offset() == Offset{0};
}

Offset MetadataJournal::end_offset() const {
    return log_->end_offset();
}

void MetadataJournal::replay(const std::function<void(const protocol::StoredMessage&)>& visit) {
    auto take = [&](const record::RecordView& record) {
        if (record.value) visit(protocol::read_metadata_record(*record.value));
    };
    auto require = [](const Result<void>& replayed) {
        if (!replayed)
            throw protocol::MalformedMessage("a batch is unreadable: " +
                                             std::string(name(replayed.error())));
    };
    Offset from = log_->start_offset();
    if (from > Offset{0}) {
        auto snapshot = latest_snapshot();
        if (!snapshot || snapshot->end < from || snapshot->end > log_->end_offset())
            throw protocol::MalformedMessage("its start was deleted, and no snapshot covers that");
        auto bytes = storage::read_file(logs_.disk(), snapshot->path, snapshot_size_max);
        if (!bytes) throw protocol::MalformedMessage(bytes.error().what);
        require(broker::replay(*bytes, take));
        from = snapshot->end;
    }
    Offset expected = from;
    require(replay_batches(*log_, from, [&](const record::BatchView& batch) {
        report_gap(expected, batch.header.base_offset);
        expected = batch.header.last_offset() + 1;
        return broker::replay(batch.bytes, take);
    }));
    report_gap(expected, log_->end_offset());
}

/// The log is never compacted: what is not there was damaged.
void MetadataJournal::report_gap(Offset expected, Offset found) const {
    if (found <= expected) return;
    spdlog::error(
        "The metadata log lacks the offsets {} to {}: they were damaged, and what they said of "
        "topics, configs, users and ACLs is not known any more. Folders of topics that nobody "
        "knows are left alone. The damaged bytes are in {}/*.quarantine.",
        raw(expected), raw(found) - 1, log_->folder());
}

/// A snapshot's name is the offset behind its last record, and the epoch of that:
/// 00000000000000001234-0000000005.checkpoint (KIP-630).
std::optional<MetadataJournal::Snapshot> MetadataJournal::latest_snapshot() const {
    constexpr size_t offset_digits = 20;
    constexpr size_t name_size = offset_digits + std::string_view("-0000000005").size() +
                                 snapshot_suffix.size();
    auto names = logs_.disk().list(log_->folder());
    if (!names) return std::nullopt;
    for (const std::string& name : *names | std::views::reverse) {
        int64_t end = 0;
        const char* digits_end = name.data() + std::min(offset_digits, name.size());
        auto parsed = std::from_chars(name.data(), digits_end, end);
        bool whole = parsed.ec == std::errc{} && parsed.ptr == digits_end;
        if (whole && name.size() == name_size && name.ends_with(snapshot_suffix))
            return Snapshot{.path = log_->folder() + "/" + name, .end = Offset{end}};
    }
    return std::nullopt;
}

Result<void> MetadataJournal::begin_epoch() {
    bool fresh = empty();
    epoch_ = LeaderEpoch{raw(log_->latest_epoch()) + 1};
    if (epoch_ == LeaderEpoch{0}) epoch_ = LeaderEpoch{1};  // a quorum's first election
    record::BatchBuilder builder({.control = true, .leader_epoch = epoch_});
    int64_t now = clock_.wall_ms();
    auto add = [&](record::ControlType type, const Bytes& value) {
        Bytes key = record::control_key(type);
        builder.append(now, key, value);
    };
    add(record::ControlType::leader_change,
        protocol::encode(
            protocol::LeaderChangeMessage{.leader_id = options_.node_id,
                                          .voters = {{.voter_id = options_.node_id}},
                                          .granting_voters = {{.voter_id = options_.node_id}}},
            control_version));
    if (fresh) {
        add(record::ControlType::kraft_version,
            protocol::encode(protocol::KRaftVersionRecord{.kraft_version = kraft_version},
                             control_version));
        protocol::VotersRecord::Voter self{.voter_id = options_.node_id,
                                           .voter_directory_id = logs_.directory_id(),
                                           .endpoints = {{.name = "CONTROLLER",
                                                          .host = options_.controller_host,
                                                          .port = options_.controller_port}},
                                           .kraft_version_feature = {0, kraft_version}};
        add(record::ControlType::kraft_voters,
            protocol::encode(protocol::VotersRecord{.voters = {self}}, control_version));
    }
    auto appended = append_batch(std::move(builder).build());
    if (!appended) return fail(appended.error());
    return write_quorum_state();
}

Result<Offset> MetadataJournal::append(std::span<const Bytes> records) {
    record::BatchBuilder builder({.leader_epoch = epoch_});
    int64_t now = clock_.wall_ms();
    for (const Bytes& record : records) builder.append(now, std::nullopt, record);
    return append_batch(std::move(builder).build());
}

Result<void> MetadataJournal::wait_for_disk() {
    waits_for_disk_ = true;
    if (log_->flushed_offset() == log_->end_offset()) return {};
    if (auto flushed = log_->flush(); !flushed) return fail(flushed.error());
    return {};
}

Result<Offset> MetadataJournal::append_batch(Bytes batch) {
    auto appended =
        log_->append(batch, {.epoch = epoch_, .now_ms = clock_.wall_ms(), .from_client = false});
    if (!appended) return fail(appended.error());
    if (waits_for_disk_ || log_->config().waits_for_disk())
        if (auto flushed = log_->flush(); !flushed) return fail(flushed.error());
    return appended->base_offset;
}

Result<void> MetadataJournal::write_quorum_state() {
    // Not synced: what it says can be read off the log as well.
    std::string path = log_->folder() + "/quorum-state";
    std::string text = quorum_state(options_.node_id, epoch_);
    auto file = logs_.disk().open(path + ".tmp", storage::OpenMode::create);
    if (!file || !(*file)->write(0, bytes_of(text)) || !logs_.disk().rename(path + ".tmp", path))
        return fail(ErrorCode::kafka_storage_error);
    return {};
}

}  // namespace stoker::broker
