// stoker exporter.
//
// The main thread looks at the cluster and writes the text; the HTTP server's thread serves the
// latest one. So a scrape costs the cluster nothing and takes as long as its bytes, and several
// Prometheuses do not multiply the work.
#include <cstdio>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#include <CLI/CLI.hpp>

#include "base/guarded.hpp"
#include "cli/interrupt.hpp"
#include "exporter/collector.hpp"
#include "exporter/exposition.hpp"
#include "exporter/programs.hpp"
#include "http/metrics_endpoint.hpp"
#include "metrics/process_metrics.hpp"
#include "net/address.hpp"
#include "program/program.hpp"

namespace stoker::exporter {
namespace {

using metrics::TextWriter;
using metrics::Type;
using program::Journal;

constexpr double ms_a_second = 1000;

struct Options {
    program::ClientOptions client;
    std::string host = "127.0.0.1";
    uint16_t port = 9308;
    double refresh_seconds = 10;
    double timeout_seconds = 10;
    bool insecure = false;
    std::string cluster_name;
    std::string topics = ".*";
    std::string hidden_topics = "^$";
    std::string groups = ".*";
    std::string hidden_groups = "^$";
};

/// How the looks went.
struct Looks {
    bool up = false;
    double seconds = 0;
    double at_seconds = 0;
    uint64_t successes = 0;
    uint64_t failures = 0;
};

/// Shared with the HTTP server's thread.
class Cache {
public:
    void set(std::string text) {
        *text_.lock() = std::make_shared<const std::string>(std::move(text));
    }
    std::shared_ptr<const std::string> text() const { return *text_.lock(); }

private:
    Guarded<std::shared_ptr<const std::string>> text_;
};

class Exporter {
public:
    Exporter(const Options& options, CollectorOptions collector, Journal& journal,
             const Clock& clock)
        : options_(options), collector_(std::move(collector)), journal_(journal), clock_(clock) {
        auto properties = program::client_properties(options.client);
        properties.set_default("client.id", "stoker-exporter");
        admin_ = program::make_admin(properties, journal, clock);
    }

    int run() {
        const auto first = look();
        if (!first) throw std::runtime_error(unreadable(first.error()));
        auto server = http::serve_metrics(
            {.host = options_.host, .port = options_.port, .option = "--port"},
            [this] { return cache_.text(); });
        if (!server) throw std::runtime_error(server.error());
        for (const std::string& address : http::metrics_addresses(**server))
            std::printf("stoker exporter ready at %s\n", address.c_str());
        std::fflush(stdout);
        while (!interrupt_.raised()) {
            kafka::wait_readable({}, &interrupt_.wakeup(),
                                 int64_t(options_.refresh_seconds * ms_a_second));
            if (interrupt_.raised()) break;
            if (const auto looked = look(); !looked)
                journal_.say(unreadable(looked.error()));
        }
        return 0;
    }

private:
    std::string unreadable(const kafka::Failure& why) const {
        return "the cluster at " + options_.client.bootstrap + " could not be read: " + why.text();
    }

    /// When it fails, the figures stay what they were, and stoker_exporter_up says so.
    kafka::Outcome<void> look() {
        const int64_t from_ms = clock_.monotonic_ms();
        const auto snapshot = look_at(*admin_, collector_);
        looks_.up = snapshot.has_value();
        looks_.seconds = double(clock_.monotonic_ms() - from_ms) / ms_a_second;
        if (snapshot) {
            ++looks_.successes;
            const int64_t now_ms = clock_.wall_ms();
            looks_.at_seconds = double(now_ms) / ms_a_second;
            note_ends(*snapshot, now_ms, times_);
            const std::string& name =
                options_.cluster_name.empty() ? snapshot->cluster_id : options_.cluster_name;
            text_ = exposition(*snapshot, times_, name, now_ms);
        } else {
            ++looks_.failures;
        }
        cache_.set(text_ + own_text());
        if (!snapshot) return kafka::failed(snapshot.error());
        return {};
    }

