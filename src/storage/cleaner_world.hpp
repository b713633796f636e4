// CleanerWorld: a data directory in memory with compacted logs, and a cleaner for them. For tests
// only.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/check.hpp"
#include "record/batch.hpp"
#include "record/builder.hpp"
#include "storage/faulty_disk.hpp"
#include "storage/log_cleaner.hpp"
#include "storage/log_manager.hpp"
#include "storage/memory_disk.hpp"
#include "storage/segment_files.hpp"

namespace stoker::storage {

/// A record of a test: without a value a tombstone.
struct TestRecord {
    std::optional<std::string> key;
    std::optional<std::string> value;
    int64_t timestamp_ms = 1'000;
};

/// A record as it is found in a log.
struct FoundRecord {
    Offset offset{};
    TestRecord record;
    bool control = false;
};

class CleanerWorld {
public:
    CleanerWorld() : CleanerWorld(std::make_unique<MemoryDisk>()) {}
    explicit CleanerWorld(std::unique_ptr<MemoryDisk> memory, bool opened = true)
        : disk(std::move(memory)), faulty(*disk), random(42) {
        config.cleanup_delete = false;
        config.cleanup_compact = true;
        config.segment_bytes = 500;
        config.min_cleanable_dirty_ratio = 0;
        config.delete_retention_ms = 100'000;
        if (opened) open();
    }

    /// Opens, or opens again: as after a crash that the page cache survived, unless closed before.
    void open() {
        log.reset();
        cleaner.reset();
        logs.reset();
        logs = LogManager::open(faulty, clock, random, {.folder = "/data"}).value();
        if (!logs->contains(partition)) {
            log = logs->create(partition, Uuid{}, config).value();
        } else {
            logs->set_config(partition, config);
            log = logs->get(partition).value();
        }
        cleaner = std::make_unique<LogCleaner>(*logs, clock, random, cleaner_options);
    }

    Result<AppendResult> append(const std::vector<TestRecord>& records,
                                const record::BatchBuilder::Options& options = {}) {
        record::BatchBuilder builder(options);
        for (const TestRecord& each : records) {
            const auto view = [](const std::optional<std::string>& text) {
                return text ? std::optional(bytes_of(*text)) : std::nullopt;
            };
            builder.append(each.timestamp_ms, view(each.key), view(each.value));
        }
        Bytes bytes = std::move(builder).build();
        return log->append(bytes, {.epoch = LeaderEpoch{1},
                                   .now_ms = clock.wall_ms(),
                                   .from_client = options.producer_id != ProducerId::none,
                                   .verification = VerificationGuard::not_needed});
    }
    void put(const std::string& key, const std::string& value) {
        STOKER_CHECK(append({{key, value}}).has_value(), "a record is appended");
    }
    void remove(const std::string& key) {
        STOKER_CHECK(append({{key, std::nullopt}}).has_value(), "a tombstone is appended");
    }
    void end_transaction(ProducerId producer, int16_t epoch, bool commit) {
        Bytes marker = record::build_batch(record::EndTransactionMarker{
            .timestamp_ms = clock.wall_ms(),
            .producer_id = producer,
            .producer_epoch = epoch,
            .commit = commit});
        STOKER_CHECK(log->append(marker, {.epoch = LeaderEpoch{1},
                                          .now_ms = clock.wall_ms(),
                                          .from_client = false}),
                     "a marker is appended");
    }

    /// Closes the active segment and cleans; how many rounds there were.
    int roll_and_clean() {
        STOKER_CHECK(log->roll().has_value(), "a segment is rolled");
        return clean();
    }
    int clean() {
        int rounds = 0;
        while (cleaner->clean_dirtiest(0)) ++rounds;
        return rounds;
    }

    /// All batches from an offset on, as a reader gets them.
    std::vector<Bytes> batches(Offset from = Offset{0}) {
        std::vector<Bytes> found;
        while (from < log->end_offset()) {
            const auto read = log->read({.from = from, .max_bytes = 1 << 20});
            STOKER_CHECK(read.has_value(), "a log can be read");
            if (read->slices.empty()) break;
            for (const FileSlice& slice : read->slices) {
                Bytes bytes(slice.size);
                (void)slice.file->read(slice.position, bytes);
                record::BatchReader reader(bytes);
                for (auto batch = reader.next(); batch && *batch; batch = reader.next()) {
                    STOKER_CHECK(
                        record::validate((*batch)->bytes, record::Origin::log).has_value(),
                        "a batch that is read is valid");
                    found.push_back(to_bytes((*batch)->bytes));
                }
            }
            from = read->next;
        }
        return found;
    }
    std::vector<record::BatchHeader> headers() {
        std::vector<record::BatchHeader> found;
        for (const Bytes& batch : batches()) found.push_back(*record::parse_header(batch));
        return found;
    }
    std::vector<FoundRecord> records(Offset from = Offset{0}) {
        std::vector<FoundRecord> found;
        for (const Bytes& bytes : batches(from)) {
            const auto header = *record::parse_header(bytes);
            const auto done = record::for_each_record(
                {header, bytes}, 1 << 20, [&](const record::RecordView& view) {
                    const auto text = [](const std::optional<ByteView>& part) {
                        return part ? std::optional(std::string(text_of(*part))) : std::nullopt;
                    };
                    found.push_back({view.offset,
                                     {text(view.key), text(view.value), view.timestamp},
                                     header.is_control()});
                });
            STOKER_CHECK(done.has_value(), "the records of a batch can be read");
        }
        return found;
    }
    /// "offset:key=value" of each record, a tombstone as "offset:key".
    std::vector<std::string> texts() {
        std::vector<std::string> all;
        for (const FoundRecord& found : records()) {
            if (found.control) continue;
            std::string text = std::to_string(raw(found.offset)) + ":";
            text += found.record.key.value_or("-");
            if (found.record.value) text += "=" + *found.record.value;
            all.push_back(std::move(text));
        }
        return all;
    }
    std::vector<std::string> files(const std::string& suffix) {
        std::vector<std::string> found;
        const std::vector<std::string> names = disk->list(log->folder()).value();
        for (const std::string& name : names) {
            if (name.ends_with(suffix)) found.push_back(name);
        }
        return found;
    }

    const TopicPartition partition{"table", PartitionId{0}};
    std::unique_ptr<MemoryDisk> disk;
    FaultyDisk faulty;
    ManualClock clock;
    Random random;
    LogConfig config;
    LogCleaner::Options cleaner_options;
    std::unique_ptr<LogManager> logs;
    std::shared_ptr<Log> log;
    std::unique_ptr<LogCleaner> cleaner;
};

}  // namespace stoker::storage
