// kafka-consumer-perf-test: reads so many records and prints how fast that went.
#include <algorithm>
#include <memory>
#include <set>
#include <string>

#include "base/random.hpp"
#include "cli/admin_tool.hpp"
#include "cli/client_tool.hpp"
#include "cli/consumer_perf_options.hpp"
#include "cli/simple_date_format.hpp"
#include "cli/tool_list.hpp"
#include "cli/topic_filter.hpp"
#include "cli/usage.hpp"
#include "kafka/consumer.hpp"
#include "kafka/java_text.hpp"

namespace stoker::cli {
namespace {

using jopt::Option;
using kafka::java_fixed;
using kafka::TopicPartition;

constexpr uint64_t generated_groups = 100'000;
constexpr int64_t poll_ms = 100;
constexpr double bytes_per_mb = 1024.0 * 1024.0;
constexpr int64_t ns_per_ms = 1'000'000;
constexpr double ns_per_second = 1e9;

struct Options : ConsumerPerfOptions {
    const Option& include =
        parser.accepts("include", "A regular expression: all topics that it matches are read.")
            .with_required_arg("Java regex (String)");
    const Option& group =
        parser.accepts("group", "The group to read as.")
            .with_required_arg("gid")
            .defaults_to("perf-consumer-" + std::to_string(Random().below(generated_groups)));
    const Option& from_latest = parser.accepts(
        "from-latest", "Begins at the end, where the group has not committed an offset.");
};

void check(Streams& io, const Options& o, const jopt::OptionSet& options) {
    print_help_or_version(io, o.parser, options,
                          "This tool is used to verify the consumer performance.");
    check_required_args(io, o.parser, options, {&o.bootstrap_server});
    check_one_of_args(io, o.parser, options, {&o.topic, &o.include});
    check_consumer_perf_options(io, o, options);
}

kafka::ClientProperties consumer_properties(const Options& o, const jopt::OptionSet& options) {
    kafka::ClientProperties properties = consumer_perf_properties(o, options);
    properties.set("group.id", options.text_or_empty(o.group));
    properties.set("max.partition.fetch.bytes", options.text_or_empty(o.fetch_size));
    properties.set("auto.offset.reset", options.has(o.from_latest) ? "latest" : "earliest");
    properties.set_default("client.id", "perf-consumer-client");
    return properties;
}

struct Counts {
    int64_t bytes = 0;
    int64_t records = 0;
};

class Measurement {
public:
    Measurement(Streams& io, const Options& o, const jopt::OptionSet& options)
        : io_(io),
          topic_(options.text(o.topic)),
          include_(options.text(o.include)),
          records_(*options.number(options.has(o.messages) ? o.messages : o.records)),
          timeout_ms_(*options.number(o.timeout)),
          interval_ms_(reporting_interval_ms(o, options)),
          date_format_(options.text_or_empty(o.date_format)),
          is_detailed_(options.has(o.detailed)) {}

    void run(const kafka::ClientProperties& properties) {
        consumer_ = kafka::value_or_throw(
            kafka::Consumer::create(properties, io_.log, io_.clock));
        const int64_t start_ms = io_.clock.wall_ms();
        const int64_t start_ns = io_.clock.monotonic_ns();
        join_start_ns_ = start_ns;
        subscribe();
        consume();
        const int64_t elapsed_ns = io_.clock.monotonic_ns() - start_ns;
        if (!is_detailed_) print_total(start_ms, elapsed_ns);
        io_.out.flush();
    }

    void print_metrics() const {
        constexpr std::string_view group = "consumer-fetch-manager-metrics:";
        const std::string tags =
            ":{client-id=" + consumer_->settings().common.client_id + "}";
        const std::string bytes = std::string(group) + "bytes-consumed-total" + tags;
        const std::string records = std::string(group) + "records-consumed-total" + tags;
        const size_t width = std::max(bytes.size(), records.size());
        const auto padded = [&](std::string text) {
            text.resize(width, ' ');
            return text;
        };
        io_.out.line("\n" + padded("Metric Name") + "   Value");
        io_.out.line(padded(bytes) + " : " + java_fixed(double(now_.bytes), 3));
        io_.out.line(padded(records) + " : " + java_fixed(double(now_.records), 3));
    }

    void close() { consumer_->close(); }

private:
    void subscribe() {
        kafka::RebalanceListener listener{
            .on_assigned = [this](const auto& partitions) { assigned(partitions); },
            .on_revoked = [this](const auto& partitions) { revoked(partitions); }};
        if (topic_) return consumer_->subscribe({*topic_}, std::move(listener));
        auto filter = std::make_shared<TopicFilter>(*include_);
        consumer_->subscribe(
            [filter](const std::string& topic) { return filter->allows(topic, false); },
            std::move(listener));
    }

    void assigned(const std::vector<TopicPartition>& partitions) {
        if (assigned_.empty()) {
            const int64_t elapsed_ns = io_.clock.monotonic_ns() - join_start_ns_;
            join_ns_ += elapsed_ns;
            join_in_round_ms_ += elapsed_ns / ns_per_ms;
        }
        assigned_.insert(partitions.begin(), partitions.end());
    }