    std::string own_text() const {
        TextWriter writer;
        writer.family("kafka_exporter_build_info", Type::gauge, "1; which exporter this is.");
        writer.sample({{"version", STOKER_VERSION}, {"branch", "stoker"}}, 1);
        const auto one = [&](const char* name, Type type, const char* help, auto value) {
            writer.family(name, type, help);
            writer.sample(value);
        };
        one("stoker_exporter_up", Type::gauge, "1 when the last look at the cluster succeeded.",
            looks_.up ? 1 : 0);
        one("stoker_exporter_last_update_timestamp_seconds", Type::gauge,
            "When the cluster was last seen, since the Unix epoch.", looks_.at_seconds);
        one("stoker_exporter_update_duration_seconds", Type::gauge,
            "How long the last look at the cluster took.", looks_.seconds);
        one("stoker_exporter_updates_total", Type::counter, "Looks at the cluster that succeeded.",
            looks_.successes);
        one("stoker_exporter_update_failures_total", Type::counter,
            "Looks at the cluster that failed.", looks_.failures);
        metrics::write_process_metrics(writer);
        return std::move(writer).text();
    }

    const Options& options_;
    const CollectorOptions collector_;
    Journal& journal_;
    const Clock& clock_;
    cli::Interrupt interrupt_;
    std::unique_ptr<kafka::Admin> admin_;
    TimesOfPartitions times_;
    Looks looks_;
    std::string text_;
    Cache cache_;
};

void add_options(CLI::App& app, Options& options) {
    program::add_client_options(app, options.client);
    app.add_option("--host", options.host, "The address to serve on")->capture_default_str();
    app.add_flag("--insecure", options.insecure,
                 "Serve beyond the loopback, without TLS and authentication");
    app.add_option("--port", options.port, "The port of /metrics; 0: any")->capture_default_str();
    app.add_option("--refresh-seconds", options.refresh_seconds,
                   "How often the cluster is looked at")
        ->check(CLI::Range(0.1, 3600.0))
        ->capture_default_str();
    app.add_option("--timeout-seconds", options.timeout_seconds,
                   "How long the cluster may take for one answer")
        ->check(CLI::Range(0.1, 3600.0))
        ->capture_default_str();
    app.add_option("--cluster-name", options.cluster_name,
                   "The label cluster_name; the cluster's id when not given");
    app.add_option("--topic-filter,--topic.filter", options.topics,
                   "Topics that are shown: a regular expression for the whole name")
        ->capture_default_str();
    app.add_option("--topic-exclude,--topic.exclude", options.hidden_topics, "Those that are not")
        ->capture_default_str();
    app.add_option("--group-filter,--group.filter", options.groups, "The same for groups")
        ->capture_default_str();
    app.add_option("--group-exclude,--group.exclude", options.hidden_groups, "Those that are not")
        ->capture_default_str();
}

int complain(const std::string& sentence) {
    std::fprintf(stderr, "stoker exporter: %s\n", sentence.c_str());
    return program::wrong_usage;
}

}  // namespace

int exporter_main(int argc, char** argv) {
    Options options;
    CLI::App app("Offsets and consumer lag of a Kafka cluster for Prometheus.", "stoker exporter");
    add_options(app, options);
    if (const auto status = program::parse(app, argc, argv)) return *status;
    if (!options.insecure && !net::is_loopback(options.host))
        return complain("--host is " + options.host +
                        ", and /metrics has no TLS and no authentication: leave it at 127.0.0.1, "
                        "or say --insecure if everybody who can reach it may read names of "
                        "topics and groups, and figures.");
    auto topics = NameFilter::create(options.topics, options.hidden_topics);
    auto groups = NameFilter::create(options.groups, options.hidden_groups);
    for (const auto* filter : {&topics, &groups})
        if (!*filter) return complain(filter->error());
    return program::guarded("stoker exporter", [&] {
        const SystemClock clock;
        Journal journal("stoker exporter", clock, options.client.log_file);
        CollectorOptions collector{.topics = *topics, .groups = *groups};
        collector.timeout_ms = int64_t(options.timeout_seconds * ms_a_second);
        return Exporter(options, std::move(collector), journal, clock).run();
    });
}

}  // namespace stoker::exporter
