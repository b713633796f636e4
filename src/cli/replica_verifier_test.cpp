#include "cli/replica_verifier.hpp"

#include <gtest/gtest.h>

#include "record/builder.hpp"

namespace stoker::cli {
namespace {

const kafka::TopicPartition where{"t", 0};

Bytes batch(int64_t base_offset, std::string_view value) {
    record::BatchBuilder builder({.base_offset = Offset{base_offset}});
    builder.append(0, std::nullopt, bytes_of(value));
    return std::move(builder).build();
}

/// Replica 1 has `one`, replica 2 `other`; what is below the high watermarks counts.
ReplicaVerifier::Findings compare(ReplicaVerifier& verifier, ReplicaData one, ReplicaData other) {
    one.replica = 1;
    other.replica = 2;
    return verifier.verify({{where, {one, other}}});
}

TEST(ReplicaVerifier, what_every_replica_has_is_done_with) {
    ReplicaVerifier verifier({{where, 4}});
    const Bytes same = batch(4, "a");
    const ReplicaData data{.high_watermark = Offset{5}, .records = same};
    EXPECT_TRUE(compare(verifier, data, data).differences.empty());
    EXPECT_EQ(verifier.offsets().at(where), 5);
    EXPECT_EQ(verifier.lag_text(), "max lag is 0 for partition t-0 at offset 5 among 1 partitions");
}

TEST(ReplicaVerifier, a_replica_that_is_behind_is_waited_for) {
    ReplicaVerifier verifier({{where, 0}});
    const Bytes ahead = batch(0, "a");
    const auto found = compare(verifier, {.high_watermark = Offset{1}, .records = ahead},
                               {.high_watermark = Offset{0}, .records = {}});
    EXPECT_TRUE(found.differences.empty());
    EXPECT_EQ(verifier.lag_text(), "max lag is 1 for partition t-0 at offset 0 among 1 partitions");
}

TEST(ReplicaVerifier, other_bytes_at_an_offset_are_told) {
    ReplicaVerifier verifier({{where, 0}});
    const Bytes one = batch(0, "a");
    const Bytes other = batch(0, "b");
    const auto found = compare(verifier, {.high_watermark = Offset{9}, .records = one},
                               {.high_watermark = Offset{9}, .records = other});
    ASSERT_EQ(found.differences.size(), 1u);
    EXPECT_TRUE(found.differences[0].starts_with(
        "partition t-0 has unmatched checksum at offset 0; replica 1's checksum "))
        << found.differences[0];
    EXPECT_FALSE(found.diverged);
}

TEST(ReplicaVerifier, batches_that_end_elsewhere_are_told_and_end_it) {
    ReplicaVerifier verifier({{where, 0}});
    const Bytes one = batch(0, "a");
    const Bytes later = batch(7, "a");
    const auto found = compare(verifier, {.high_watermark = Offset{9}, .records = one},
                               {.high_watermark = Offset{9}, .records = later});
    EXPECT_TRUE(found.diverged);
    EXPECT_EQ(found.differences,
              std::vector<std::string>{
                  "partition t-0: replica 1's offset 0 doesn't match replica 2's offset 7"});
}

}  // namespace
}  // namespace stoker::cli
