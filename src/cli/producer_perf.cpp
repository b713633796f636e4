// kafka-producer-perf-test: sends records as fast as they are taken, or at a rate, and prints how
// long the answers took.
#include <algorithm>
#include <array>
#include <memory>
#include <optional>

#include "base/random.hpp"
#include "cli/producer_perf_options.hpp"
#include "cli/producer_perf_stats.hpp"
#include "cli/throttle.hpp"
#include "cli/tool_list.hpp"
#include "kafka/producer.hpp"

namespace stoker::cli {
namespace {

using Phase = ProducerPerfStats::Phase;

constexpr int size_bits = 32;
constexpr int64_t steady_bit = int64_t{1} << size_bits;
constexpr int time_shift = size_bits + 1;
constexpr int64_t ns_per_ms = 1'000'000;
constexpr int64_t poll_ms = 100;

/// Random capital letters, two for ten random bits.
class Letters {
public:
    Letters() {
        for (size_t i = 0; i < pairs_.size(); ++i) {
            const size_t pair = i % (letters * letters);
            pairs_[i] = {char('A' + pair / letters), char('A' + pair % letters)};
        }
    }

    void fill(std::string& text) {
        size_t i = 0;
        while (i < text.size()) {
            // xorshift64
            state_ ^= state_ << 13;
            state_ ^= state_ >> 7;
            state_ ^= state_ << 17;
            uint64_t bits = state_;
            for (int pair = 0; pair < pairs_per_step && i < text.size(); ++pair, bits >>= 10) {
                const std::array<char, 2>& two = pairs_[bits & (pairs_.size() - 1)];
                text[i++] = two[0];
                if (i < text.size()) text[i++] = two[1];
            }
        }
    }

private:
    static constexpr size_t letters = 26;
    static constexpr int pairs_per_step = 6;

    std::array<std::array<char, 2>, 1024> pairs_;
    uint64_t state_ = 0x9e3779b97f4a7c15;
};

class PerfRun {
public:
    PerfRun(ProducerPerfOptions options, Streams& io)
        : io_(io), options_(std::move(options)), random_(0) {
        if (options_.record_size) payload_.resize(size_t(*options_.record_size));
    }

    int run() {
        producer_ = kafka::value_or_throw(kafka::Producer::create(
            options_.producer, io_.log, io_.clock, [this](const auto& d) { delivered(d); }));
        if (options_.transaction_duration_ms) kafka::value_or_throw(producer_->init_transactions());
        if (options_.warmup_records > 0) {
            io_.out.line("Warmup first " + std::to_string(options_.warmup_records) +
                         " records. Steady state results will print after the complete test "
                         "summary.");
        }
        io_.out.flush();
        start_ms_ = io_.clock.wall_ms();
        stats_.emplace(options_.records, options_.reporting_interval_ms, Phase::whole, io_.clock,
                       io_.out);
        const Throttle throttle(options_.throughput, io_.clock.monotonic_ns());
        for (int64_t i = 0; i < options_.records; ++i) {
            if (options_.transaction_duration_ms) begin_transaction();
            const int64_t now_ms = io_.clock.wall_ms();
            send(i, now_ms);
            if (options_.transaction_duration_ms) commit_if_due(now_ms);
            if (throttle.limits()) pause(throttle.pause_ns(i, io_.clock.monotonic_ns()));
        }
        if (is_in_transaction_) kafka::value_or_throw(producer_->commit_transaction());
        producer_->flush();
        stats_->print_total();
        if (steady_) steady_->print_total();
        if (options_.prints_metrics) print_metrics();
        return has_failed_ ? lenient_exit() : 0;
    }

private:
    const std::string& payload(int64_t index) {
        if (!options_.payloads.empty()) {
            return options_.payloads[random_.below(options_.payloads.size())];
        }
        if (options_.is_monotonic) payload_ = std::to_string(index);
        else letters_.fill(payload_);
        return payload_;
    }

