#include "broker/metrics/request_metrics.hpp"

#include <pthread.h>

#include <string>

#include "broker/handler.hpp"

namespace stoker::broker {

using metrics::Histogram;
using metrics::Label;
using metrics::TextWriter;
using metrics::Type;

namespace {

constexpr double ns_a_ms = 1e6;

struct Quantile {
    std::string_view name;
    double share;
};
/// Those of jmx_exporter's rules for Kafka.
constexpr std::array<Quantile, 6> quantiles{{{"0.50", 0.5},
                                             {"0.75", 0.75},
                                             {"0.95", 0.95},
                                             {"0.98", 0.98},
                                             {"0.99", 0.99},
                                             {"0.999", 0.999}}};

uint64_t since(int64_t from_ns, int64_t to_ns) {
    return to_ns > from_ns ? uint64_t(to_ns - from_ns) : 0;
}

}  // namespace

/// The times of one API on one io thread.
struct RequestMetrics::ApiTimes {
    Histogram total;
    Histogram request_queue;
    Histogram local;
    Histogram remote;
    Histogram response_queue;
    Histogram response_send;
    std::array<metrics::Counter, versions_max> by_version;
};

/// A stretch of a request's way.
struct RequestMetrics::Stretch {
    std::string_view name;
    std::string_view help;
    Histogram ApiTimes::*times;
};

/// Written by its io thread only.
class RequestMetrics::Recorder {
public:
    ~Recorder() {
        for (auto& each : of_api_) delete each.load();
    }

