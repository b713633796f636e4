#include "cli/producer_perf_stats.hpp"

#include <algorithm>
#include <string>

#include "kafka/java_text.hpp"

namespace stoker::cli {
namespace {

using kafka::java_fixed;

constexpr int64_t samples_max = 500'000;
constexpr double bytes_per_mb = 1024.0 * 1024.0;

}  // namespace

ProducerPerfStats::ProducerPerfStats(int64_t records, int64_t reporting_interval_ms, Phase phase,
                                     const Clock& clock, Writer& out)
    : clock_(clock),
      out_(out),
      phase_(phase),
      interval_ms_(reporting_interval_ms),
      start_ms_(clock.wall_ms()),
      sampling_(records / std::min(records, samples_max)),
      window_start_ms_(start_ms_) {}

void ProducerPerfStats::record(int64_t latency_ms, int64_t bytes, int64_t now_ms) {
    if (count_ % sampling_ == 0) latencies_.push_back(int32_t(latency_ms));
    ++count_;
    bytes_ += bytes;
    latency_sum_ += latency_ms;
    latency_max_ = std::max(latency_max_, latency_ms);
    ++window_count_;
    window_bytes_ += bytes;
    window_latency_sum_ += latency_ms;
    window_latency_max_ = std::max(window_latency_max_, latency_ms);
    if (now_ms - window_start_ms_ < interval_ms_) return;
    if (phase_ == Phase::steady_state && count_ == window_count_) out_.line("In steady state.");
    if (!is_silent_) print_window();
    out_.flush();
    new_window();
}

void ProducerPerfStats::print_window() {
    const auto elapsed_ms = double(clock_.wall_ms() - window_start_ms_);
    const auto count = double(window_count_);
    out_.line(std::to_string(window_count_) + " records sent, " +
              java_fixed(1000.0 * count / elapsed_ms, 1) + " records/sec (" +
              java_fixed(1000.0 * double(window_bytes_) / elapsed_ms / bytes_per_mb, 2) +
              " MB/sec), " + java_fixed(double(window_latency_sum_) / count, 1) +
              " ms avg latency, " + java_fixed(double(window_latency_max_), 1) +
              " ms max latency.");
}

void ProducerPerfStats::new_window() {
    window_start_ms_ = clock_.wall_ms();
    window_count_ = window_bytes_ = window_latency_sum_ = window_latency_max_ = 0;
}

void ProducerPerfStats::print_total() {
    // A run may be over within the millisecond that upstream never makes.
    const auto elapsed_ms = double(std::max<int64_t>(clock_.wall_ms() - start_ms_, 1));
    std::ranges::sort(latencies_);
    const auto percentile = [&](double part) {
        const auto index = size_t(part * double(latencies_.size()));
        const int32_t value = index < latencies_.size() ? latencies_[index] : 0;
        return std::to_string(value) + " ms ";
    };
    out_.line(std::to_string(count_) + (phase_ == Phase::steady_state ? " steady state" : "") +
              " records sent, " + java_fixed(1000.0 * double(count_) / elapsed_ms, 6) +
              " records/sec (" +
              java_fixed(1000.0 * double(bytes_) / elapsed_ms / bytes_per_mb, 2) + " MB/sec), " +
              java_fixed(double(latency_sum_) / double(count_), 2) + " ms avg latency, " +
              java_fixed(double(latency_max_), 2) + " ms max latency, " + percentile(0.5) +
              "50th, " + percentile(0.95) + "95th, " + percentile(0.99) + "99th, " +
              percentile(0.999) + "99.9th.");
}

}  // namespace stoker::cli
