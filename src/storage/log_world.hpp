// LogWorld: a log on a disk in memory, under a clock that a test moves. For tests only.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "record/batch.hpp"
#include "record/builder.hpp"
#include "storage/disk_path.hpp"
#include "storage/faulty_disk.hpp"
#include "storage/log.hpp"
#include "storage/memory_disk.hpp"

namespace stoker::storage {

/// A batch as a producer sends it.
struct TestBatch {
    int records = 1;
    size_t value_size = 10;
    int64_t timestamp_ms = 1'000;
    int64_t timestamp_step_ms = 0;
    ProducerId producer = ProducerId::none;
    int16_t epoch = -1;
    int32_t sequence = -1;
    bool transactional = false;
    record::Codec codec = record::Codec::none;
    char fill = 'x';
};

inline Bytes make_batch(const TestBatch& options) {
    record::BatchBuilder builder({.codec = options.codec,
                                  .producer_id = options.producer,
                                  .producer_epoch = options.epoch,
                                  .base_sequence = options.sequence,
                                  .transactional = options.transactional});
    const std::string value(options.value_size, options.fill);
    for (int i = 0; i < options.records; ++i) {
        builder.append(options.timestamp_ms + i * options.timestamp_step_ms, std::nullopt,
                       bytes_of(value));
    }
    return std::move(builder).build();
}

class LogWorld {
public:
    LogWorld() : LogWorld(std::make_unique<MemoryDisk>()) {}
    explicit LogWorld(std::unique_ptr<MemoryDisk> memory)
        : disk(std::move(memory)), faulty(*disk), random(42) {
        (void)faulty.make_folder(folder);
        // The log syncs its own folder's name; the data directory's was synced when it was made.
        (void)faulty.sync_folder("/");
        options.partition = {"orders", PartitionId{0}};
        options.folder = folder;
        options.clean = true;
    }

    Log::Context context() { return {faulty, clock, random, directory, owner}; }
    Result<std::shared_ptr<Log>> try_open() { return Log::open(context(), options); }
    /// Opens, or opens again: as after a stop in order, unless told otherwise.
    Log& open() {
        log.reset();
        log = try_open().value();
        return *log;
    }
    /// As after a crash that the page cache survived.
    Log& reopen_after_crash() {
        options.clean = false;
        return open();
    }

    Result<AppendResult> append(const TestBatch& batch, LeaderEpoch epoch = LeaderEpoch{0}) {
        return append_bytes(make_batch(batch), epoch);
    }
    Result<AppendResult> append_bytes(Bytes bytes, LeaderEpoch epoch = LeaderEpoch{0}) {
        return log->append(bytes, {.epoch = epoch,
                                   .now_ms = clock.wall_ms(),
                                   .verification = VerificationGuard::not_needed});
    }

    /// All bytes that read() finds, and where they end.
    Bytes read(Offset from, size_t max_bytes = 1 << 20, bool at_least_one = true) {
        const auto result = log->read(
            {.from = from, .max_bytes = max_bytes, .at_least_one_batch = at_least_one});
        Bytes all;
        if (!result) return all;
        next = result->next;
        for (const FileSlice& slice : result->slices) {
            Bytes part(slice.size);
            (void)slice.file->read(slice.position, part);
            all.insert(all.end(), part.begin(), part.end());
        }
        return all;
    }
    /// The headers of all batches from an offset on, over all segments.
    std::vector<record::BatchHeader> read_headers(Offset from, size_t max_bytes = 1 << 20) {
        std::vector<record::BatchHeader> headers;
        for (;;) {
            const Bytes bytes = read(from, max_bytes);
            if (bytes.empty()) return headers;
            record::BatchReader reader(bytes);
            for (auto batch = reader.next(); batch && *batch; batch = reader.next()) {
                if (!record::validate((*batch)->bytes, record::Origin::log)) return headers;
                headers.push_back((*batch)->header);
            }
            from = next;
        }
    }

    std::string path(std::string_view name) const { return join(folder, name); }
    Bytes file(std::string_view name) { return read_file(*disk, path(name)).value_or(Bytes{}); }
    void put_file(std::string_view name, ByteView content) {
        const auto opened = disk->open(path(name), OpenMode::create);
        (void)(*opened)->write(0, content);
    }
    bool has(std::string_view name) { return disk->exists(path(name)).value(); }
    std::vector<std::string> names() { return disk->list(folder).value(); }

    const std::string folder = "/data/orders-0";
    std::unique_ptr<MemoryDisk> disk;
    FaultyDisk faulty;
    ManualClock clock;
    Random random;
    LogDirState directory{"/data"};
    LogOwner* owner = nullptr;
    Log::Options options;
    std::shared_ptr<Log> log;
    /// Of the last read.
    Offset next{};
};

inline constexpr std::string_view first_log = "00000000000000000000.log";
inline constexpr std::string_view first_index = "00000000000000000000.index";
inline constexpr std::string_view first_time_index = "00000000000000000000.timeindex";

}  // namespace stoker::storage
