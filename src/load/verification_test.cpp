#include "load/verification.hpp"

#include <gtest/gtest.h>

#include <set>

#include "base/random.hpp"

namespace stoker::load {
namespace {

TEST(Stamp, survives_a_round_trip) {
    Stamp stamp{.run = 0x0123456789abcdef,
                .producer = 7,
                .sequence = 1'000'000'007,
                .intended_wall_ns = 1'767'268'800'123'456'789};
    auto bytes = encode(stamp);
    EXPECT_EQ(decode_stamp(bytes), stamp);
    EXPECT_EQ(hex(ByteView(bytes).first(12)), "0123456789abcdef00000007");
}

TEST(Stamp, a_header_of_another_length_is_not_ours) {
    EXPECT_FALSE(decode_stamp(Bytes(27)));
    EXPECT_FALSE(decode_stamp(Bytes(29)));
    EXPECT_FALSE(decode_stamp({}));
}

TEST(SequenceSet, equals_a_set_of_the_standard_library) {
    for (uint64_t seed = 1; seed <= 5; ++seed) {
        Random random(seed);
        SequenceSet sequences;
        std::set<uint64_t> expected;
        for (int i = 0; i < 20'000; ++i) {
            uint64_t sequence = random.below(12'000);
            bool is_new = expected.insert(sequence).second;
            auto result = sequences.insert(sequence);
            ASSERT_EQ(result == SequenceSet::Insert::added, is_new) << "seed " << seed;
        }
        EXPECT_EQ(sequences.count(), int64_t(expected.size()));
        EXPECT_EQ(sequences.end(), *expected.rbegin() + 1);
    }
}

TEST(SequenceSet, remembers_pages_that_are_full) {
    SequenceSet sequences;
    for (uint64_t i = 0; i < 10'000; ++i)
        ASSERT_EQ(sequences.insert(i), SequenceSet::Insert::added);
    for (uint64_t i = 0; i < 10'000; ++i)
        ASSERT_EQ(sequences.insert(i), SequenceSet::Insert::present);
}

TEST(SequenceSet, forged_sequences_do_not_fill_the_memory) {
    SequenceSet sequences;
    uint64_t accepted = 0;
    for (uint64_t i = 0; i <= SequenceSet::pages_max; ++i)
        accepted += sequences.insert(UINT64_MAX - i * 4096) == SequenceSet::Insert::added;
    EXPECT_EQ(accepted, SequenceSet::pages_max);
}

TEST(Verification, finds_what_is_missing_and_what_came_twice) {
    Verification verification;
    for (uint64_t i = 0; i < 1000; ++i)
        if (i != 500) verification.record({.run = 1, .producer = 0, .sequence = i}, 0);
    verification.record({.run = 1, .producer = 0, .sequence = 17}, 0);
    verification.record({.run = 1, .producer = 1, .sequence = 17}, 0);
    EXPECT_EQ(verification.distinct(), 1000);
    EXPECT_EQ(verification.duplicated(), 1);
    auto& first = verification.producers().at({1, 0});
    EXPECT_EQ(first.seen.count(), 999);
    EXPECT_EQ(first.seen.end(), 1000u);
    EXPECT_EQ(first.duplicated, 1);
}

TEST(Verification, keeps_runs_apart) {
    Verification verification;
    for (uint32_t producer : {0u, 1u, UINT32_MAX})
        verification.record({.run = 7, .producer = producer}, 0);
    verification.record({.run = 8}, 0);
    EXPECT_EQ(verification.distinct_of(7), 3);
    EXPECT_EQ(verification.distinct_of(8), 1);
    EXPECT_EQ(verification.distinct_of(9), 0);
}

TEST(Verification, measures_from_the_intended_send_time_and_each_message_once) {
    Verification verification;
    verification.record({.sequence = 0, .intended_wall_ns = 1'000'000}, 3'000'000);
    verification.record({.sequence = 0, .intended_wall_ns = 1'000'000}, 9'000'000'000);
    verification.record({.sequence = 1, .intended_wall_ns = 5'000'000}, 4'000'000);
    EXPECT_EQ(verification.end_to_end_us().count(), 2);
    EXPECT_EQ(verification.end_to_end_us().max(), 2000);
}

TEST(Verification, forged_stamps_are_counted_and_bounded) {
    Verification verification;
    for (uint64_t run = 0; run < Verification::producers_max + 10; ++run)
        verification.record({.run = run, .intended_wall_ns = INT64_MIN}, INT64_MAX);
    EXPECT_EQ(verification.producers().size(), Verification::producers_max);
    EXPECT_EQ(verification.unstamped(), 10);
}

}  // namespace
}  // namespace stoker::load
