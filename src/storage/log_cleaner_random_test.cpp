// A random life of a compacted log against a model that remembers all records. After every
// cleaning, nothing but what compaction may drop is gone. Seeds are printed when one fails;
// STOKER_SEED gives one of one's own.
#include <gtest/gtest.h>

#include <cstdlib>
#include <map>

#include "storage/cleaner_world.hpp"

namespace stoker::storage {
namespace {

class Life {
public:
    explicit Life(uint64_t seed) : dice_(seed) {
        world_.config.segment_bytes = int32_t(300 + dice_.below(3'000));
        world_.config.delete_retention_ms = int64_t(dice_.below(5'000));
        world_.config.min_cleanable_dirty_ratio = double(dice_.below(60)) / 100;
        world_.log->update_config(world_.config);
        world_.cleaner_options.dedupe_buffer_size = int64_t(
            OffsetMap::slot_size * (dice_.below(2) == 0 ? 1'000 : 3 + dice_.below(30)));
        world_.cleaner_options.io_buffer_size = int32_t(2 * dice_.below(20'000));
        world_.cleaner->set_options(world_.cleaner_options);
        keys_ = 1 + dice_.below(40);
    }

    void step() {
        world_.clock.advance_ms(int64_t(dice_.below(200)));
        switch (dice_.below(20)) {
            case 0: return clean();
            case 1: return restart();
            case 2: return (void)world_.log->roll();
            default: return append();
        }
    }

    void clean() {
        const auto producers = world_.log->producers();
        cleaned_at_ms_ = world_.clock.wall_ms();
        world_.clean();
        // After a kill the checkpoint may be older than what was cleaned.
        const auto cleaned_to = world_.logs->cleaned_to(*world_.log);
        cleaned_to_ = std::max(cleaned_to_, cleaned_to.value_or(Offset{0}));
        check();
        ASSERT_EQ(world_.log->producers(), producers);
    }

private:
    void append() {
        std::vector<TestRecord> records;
        const uint64_t count = 1 + dice_.below(8);
        for (uint64_t i = 0; i < count; ++i) {
            TestRecord record{"key " + std::to_string(dice_.below(keys_)), std::nullopt,
                              world_.clock.wall_ms() - int64_t(dice_.below(1'000))};
            if (dice_.below(6) != 0) {
                record.value = std::string(1 + dice_.below(60), char('a' + dice_.below(26)));
            }
            records.push_back(std::move(record));
        }
        record::BatchBuilder::Options options{.codec = record::Codec(dice_.below(5))};
        if (dice_.below(2) == 0) {
            const uint64_t producer = dice_.below(4);
            options.producer_id = ProducerId{int64_t(producer)};
            options.producer_epoch = 0;
            options.base_sequence = sequences_[producer];
            sequences_[producer] += int32_t(count);
        }
        const auto appended = world_.append(records, options);
        if (!appended && appended.error() == ErrorCode::record_list_too_large) {
            // More than one of these small segments holds.
            if (options.producer_id != ProducerId::none)
                sequences_[uint64_t(raw(options.producer_id))] = options.base_sequence;
            return;
        }
        ASSERT_TRUE(appended) << name(appended.error());
        for (size_t i = 0; i < records.size(); ++i) {
            all_[appended->base_offset + int64_t(i)] = records[i];
            appended_ms_[appended->base_offset + int64_t(i)] = world_.clock.wall_ms();
        }
    }

    /// In order, or as after a kill.
    void restart() {
        const auto before = world_.log->producers();
        if (dice_.below(2) == 0) {
            ASSERT_TRUE(world_.logs->stop());
        }
        world_.open();
        const auto after = world_.log->producers();
        ASSERT_EQ(after.size(), before.size());
        for (size_t i = 0; i < after.size(); ++i) {
            // Its greatest timestamp may be that of a record that is gone.
            ASSERT_EQ(after[i].id, before[i].id);
            ASSERT_EQ(after[i].last_batch()->last_sequence, before[i].last_batch()->last_sequence);
            ASSERT_EQ(after[i].last_batch()->last_offset, before[i].last_batch()->last_offset);
            ASSERT_EQ(after[i].last_batch()->offset_delta, before[i].last_batch()->offset_delta);
        }
        check();
    }

    void check() {
        const Offset end = world_.log->end_offset();
        ASSERT_EQ(end, all_.empty() ? Offset{0} : all_.rbegin()->first + 1);
        ASSERT_EQ(world_.log->high_watermark(), end);
        std::map<Offset, TestRecord> found;
        for (FoundRecord& each : world_.records()) {
            const auto original = all_.find(each.offset);
            ASSERT_NE(original, all_.end()) << raw(each.offset);
            ASSERT_EQ(each.record.key, original->second.key);
            ASSERT_EQ(each.record.value, original->second.value);
            ASSERT_EQ(each.record.timestamp_ms, original->second.timestamp_ms);
            ASSERT_TRUE(found.emplace(each.offset, each.record).second);
        }
        for (const auto& [offset, record] : all_) {
            if (!found.contains(offset)) check_gone(offset, record);
        }
        // A read in a hole goes to the next record.
        const Offset from{int64_t(dice_.below(uint64_t(raw(end)) + 1))};
        const auto next = found.lower_bound(from);
        for (const FoundRecord& each : world_.records(from)) {
            if (each.offset < from) continue;
            ASSERT_EQ(each.offset, next->first);
            break;
        }
    }

    void check_gone(Offset offset, const TestRecord& record) {
        ASSERT_LT(offset, cleaned_to_) << "a record above the clean part is gone";
        bool superseded = false;
        for (auto later = all_.upper_bound(offset);
             later != all_.end() && later->first < cleaned_to_ && !superseded; ++later) {
            superseded = later->second.key == record.key;
        }
        if (superseded) return;
        ASSERT_FALSE(record.value) << "the last value of a key is gone: " << raw(offset);
        ASSERT_GE(cleaned_at_ms_, appended_ms_.at(offset) + world_.config.delete_retention_ms);
    }

    CleanerWorld world_;
    Random dice_;
    uint64_t keys_ = 1;
    std::map<Offset, TestRecord> all_;
    std::map<Offset, int64_t> appended_ms_;
    std::map<uint64_t, int32_t> sequences_;
    Offset cleaned_to_{};
    int64_t cleaned_at_ms_ = 0;
};

TEST(LogCleanerRandom, nothing_but_superseded_records_and_old_tombstones_is_ever_gone) {
    const char* given = std::getenv("STOKER_SEED");
    const uint64_t first = given != nullptr ? std::strtoull(given, nullptr, 10) : 1;
    const uint64_t count = given != nullptr ? 1 : 60;
    for (uint64_t seed = first; seed < first + count; ++seed) {
        SCOPED_TRACE("STOKER_SEED=" + std::to_string(seed));
        Life life(seed);
        for (int i = 0; i < 200; ++i) {
            life.step();
            if (testing::Test::HasFatalFailure()) return;
        }
        life.clean();
        if (testing::Test::HasFatalFailure()) return;
    }
}

}  // namespace
}  // namespace stoker::storage
