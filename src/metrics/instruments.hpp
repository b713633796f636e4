// What is counted where it happens: counters, gauges and the distribution of measured values.
//
// Writing costs a few nanoseconds and never waits: relaxed atomics, no lock. Any thread writes; the
// functions named …_alone save the locked instruction where one thread alone writes, whoever reads.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace stoker::metrics {

class Counter {
public:
    void add(uint64_t n = 1) { value_.fetch_add(n, std::memory_order_relaxed); }
    void add_alone(uint64_t n = 1) {
        value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
    }
    uint64_t value() const { return value_.load(std::memory_order_relaxed); }

private:
    std::atomic<uint64_t> value_ = 0;
};

class Gauge {
public:
    void set(double value) { value_.store(value, std::memory_order_relaxed); }
    void add(double delta) { value_.fetch_add(delta, std::memory_order_relaxed); }
    double value() const { return value_.load(std::memory_order_relaxed); }

private:
    std::atomic<double> value_ = 0;
};

/// What a Histogram held at one moment, or several histograms together.
struct Distribution {
    std::vector<uint64_t> buckets;  // Histogram::bucket_count of them, or none
    uint64_t count = 0;
    uint64_t sum = 0;
};

/// How often which values came: sixteen buckets for each doubling, so that a value is known to
/// 3 %. Values are whole numbers of a unit that the caller chose; beyond 2^42 (nanoseconds: more
/// than an hour) they count as that. Some 5 KiB.
class Histogram {
public:
    static constexpr unsigned steps = 16;  // of one doubling
    static constexpr unsigned steps_bits = 4;
    static constexpr unsigned value_bits = 42;
    static constexpr size_t bucket_count = (value_bits - steps_bits + 1) * steps;

    void record(uint64_t value) {
        buckets_[bucket_of(value)].add();
        sum_.add(value);
    }
    void record_alone(uint64_t value) {
        buckets_[bucket_of(value)].add_alone();
        sum_.add_alone(value);
    }
    void add_to(Distribution& distribution) const;

    static size_t bucket_of(uint64_t value) {
        constexpr uint64_t most = (uint64_t{1} << value_bits) - 1;
        const uint64_t known = std::min(value, most);
        if (known < steps) return known;
        const unsigned shift = unsigned(std::bit_width(known)) - steps_bits - 1;
        return shift * steps + (known >> shift);
    }
    /// The middle of the bucket.
    static double value_of(size_t bucket);

private:
    std::array<Counter, bucket_count> buckets_{};
    Counter sum_;
};

}  // namespace stoker::metrics
