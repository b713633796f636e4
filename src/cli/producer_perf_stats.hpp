// What kafka-producer-perf-test counts and prints (upstream's ProducerPerformance.Stats).
#pragma once

#include <cstdint>
#include <vector>

#include "base/clock.hpp"
#include "cli/writer.hpp"

namespace stoker::cli {

class ProducerPerfStats {
public:
    enum class Phase { whole, steady_state };
    /// `clock` and `out` must outlive it.
    ProducerPerfStats(int64_t records, int64_t reporting_interval_ms, Phase phase,
                      const Clock& clock, Writer& out);

    void record(int64_t latency_ms, int64_t bytes, int64_t now_ms);
    void print_total();
    void suppress_windows() { is_silent_ = true; }

private:
    void print_window();
    void new_window();

    const Clock& clock_;
    Writer& out_;
    Phase phase_;
    int64_t interval_ms_;
    int64_t start_ms_;
    /// One latency of so many is kept.
    int64_t sampling_;
    std::vector<int32_t> latencies_;
    int64_t count_ = 0;
    int64_t bytes_ = 0;
    int64_t latency_sum_ = 0;
    int64_t latency_max_ = 0;
    int64_t window_start_ms_;
    int64_t window_count_ = 0;
    int64_t window_bytes_ = 0;
    int64_t window_latency_sum_ = 0;
    int64_t window_latency_max_ = 0;
    bool is_silent_ = false;
};

}  // namespace stoker::cli
