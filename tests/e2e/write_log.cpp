// write_log DIR write|crash|recover: makes a data directory for dump_log_test.sh to look at.
//
// write: fills some partitions and stops in order. crash: the same, but ends without stopping, with
// a torn tail and one damaged batch. recover: opens the directory, and stops in order.
#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "record/builder.hpp"
#include "storage/log_manager.hpp"
#include "storage/posix_disk.hpp"

namespace stoker::storage {
namespace {

constexpr int64_t start_ms = 1'700'000'000'000;
constexpr ProducerId producer{4711};

/// Something that compresses, and differs from record to record.
std::string value(int64_t number, size_t size) {
    std::string text = "record " + std::to_string(number) + " ";
    while (text.size() < size) text += text;
    return text.substr(0, size);
}

Bytes batch(const record::BatchBuilder::Options& options, int records, int64_t number) {
    record::BatchBuilder builder(options);
    for (int i = 0; i < records; ++i) {
        const std::string key = std::to_string(number + i);
        const std::string text = value(number + i, size_t(50 + (number * 37) % 400));
        // Timestamps mostly rise, as they do in the world.
        const int64_t time = start_ms + number * 10 + (i * 7) % 5;
        builder.append(time, bytes_of(key), bytes_of(text));
    }
    return std::move(builder).build();
}

bool append(Log& log, Bytes bytes, int epoch, bool from_client = true) {
    const auto done = log.append(bytes, {.epoch = LeaderEpoch{epoch},
                                         .now_ms = start_ms,
                                         .from_client = from_client,
                                         .verification = VerificationGuard::not_needed});
    if (!done) fmt::print(stderr, "append: {}\n", name(done.error()));
    return done.has_value();
}

bool begin_transaction(Log& log, ProducerId id, int32_t sequence, int epoch) {
    return append(log,
                  batch({.producer_id = id,
                         .producer_epoch = 0,
                         .base_sequence = sequence,
                         .transactional = true},
                        1, raw(log.end_offset())),
                  epoch);
}

bool end_transaction(Log& log, ProducerId id, bool commit, int epoch) {
    return append(log,
                  record::build_batch(record::EndTransactionMarker{.timestamp_ms = start_ms,
                                                                   .producer_id = id,
                                                                   .producer_epoch = 0,
                                                                   .commit = commit}),
                  epoch, false);
}

/// Transactions of two producers, one within the other, every second of them aborted.
bool transact(Log& log, int i, int epoch) {
    constexpr ProducerId inner{8};
    constexpr ProducerId outer{9};
    const bool commit = i % 100 < 50;
    switch (i % 50) {
        case 3: return begin_transaction(log, outer, i / 50, epoch);
        case 7: return begin_transaction(log, inner, i / 50, epoch);
        case 9: return end_transaction(log, inner, !commit, epoch);
        case 45: return end_transaction(log, outer, commit, epoch);
        default: return true;
    }
}

/// Every codec, several epochs, an idempotent producer, and transactions of others.
bool fill(Log& log, int batches) {
    int32_t sequence = 0;
    for (int i = 0; i < batches; ++i) {
        const int records = 1 + (i * 13) % 20;
        record::BatchBuilder::Options options{.codec = record::Codec(i % 5)};
        if (i % 3 == 0) {
            options.producer_id = producer;
            options.producer_epoch = 2;
            options.base_sequence = sequence;
            sequence += records;
        }
        if (!append(log, batch(options, records, raw(log.end_offset())), i / 500)) return false;
        if (!transact(log, i, i / 500)) return false;
    }
    return true;
}

void damage(const std::string& path, int64_t position) {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(position);
    file.put('!');
}

int run(const std::string& folder, std::string_view mode) {
    PosixDisk disk;
    SystemClock clock;
    Random random(1);
    auto logs = LogManager::open(disk, clock, random, {.folder = folder});
    if (!logs) {
        fmt::print(stderr, "{}\n", logs.error());
        return 1;
    }
    if (mode == "recover") return (*logs)->stop() ? 0 : 1;

    struct Partition {
        const char* topic;
        int batches;
        int32_t segment_bytes;
    };
    for (const auto& [topic, batches, segment_bytes] :
         {Partition{"one-segment", 2'000, 1 << 30}, Partition{"many-segments", 3'000, 200'000},
          Partition{"empty", 0, 1 << 30}}) {
        auto log = (*logs)->create({topic, PartitionId{0}}, random.uuid(),
                                   {.segment_bytes = segment_bytes, .retention_ms = -1});
        if (!log || !fill(**log, batches)) return 1;
    }
    if (mode == "write") return (*logs)->stop() ? 0 : 1;
    const std::string segment = folder + "/one-segment-0/00000000000000000000.log";
    damage(segment, 300'000);
    std::ofstream(segment, std::ios::app | std::ios::binary) << std::string(1'000, '\2');
    std::_Exit(0);
}

}  // namespace
}  // namespace stoker::storage

int main(int count, char** words) {
    const std::string_view mode = count == 3 ? words[2] : "";
    if (mode != "write" && mode != "crash" && mode != "recover") {
        fmt::print(stderr, "usage: write_log DIR write|crash|recover\n");
        return 2;
    }
    return stoker::storage::run(words[1], mode);
}