    void record(const net::FrameTimes& times, int64_t sent_ns) {
        const size_t key = times.begins >> 16;
        const size_t version = times.begins & 0xffff;
        if (key >= apis_max || version >= versions_max) return;
        ApiTimes* api = of_api_[key].load(std::memory_order_relaxed);
        if (api == nullptr) {
            if (find_handler(int16_t(key)) == nullptr) return;
            api = new ApiTimes;
            of_api_[key].store(api, std::memory_order_release);
        }
        api->by_version[version].add_alone();
        api->total.record_alone(since(times.received_ns, sent_ns));
        api->request_queue.record_alone(since(times.received_ns, times.begun_ns));
        api->local.record_alone(since(times.begun_ns, times.handled_ns));
        api->remote.record_alone(since(times.handled_ns, times.answered_ns));
        api->response_queue.record_alone(since(times.answered_ns, times.sending_ns));
        api->response_send.record_alone(since(times.sending_ns, sent_ns));
    }
    /// Null where there was no such request.
    const ApiTimes* of(size_t key) const { return of_api_[key].load(std::memory_order_acquire); }

private:
    std::array<std::atomic<ApiTimes*>, apis_max> of_api_{};
};

RequestMetrics::RequestMetrics() = default;

RequestMetrics::~RequestMetrics() {
    for (Shard& shard : shards_)
        for (auto& each : shard.of_api) delete each.load();
}

std::unique_ptr<net::FrameObserver> RequestMetrics::make_observer() {
    class Observer final : public net::FrameObserver {
    public:
        explicit Observer(std::shared_ptr<Recorder> recorder) : recorder_(std::move(recorder)) {}
        void finished(const net::FrameTimes& times, int64_t sent_ns) override {
            recorder_->record(times, sent_ns);
        }

    private:
        std::shared_ptr<Recorder> recorder_;
    };
    auto recorder = std::make_shared<Recorder>();
    recorders_.lock()->push_back(recorder);
    return std::make_unique<Observer>(std::move(recorder));
}

RequestMetrics::Errors& RequestMetrics::errors_of(int16_t api_key) {
    constexpr uint64_t mix = 0x9E3779B97F4A7C15;
    constexpr unsigned page_bits = 12;
    constexpr unsigned shard_bits = 2;
    static_assert(shards == 1 << shard_bits);
    const uint64_t thread = uint64_t(::pthread_self()) >> page_bits;
    Shard& shard = shards_[(thread * mix) >> (64 - shard_bits)];
    auto& place = shard.of_api[size_t(api_key)];
    Errors* errors = place.load(std::memory_order_acquire);
    if (errors != nullptr) return *errors;
    auto made = std::make_unique<Errors>();
    if (place.compare_exchange_strong(errors, made.get())) return *made.release();
    return *errors;
}

uint64_t RequestMetrics::errors(size_t api, size_t error) const {
    uint64_t count = 0;
    for (const Shard& shard : shards_)
        if (const Errors* errors = shard.of_api[api].load(std::memory_order_acquire))
            count += (*errors)[error].value();
    return count;
}

void RequestMetrics::write(TextWriter& writer, int64_t now_ns) {
    const Recorders recorders = *recorders_.lock();
    write_requests(writer, recorders);
    write_errors(writer);
    write_times(writer, recorders, now_ns);
}

void RequestMetrics::write_requests(TextWriter& writer, const Recorders& recorders) const {
    writer.family("kafka_network_requestmetrics_requests_total", Type::counter,
                  "Requests that were answered, by API and version.");
    for (const Handler& handler : handlers()) {
        for (size_t version = 0; version < versions_max; ++version) {
            uint64_t count = 0;
            for (const auto& recorder : recorders)
                if (const ApiTimes* times = recorder->of(size_t(handler.api.key)))
                    count += times->by_version[version].value();
            if (count == 0) continue;
            writer.sample({{"request", handler.api.name}, {"version", std::to_string(version)}},
                          count);
        }
    }
}

void RequestMetrics::write_errors(TextWriter& writer) const {
    writer.family("kafka_network_requestmetrics_errors_total", Type::counter,
                  "Error codes in answers, by API; NONE is success. An answer has one for each of "
                  "its parts.");
    for (const Handler& handler : handlers()) {
        for (size_t error = 0; error < errors_max; ++error) {
            const uint64_t count = errors(size_t(handler.api.key), error);
            if (count == 0) continue;
            const auto name_of = name(ErrorCode(int16_t(error) - 1));
            writer.sample({{"request", handler.api.name}, {"error", name_of}}, count);
        }
    }
}

void RequestMetrics::write_times(TextWriter& writer, const Recorders& recorders, int64_t now_ns) {
    static constexpr std::array<Stretch, 6> stretches{{
        {"totaltimems", "Milliseconds from a request's arrival to its answer's last byte.",
         &ApiTimes::total},
        {"requestqueuetimems", "Milliseconds that a request waited for its io thread.",
         &ApiTimes::request_queue},
        {"localtimems", "Milliseconds of work on a request, and on what it brought along.",
         &ApiTimes::local},
        {"remotetimems", "Milliseconds that a request waited for data, members or the disk.",
         &ApiTimes::remote},
        {"responsequeuetimems", "Milliseconds that an answer waited for its turn to be sent.",
         &ApiTimes::response_queue},
        {"responsesendtimems", "Milliseconds until the socket had taken an answer.",
         &ApiTimes::response_send},
    }};
    for (const Handler& handler : handlers()) {
        const size_t key = size_t(handler.api.key);
        for (size_t i = 0; i < stretches.size(); ++i) {
            metrics::Distribution all;
            for (const auto& recorder : recorders)
                if (const ApiTimes* times = recorder->of(key))
                    (times->*stretches[i].times).add_to(all);
            if (all.count == 0) break;
            auto& recent = recent_[key];
            recent.resize(stretches.size());
            recent[i].take(std::move(all), now_ns);
        }
    }
    for (size_t i = 0; i < stretches.size(); ++i) {
        const std::string family =
            "kafka_network_requestmetrics_" + std::string(stretches[i].name);
        writer.family(family, Type::summary, stretches[i].help);
        for (const auto& [key, recent] : recent_) {
            const Label request{"request", find_handler(int16_t(key))->api.name};
            for (const Quantile& quantile : quantiles)
                writer.quantile({&request, 1}, quantile.name,
                                recent[i].quantile(quantile.share) / ns_a_ms);
            writer.sum({&request, 1}, double(recent[i].sum()) / ns_a_ms);
            writer.count({&request, 1}, recent[i].count());
        }
    }
}

}  // namespace stoker::broker
