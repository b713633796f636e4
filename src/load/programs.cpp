#include "load/programs.hpp"

#include <fmt/format.h>

#include "http/metrics_endpoint.hpp"
#include "load/bomber_metrics.hpp"
#include "load/consumer_bomber.hpp"
#include "load/processor_use.hpp"
#include "load/producer_bomber.hpp"
#include "load/shortfall.hpp"
#include "load/signals.hpp"

namespace stoker::load {

namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

constexpr int64_t progress_interval_ns = 1'000'000'000;
/// How soon the end of the threads is noticed.
constexpr milliseconds tick{50};

void print(std::FILE* file, const std::string& text) {
    std::fputs(text.c_str(), file);
    std::fflush(file);
}

void print_warnings(const BomberOptions& options, Streams streams) {
    for (auto& warning : options.warnings) print(streams.error, "warning: " + warning + "\n");
}

/// Says when the next report or progress line is due.
class Ticker {
public:
    Ticker(const Clock& clock, int64_t interval_ns)
        : clock_(clock), interval_ns_(interval_ns), next_ns_(clock.monotonic_ns() + interval_ns) {}

    bool due() {
        int64_t now = clock_.monotonic_ns();
        if (now < next_ns_) return false;
        // After a pause of the whole process, one report and not many.
        next_ns_ = std::max(next_ns_ + interval_ns_, now);
        return true;
    }

private:
    const Clock& clock_;
    int64_t interval_ns_;
    int64_t next_ns_;
};

std::string settings_line(const BomberOptions& options) {
    return fmt::format("{} with {}{}, {} topics {}.generated-data-NN.json, {:.1f} s, seed {}\n",
                       options.bootstrap_servers, options.security.protocol,
                       options.security.uses_sasl() ? "/" + options.security.mechanism : "",
                       options.num_topics, options.topic_prefix,
                       double(options.duration.count()) / 1e9, options.seed);
}

int64_t report_interval_ns(const BomberOptions& options) {
    return options.progress ? progress_interval_ns
                            : nanoseconds(options.config.report_interval).count();
}

/// Says once, until it is reached again, that the rate is not.
class RateWatch {
public:
    explicit RateWatch(Streams streams) : streams_(streams) {}

    std::optional<Shortfall> look(const ProducerStats& stats, const ProducerRun& run) const {
        return shortfall(stats, run, meter_.since());
    }
    void report(const ProducerStats& stats, const ProducerRun& run) {
        const auto now = look(stats, run);
        if (now && !is_told_) print(streams_.error, "producer-bomber: " + sentence(*now) + "\n");
        is_told_ = now.has_value();
    }

private:
    Streams streams_;
    ProcessorMeter meter_;
    bool is_told_ = false;
};

/// Shows how a producer run goes until it is over.
void watch(ProducerBomber& bomber, const ProducerOptions& options, const Clock& clock,
           Signals& signals, Stop& stop, Streams streams, RateWatch& rate) {
    Ticker ticker(clock, report_interval_ns(options));
    Histogram earlier;
    std::string shown_error;
    while (bomber.running()) {
        if (signals.wait_for(tick)) stop.request();
        if (!ticker.due()) continue;
        ProducerStats stats = bomber.stats();
        if (options.progress) {
            Json line = producer_progress_json(stats, bomber.run(), stats.ack_us.since(earlier));
            print(streams.out, line_of(line) + "\n");
            earlier = stats.ack_us;
        } else {
            print(streams.out, producer_report(stats, bomber.run()));
            rate.report(stats, bomber.run());
        }
        if (options.verbose && stats.last_error != shown_error)
            print(streams.error, fmt::format("last error: {}\n", stats.last_error));
        shown_error = stats.last_error;
    }
}

void show_events(ConsumerBomber& bomber, const ConsumerOptions& options, Streams streams) {
    for (auto& event : bomber.take_events())
        if (event.always || options.verbose)
            print(streams.error, "consumer-bomber: " + event.text + "\n");
}

void watch(ConsumerBomber& bomber, const ConsumerOptions& options, const Clock& clock,
           Signals& signals, Stop& stop, Streams streams) {
    Ticker ticker(clock, report_interval_ns(options));
    Histogram earlier;
    int64_t end_ns = clock.monotonic_ns() + options.duration.count();
    while (bomber.running()) {
        if (signals.wait_for(tick) || clock.monotonic_ns() >= end_ns) stop.request();
        show_events(bomber, options, streams);
        if (!ticker.due()) continue;
        ConsumerStats stats = bomber.stats();
        if (!options.progress) {
            print(streams.out, consumer_report(stats, bomber.run()));
            continue;
        }
        Json line = bomber.with_verification([&](const Verification* verification) {
            Histogram now = verification ? verification->end_to_end_us() : Histogram();
            Histogram recent = now.since(earlier);
            earlier = std::move(now);
            return consumer_progress_json(stats, bomber.run(), verification, recent);
        });
        print(streams.out, line_of(line) + "\n");
    }
}

/// While what it returns exists, the figures are served; nothing when they cannot be.
std::expected<std::unique_ptr<http::Server>, std::string> serve(const BomberOptions& options,
                                                                std::function<std::string()> text,
                                                                const char* program,
                                                                Streams streams) {
    auto server = serve_metrics(options, std::move(text));
    if (!server) print(streams.error, fmt::format("{}: {}\n", program, server.error()));
    if (!server || !*server) return server;
    for (const std::string& address : http::metrics_addresses(**server))
        print(streams.error, fmt::format("{}: metrics at {}\n", program, address));
    return server;
}

}  // namespace

