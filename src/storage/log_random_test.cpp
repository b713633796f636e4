// Random operations on a log, compared with a simple model of one.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <thread>

#include "storage/log_world.hpp"

namespace stoker::storage {
namespace {

/// What a log should hold: for each record its value's fill and its timestamp.
struct Model {
    struct Record {
        char fill = 0;
        int64_t timestamp_ms = 0;
    };
    std::map<int64_t, Record> records;
    int64_t start = 0;
    int64_t end = 0;
};

class RandomLog {
public:
    explicit RandomLog(uint64_t seed) : random_(seed) {
        world_.options.config.segment_bytes = 4'000;
        world_.options.config.index_interval_bytes = 200;
        world_.options.config.retention_ms = -1;
        if (random_.below(2) == 0) world_.options.config.flush_messages = 1;
        world_.open();
    }

    void step() {
        switch (random_.below(10)) {
            case 0: return reopen();
            case 1: return delete_records();
            case 2: return retain();
            case 3: return check_time();
            case 4: return check_read();
            case 5: return world_.log->release_memory();
            case 6: return (void)world_.log->flush();
            default: return append();
        }
    }

    void check_all() {
        ASSERT_TRUE(world_.log->flush());
        ASSERT_EQ(raw(world_.log->start_offset()), model_.start);
        ASSERT_EQ(raw(world_.log->end_offset()), model_.end);
        std::map<int64_t, char> found;
        Offset from = world_.log->start_offset();
        for (;;) {
            const Bytes bytes = world_.read(from, 1 + random_.below(5'000));
            if (bytes.empty()) break;
            collect(bytes, found);
            from = world_.next;
        }
        found.erase(found.begin(), found.lower_bound(model_.start));
        ASSERT_EQ(found.size(), model_.records.size());
        for (const auto& [offset, record] : model_.records) {
            ASSERT_EQ(found.at(offset), record.fill);
        }
    }

private:
    static void collect(ByteView bytes, std::map<int64_t, char>& found) {
        record::BatchReader reader(bytes);
        for (auto batch = reader.next(); batch && *batch; batch = reader.next()) {
            ASSERT_TRUE(record::validate((*batch)->bytes, record::Origin::log));
            const auto read = record::for_each_record(
                **batch, 1 << 20, [&](const record::RecordView& record) {
                    found[raw(record.offset)] = char(record.value->front());
                });
            ASSERT_TRUE(read);
        }
    }

    void append() {
        TestBatch batch{.records = int(1 + random_.below(5)),
                        .value_size = 1 + random_.below(300),
                        .timestamp_ms = int64_t(1'000 + random_.below(100'000)),
                        .timestamp_step_ms = 1,
                        .codec = record::Codec(random_.below(5)),
                        .fill = char('a' + random_.below(26))};
        const auto result = world_.append(batch, LeaderEpoch{epoch_});
        ASSERT_TRUE(result);
        ASSERT_EQ(raw(result->base_offset), model_.end);
        for (int i = 0; i < batch.records; ++i) {
            model_.records[model_.end++] = {batch.fill, batch.timestamp_ms + i};
        }
    }

    void reopen() {
        ++epoch_;
        const bool clean = random_.below(2) == 0;
        if (clean) {
            ASSERT_TRUE(world_.log->close());
        }
        world_.options.clean = clean;
        world_.options.log_start = world_.log->start_offset();
        world_.options.recovery_point = world_.log->flushed_offset();
        world_.open();
    }

    void delete_records() {
        const int64_t mark = raw(world_.log->high_watermark());
        if (mark <= model_.start) return;
        const uint64_t most = uint64_t(mark - model_.start) / 4;
        const int64_t to = model_.start + int64_t(random_.below(most + 1));
        ASSERT_TRUE(world_.log->delete_records_before(Offset{to}));
        moved_start();
    }

    void retain() {
        LogConfig config = world_.options.config;
        config.retention_bytes = int64_t(20'000 + random_.below(40'000));
        world_.log->update_config(config);
        const auto renamed = world_.log->delete_old_segments();
        ASSERT_TRUE(renamed);
        for (const std::string& path : *renamed) (void)world_.disk->remove(path);
        moved_start();
    }

    void moved_start() {
        const int64_t start = raw(world_.log->start_offset());
        ASSERT_GE(start, model_.start);
        ASSERT_LE(start, model_.end);
        model_.start = start;
        model_.records.erase(model_.records.begin(), model_.records.lower_bound(start));
    }

    void check_time() {
        const auto time = int64_t(random_.below(105'000));
        const auto found = world_.log->offset_for_time(time);
        ASSERT_TRUE(found);
        const int64_t mark = raw(world_.log->high_watermark());
        int64_t expected = -1;
        for (const auto& [offset, record] : model_.records) {
            if (record.timestamp_ms < time) continue;
            if (offset < mark) expected = offset;
            break;
        }
        ASSERT_EQ(raw(found->offset), expected) << time;
    }

    void check_read() {
        const auto from =
            Offset{model_.start + int64_t(random_.below(uint64_t(model_.end - model_.start) + 1))};
        const size_t max_bytes = random_.below(3'000);
        const auto result = world_.log->read(
            {.from = from, .max_bytes = max_bytes, .up_to = world_.log->high_watermark()});
        ASSERT_TRUE(result);
        ASSERT_LE(result->next, std::max(from, world_.log->high_watermark()));
        if (from < world_.log->high_watermark()) {
            ASSERT_GT(result->size, 0u);
            ASSERT_GT(result->next, from);
        }
    }

    LogWorld world_;
    Random random_;
    Model model_;
    int epoch_ = 0;
};

TEST(LogRandom, a_log_does_what_a_simple_model_does) {
    for (uint64_t seed = 1; seed <= 30; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        RandomLog log(seed);
        for (int i = 0; i < 300; ++i) {
            log.step();
            if (HasFatalFailure()) return;
        }
        log.check_all();
        if (HasFatalFailure()) return;
    }
}

TEST(LogRandom, readers_appenders_and_housekeeping_can_run_at_once) {
    LogWorld world;
    world.options.config.segment_bytes = 20'000;
    world.options.config.retention_bytes = 200'000;
    world.options.config.flush_messages = 1;
    world.open();
    constexpr int batches = 1'000;
    std::atomic<bool> done = false;
    std::jthread housekeeper([&] {
        while (!done) {
            (void)world.log->flush();
            (void)world.log->delete_old_segments();
            world.log->release_memory();
            (void)world.log->offset_for_time(1'000);
        }
    });
    std::jthread reader([&] {
        Offset from{0};
        while (!done) {
            const auto result = world.log->read(
                {.from = from, .max_bytes = 5'000, .up_to = world.log->high_watermark()});
            from = result ? result->next : world.log->start_offset();
            for (size_t i = 0; result && i < result->slices.size(); ++i) {
                Bytes bytes(result->slices[i].size);
                if (!result->slices[i].file->read(result->slices[i].position, bytes)) continue;
                ASSERT_TRUE(record::validate(bytes, record::Origin::log));
            }
        }
    });
    for (int i = 0; i < batches; ++i) ASSERT_TRUE(world.append({.value_size = 500}));
    done = true;
    housekeeper.join();
    reader.join();
    EXPECT_EQ(world.log->end_offset(), Offset{batches});
    EXPECT_EQ(world.log->flush(), Offset{batches});
    EXPECT_EQ(world.log->high_watermark(), Offset{batches});
}

}  // namespace
}  // namespace stoker::storage