    void send(int64_t index, int64_t now_ms) {
        const std::string& value = payload(index);
        if (options_.warmup_records > 0 && index == options_.warmup_records) {
            steady_.emplace(options_.records - options_.warmup_records,
                            options_.reporting_interval_ms, Phase::steady_state, io_.clock,
                            io_.out);
            stats_->suppress_windows();
        }
        const int64_t tag = (now_ms - start_ms_) << time_shift | (steady_ ? steady_bit : 0) |
                            int64_t(value.size());
        auto sent = producer_->send(
            {.topic = options_.topic, .timestamp_ms = now_ms, .value = bytes_of(value)}, tag);
        if (!sent) print_failure(sent.error(), 1);
    }

    void begin_transaction() {
        if (is_in_transaction_) return;
        kafka::value_or_throw(producer_->begin_transaction());
        is_in_transaction_ = true;
        transaction_began_ms_ = io_.clock.wall_ms();
    }

    void commit_if_due(int64_t now_ms) {
        if (now_ms - transaction_began_ms_ < *options_.transaction_duration_ms) return;
        kafka::value_or_throw(producer_->commit_transaction());
        is_in_transaction_ = false;
    }

    void print_failure(const kafka::Failure& why, size_t times) {
        has_failed_ = true;
        for (size_t i = 0; i < times; ++i) io_.err.write(stack_trace(why));
    }

    void delivered(const kafka::Delivery& delivery) {
        if (delivery.failure != nullptr) {
            return print_failure(*delivery.failure, delivery.tags.size());
        }
        ++batches_;
        batch_bytes_ += int64_t(delivery.batch.size());
        const int64_t now_ms = io_.clock.wall_ms();
        for (const int64_t tag : delivery.tags) {
            const int64_t latency_ms = now_ms - start_ms_ - (tag >> time_shift);
            const int64_t size = tag & (steady_bit - 1);
            stats_->record(latency_ms, size, now_ms);
            if (steady_ && (tag & steady_bit) != 0) steady_->record(latency_ms, size, now_ms);
        }
        records_ += int64_t(delivery.tags.size());
    }

    /// The producer goes on working meanwhile.
    void pause(int64_t ns) {
        const int64_t begin_ns = io_.clock.monotonic_ns();
        for (;;) {
            const int64_t left_ns = ns - (io_.clock.monotonic_ns() - begin_ns);
            if (left_ns <= 0) return;
            producer_->poll(std::min(left_ns / ns_per_ms + 1, poll_ms));
        }
    }

    /// What this producer knows of itself, in upstream's layout; upstream has some hundred more.
    void print_metrics() {
        const std::string tags = ":{client-id=" + producer_->settings().common.client_id + "}";
        const double average = batches_ == 0 ? 0.0 : double(batch_bytes_) / double(batches_);
        char line[256];
        const auto print = [&](std::string_view name, double value) {
            const std::string full = "producer-metrics:" + std::string(name) + tags;
            std::snprintf(line, sizeof line, "%-64s : %.3f", full.c_str(), value);
            io_.out.line(line);
        };
        std::snprintf(line, sizeof line, "\n%-64s   %s", "Metric Name", "Value");
        io_.out.line(line);
        print("batch-size-avg", average);
        print("byte-total", double(batch_bytes_));
        print("record-send-total", double(records_));
    }

    Streams& io_;
    ProducerPerfOptions options_;
    Letters letters_;
    Random random_;
    std::string payload_;
    std::unique_ptr<kafka::Producer> producer_;
    std::optional<ProducerPerfStats> stats_;
    std::optional<ProducerPerfStats> steady_;
    int64_t start_ms_ = 0;
    bool is_in_transaction_ = false;
    int64_t transaction_began_ms_ = 0;
    int64_t batches_ = 0;
    int64_t batch_bytes_ = 0;
    int64_t records_ = 0;
    bool has_failed_ = false;
};

}  // namespace

int run_producer_perf_test(const Args& args, Streams& io) {
    return PerfRun(read_producer_perf_options(args, io), io).run();
}

}  // namespace stoker::cli