int run_producer_bomber(const ProducerOptions& options, Streams streams) {
    Signals signals;
    SystemClock clock;
    Stop stop;
    print_warnings(options, streams);
    if (options.verbose) print(streams.error, "producer-bomber: " + settings_line(options));
    ProducerBomber bomber(options, clock, stop);
    ProducerMetrics metrics(bomber, options, clock);
    const auto served =
        serve(options, [&] { return metrics.text(); }, "producer-bomber", streams);
    if (!served) return 1;
    bool interrupted = false;
    const auto notice = [&](const std::string& text) {
        print(streams.error, "producer-bomber: " + text + "\n");
    };
    auto started =
        bomber.start([&] { return interrupted |= signals.wait_for(nanoseconds(0)); }, notice);
    if (!started && !interrupted) {
        print(streams.error, fmt::format("producer-bomber: {}\n", started.error()));
        return 1;
    }
    RateWatch rate(streams);
    if (started) watch(bomber, options, clock, signals, stop, streams, rate);
    bomber.join();
    ProducerStats stats = bomber.stats();
    ProducerRun run = bomber.run();
    if (!options.progress) print(streams.out, producer_summary(stats, run));
    const auto short_of = rate.look(stats, run);
    if (options.json) {
        Json json = producer_json(stats, run);
        json["rate_reached"] = !short_of;
        if (short_of) json["rate_limited_by"] = short_of->limit;
        print(streams.out, line_of(json) + "\n");
    }
    if (short_of) print(streams.error, "producer-bomber: " + sentence(*short_of) + "\n");
    if (auto failure = bomber.failure()) {
        print(streams.error, fmt::format("producer-bomber: {}\n", *failure));
        return 1;
    }
    if (stats.messages_failed > 0) {
        print(streams.error, fmt::format("producer-bomber: {} messages failed, the last one with: "
                                         "{}\n",
                                         stats.messages_failed, stats.last_error));
        return 1;
    }
    return 0;
}

int run_consumer_bomber(const ConsumerOptions& options, Streams streams) {
    Signals signals;
    SystemClock clock;
    Stop stop;
    print_warnings(options, streams);
    if (options.verbose) print(streams.error, "consumer-bomber: " + settings_line(options));
    ConsumerBomber bomber(options, clock, stop);
    ConsumerMetrics metrics(bomber, options, clock);
    const auto served =
        serve(options, [&] { return metrics.text(); }, "consumer-bomber", streams);
    if (!served) return 1;
    bomber.start();
    watch(bomber, options, clock, signals, stop, streams);
    bomber.join();
    show_events(bomber, options, streams);
    ConsumerStats stats = bomber.stats();
    ConsumerRun run = bomber.run();
    if (!options.progress)
        print(streams.out, bomber.with_verification([&](const Verification* verification) {
            return consumer_summary(stats, run, verification);
        }));
    if (options.json) {
        Json json = consumer_json(stats, run);
        if (auto verified = bomber.verified()) json["verified"] = *verified;
        print(streams.out, line_of(json) + "\n");
    }
    if (auto failure = bomber.failure()) {
        print(streams.error, fmt::format("consumer-bomber: {}\n", *failure));
        return 1;
    }
    if (stats.messages_failed > 0 && options.verbose)
        print(streams.error, fmt::format("last error: {}\n", stats.last_error));
    return 0;
}

int leave(const EarlyExit& exit, Streams streams) {
    print(streams.out, exit.out);
    print(streams.error, exit.error);
    return exit.code;
}

int guarded(const char* program, int (*main_function)(int, char**), int argc, char** argv) {
    try {
        return main_function(argc, argv);
    } catch (const std::exception& error) {
        print(stderr, fmt::format("{}: {}\n", program, error.what()));
        return 1;
    }
}

}  // namespace stoker::load