    void revoked(const std::vector<TopicPartition>& partitions) {
        for (const TopicPartition& where : partitions) assigned_.erase(where);
        if (assigned_.empty()) join_start_ns_ = io_.clock.monotonic_ns();
    }

    void consume() {
        int64_t now_ms = io_.clock.wall_ms();
        last_report_ms_ = now_ms;
        int64_t last_consumed_ms = now_ms;
        const int poll_records = consumer_->settings().max_poll_records;
        while (now_.records < records_ && now_ms - last_consumed_ms <= timeout_ms_) {
            const bool any = kafka::value_or_throw(consumer_->poll(poll_ms));
            now_ms = io_.clock.wall_ms();
            if (any) last_consumed_ms = now_ms;
            for (int i = 0; i < poll_records; ++i) {
                const kafka::ConsumerRecord* record = consumer_->next();
                if (record == nullptr) break;
                take(*record, now_ms);
            }
        }
        if (now_.records >= records_) return;
        warn_of_timeout(io_, timeout_ms_);
    }

    void take(const kafka::ConsumerRecord& record, int64_t now_ms) {
        ++now_.records;
        if (record.view.key) now_.bytes += int64_t(record.view.key->size());
        if (record.view.value) now_.bytes += int64_t(record.view.value->size());
        if (now_ms - last_report_ms_ < interval_ms_) return;
        if (is_detailed_) print_progress(now_ms);
        join_in_round_ms_ = 0;
        last_report_ms_ = now_ms;
        last_ = now_;
    }

    void print_progress(int64_t now_ms) {
        const auto elapsed_ms = double(now_ms - last_report_ms_);
        const int64_t fetch_ms = now_ms - last_report_ms_ - join_in_round_ms_;
        const double mb = double(now_.bytes - last_.bytes) / bytes_per_mb;
        const auto records = double(now_.records - last_.records);
        const auto per_fetch_second = [&](double amount) {
            return java_fixed(fetch_ms <= 0 ? 0.0 : 1000.0 * amount / double(fetch_ms), 4);
        };
        io_.out.line(format_date(date_format_, now_ms) + ", 0, " +
                     java_fixed(double(now_.bytes) / bytes_per_mb, 4) + ", " +
                     java_fixed(1000.0 * mb / elapsed_ms, 4) + ", " +
                     std::to_string(now_.records) + ", " +
                     java_fixed(records / elapsed_ms * 1000.0, 4) + ", " +
                     std::to_string(join_in_round_ms_) + ", " + std::to_string(fetch_ms) + ", " +
                     per_fetch_second(mb) + ", " + per_fetch_second(records));
        io_.out.flush();
    }

    /// The rates are those of nanoseconds: what upstream measures in whole milliseconds is over
    /// here before the first has passed.
    void print_total(int64_t start_ms, int64_t elapsed_ns) {
        const int64_t fetch_ns = elapsed_ns - join_ns_;
        const double elapsed_s = double(elapsed_ns) / ns_per_second;
        const double fetch_s = double(fetch_ns) / ns_per_second;
        const double mb = double(now_.bytes) / bytes_per_mb;
        const auto records = double(now_.records);
        const int64_t end_ms = start_ms + elapsed_ns / ns_per_ms;
        io_.out.line(format_date(date_format_, start_ms) + ", " +
                     format_date(date_format_, end_ms) + ", " + java_fixed(mb, 4) + ", " +
                     java_fixed(mb / elapsed_s, 4) + ", " + std::to_string(now_.records) + ", " +
                     java_fixed(records / elapsed_s, 4) + ", " +
                     std::to_string(join_ns_ / ns_per_ms) + ", " +
                     std::to_string(fetch_ns / ns_per_ms) + ", " + java_fixed(mb / fetch_s, 4) +
                     ", " + java_fixed(records / fetch_s, 4));
    }

    Streams& io_;
    std::optional<std::string> topic_;
    std::optional<std::string> include_;
    int64_t records_;
    int64_t timeout_ms_;
    int64_t interval_ms_;
    std::string date_format_;
    bool is_detailed_;
    std::unique_ptr<kafka::Consumer> consumer_;
    std::set<TopicPartition> assigned_;
    Counts now_;
    Counts last_;
    int64_t last_report_ms_ = 0;
    int64_t join_start_ns_ = 0;
    int64_t join_ns_ = 0;
    int64_t join_in_round_ms_ = 0;
};

}  // namespace

int run_consumer_perf_test(const Args& args, Streams& io) {
    const Options o;
    const jopt::OptionSet options = parse_or_usage(io, o.parser, args);
    check(io, o, options);
    return main_no_exit(io, [&] {
        if (!options.has(o.hide_header)) {
            io.out.line(std::string(options.has(o.detailed) ? "time, threadId"
                                                            : "start.time, end.time") +
                        ", data.consumed.in.MB, MB.sec, data.consumed.in.nMsg, nMsg.sec, "
                        "rebalance.time.ms, fetch.time.ms, fetch.MB.sec, fetch.nMsg.sec");
        }
        Measurement measurement(io, o, options);
        measurement.run(consumer_properties(o, options));
        if (options.has(o.print_metrics)) measurement.print_metrics();
        measurement.close();
        return 0;
    });
}

}  // namespace stoker::cli
