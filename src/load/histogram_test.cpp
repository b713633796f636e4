#include "load/histogram.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "base/random.hpp"

namespace stoker::load {
namespace {

Histogram of(const std::vector<int64_t>& values) {
    Histogram histogram;
    for (int64_t value : values) histogram.record(value);
    return histogram;
}

/// Values of every size: uniform in their number of bits.
std::vector<int64_t> random_values(Random& random, size_t count) {
    std::vector<int64_t> values(count);
    for (auto& value : values)
        value = int64_t(random.below(uint64_t(Histogram::value_max)) >> random.below(32));
    return values;
}

TEST(Histogram, is_exact_up_to_2047) {
    for (int64_t value : {0, 1, 1023, 1024, 2047}) {
        Histogram histogram = of({value, Histogram::value_max});
        EXPECT_EQ(histogram.percentile(50), value);
    }
}

TEST(Histogram, a_counter_covers_what_hdrhistogram_s_rule_says) {
    EXPECT_EQ(of({2048, 1'000'000}).percentile(50), 2049);
    EXPECT_EQ(of({4095, 1'000'000}).percentile(50), 4095);
    EXPECT_EQ(of({4096, 1'000'000}).percentile(50), 4099);
    EXPECT_EQ(of({1'000'000, 9'000'000}).percentile(50), 1'000'447);
}

TEST(Histogram, a_percentile_of_a_round_count_is_that_record_and_not_the_next) {
    Histogram histogram;
    for (int64_t value = 1; value <= 1000; ++value) histogram.record(value);
    EXPECT_EQ(histogram.percentile(50), 500);
    EXPECT_EQ(histogram.percentile(99), 990);
    EXPECT_EQ(histogram.percentile(99.9), 999);
    EXPECT_EQ(histogram.percentile(99.99), 1000);
    Histogram more;
    for (int64_t i = 0; i < 100'000; ++i) more.record(i < 99'999 ? 1 : 2);
    EXPECT_EQ(more.percentile(99.999), 1);
    EXPECT_EQ(more.percentile(100), 2);
}

TEST(Histogram, every_percentile_is_within_a_thousandth_of_the_sorted_values) {
    for (uint64_t seed = 1; seed <= 20; ++seed) {
        Random random(seed);
        auto values = random_values(random, 1 + random.below(5000));
        Histogram histogram = of(values);
        std::ranges::sort(values);
        for (size_t tenths : {0u, 1u, 250u, 500u, 900u, 990u, 999u, 1000u}) {
            const double percent = double(tenths) / 10;
            const size_t rank = std::max<size_t>(1, (tenths * values.size() + 999) / 1000);
            int64_t exact = values[rank - 1];
            int64_t found = histogram.percentile(percent);
            EXPECT_GE(found, exact) << "seed " << seed << " percent " << percent;
            EXPECT_LE(double(found), double(exact) * 1.001 + 0.5) << "seed " << seed;
        }
        EXPECT_EQ(histogram.max(), values.back());
        EXPECT_EQ(histogram.percentile(100), values.back());
    }
}

TEST(Histogram, merging_is_recording_everything_in_one) {
    Random random(5);
    auto a = random_values(random, 1000);
    auto b = random_values(random, 300);
    Histogram merged = of(a);
    merged.merge(of(b));
    a.insert(a.end(), b.begin(), b.end());
    Histogram whole = of(a);
    EXPECT_EQ(merged.count(), whole.count());
    EXPECT_EQ(merged.max(), whole.max());
    EXPECT_NEAR(merged.mean(), whole.mean(), 1);
    for (double percent = 0; percent <= 100; percent += 2.5)
        EXPECT_EQ(merged.percentile(percent), whole.percentile(percent));
}

TEST(Histogram, since_holds_only_what_came_later) {
    Histogram histogram = of({5, 70'000, 3'000'000});
    Histogram earlier = histogram;
    for (int64_t value : {10, 20, 30}) histogram.record(value);
    Histogram later = histogram.since(earlier);
    EXPECT_EQ(later.count(), 3);
    EXPECT_EQ(later.max(), 30);
    EXPECT_EQ(later.percentile(50), 20);
    EXPECT_DOUBLE_EQ(later.mean(), 20);
    EXPECT_EQ(histogram.since(histogram).count(), 0);
}

TEST(Histogram, clamps_what_lies_outside) {
    EXPECT_EQ(of({-5}).max(), 0);
    EXPECT_EQ(of({INT64_MAX}).max(), Histogram::value_max);
}

TEST(Histogram, of_nothing_is_zero) {
    Histogram empty;
    EXPECT_EQ(empty.percentile(99), 0);
    EXPECT_EQ(empty.max(), 0);
    EXPECT_EQ(empty.mean(), 0);
}

}  // namespace
}  // namespace stoker::load
