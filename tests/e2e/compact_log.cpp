// compact_log DIR write|clean NOW_MS DELETE_RETENTION_MS: for compaction_golden_test.sh, which
// compares with what Apache Kafka makes of the same log.
//
// write: makes a data directory with a log to compact, "table-0": every codec, tombstones,
// producers, transactions. clean: compacts all of it up to the active segment, as if it were
// NOW_MS.
#include <fmt/core.h>

#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "record/builder.hpp"
#include "storage/log_cleaning.hpp"
#include "storage/log_manager.hpp"
#include "storage/posix_disk.hpp"

namespace stoker::storage {
namespace {

constexpr int batches = 3'000;
constexpr int keys = 200;
const TopicPartition partition{"table", PartitionId{0}};

LogConfig config(int64_t delete_retention_ms) {
    LogConfig config;
    config.segment_bytes = 100'000;
    config.cleanup_delete = false;
    config.cleanup_compact = true;
    config.delete_retention_ms = delete_retention_ms;
    return config;
}

class Writer {
public:
    Writer(Log& log, int64_t now_ms) : log_(log), random_(7), now_ms_(now_ms) {}

    bool run() {
        for (int i = 0; i < batches; ++i) {
            record::BatchBuilder::Options options{.codec = record::Codec(random_.below(5))};
            const uint64_t producer = random_.below(8);
            const bool transactional = producer >= 5 && producer < 7;
            const int records = 1 + int(random_.below(6));
            if (producer < 7) {
                options.producer_id = ProducerId{int64_t(producer)};
                options.producer_epoch = 1;
                options.base_sequence = sequences_[producer];
                options.transactional = transactional;
                sequences_[producer] += records;
            }
            if (!put(batch(options, records), producer < 7)) return false;
            if (!transactional) continue;
            open_[producer] = true;
            if (random_.below(3) == 0 && !end(producer)) return false;
        }
        for (const uint64_t producer : {5, 6}) {
            if (open_[producer] && !end(producer)) return false;
        }
        // All that was closed can be compacted.
        return log_.roll().has_value() && put(batch({}, 1), false);
    }

private:
    Bytes batch(const record::BatchBuilder::Options& options, int records) {
        record::BatchBuilder builder(options);
        for (int i = 0; i < records; ++i) {
            const std::string key = "key " + std::to_string(random_.below(keys));
            const std::string value(random_.below(300), char('a' + random_.below(26)));
            const record::Header header{"n", bytes_of(key)};
            const int64_t time = now_ms_ - 60'000 + int64_t(random_.below(50'000));
            if (random_.below(8) == 0) builder.append(time, bytes_of(key), std::nullopt);
            else builder.append(time, bytes_of(key), bytes_of(value), {&header, random_.below(2)});
        }
        return std::move(builder).build();
    }

    bool end(uint64_t producer) {
        open_[producer] = false;
        return put(record::build_batch(record::EndTransactionMarker{
                       .timestamp_ms = now_ms_ - 5'000,
                       .producer_id = ProducerId{int64_t(producer)},
                       .producer_epoch = 1,
                       .commit = random_.below(3) != 0}),
                   false);
    }

    bool put(Bytes bytes, bool from_client) {
        const auto done = log_.append(bytes, {.epoch = LeaderEpoch{0},
                                              .now_ms = now_ms_,
                                              .from_client = from_client,
                                              .verification = VerificationGuard::not_needed});
        if (!done) fmt::print(stderr, "append: {}\n", name(done.error()));
        return done.has_value();
    }

    Log& log_;
    Random random_;
    const int64_t now_ms_;
    int32_t sequences_[8] = {};
    bool open_[8] = {};
};

bool clean(LogManager& logs, Log& log, const Clock& clock, Random& random) {
    auto range = log.cleanable_range(std::nullopt);
    if (!range) return false;
    const Pace unthrottled = [](size_t) { return true; };
    LogCleaning cleaning(logs.disk(), clock, log,
                         {.range = *range, .secret = {random.next(), random.next()}}, unthrottled);
    const auto end = cleaning.run();
    if (!end) fmt::print(stderr, "clean: {}\n", end.error().what);
    logs.remove_files_later(cleaning.take_replaced(), 0);
    logs.tick();
    return end.has_value();
}

int run(const std::string& folder, std::string_view mode, int64_t now_ms, int64_t retention_ms) {
    PosixDisk disk;
    ManualClock clock(now_ms);
    Random random(1);
    auto logs = LogManager::open(disk, clock, random, {.folder = folder});
    if (!logs) {
        fmt::print(stderr, "{}\n", logs.error());
        return 1;
    }
    if (mode == "write") {
        auto log = (*logs)->create(partition, random.uuid(), config(retention_ms));
        if (!log || !Writer(**log, now_ms).run()) return 1;
    } else {
        (*logs)->set_config(partition, config(retention_ms));
        auto log = (*logs)->get(partition);
        if (!log || !clean(**logs, **log, clock, random)) return 1;
    }
    return (*logs)->stop() ? 0 : 1;
}

}  // namespace
}  // namespace stoker::storage

int main(int count, char** words) {
    const std::string_view mode = count == 5 ? words[2] : "";
    if (mode != "write" && mode != "clean") {
        fmt::print(stderr, "usage: compact_log DIR write|clean NOW_MS DELETE_RETENTION_MS\n");
        return 2;
    }
    return stoker::storage::run(words[1], mode, std::atoll(words[3]), std::atoll(words[4]));
}
