// stoker respond.
//
// A member of a group: several responders share the requests of a topic, responders of several
// groups answer each. A request is committed once its reply is stored, so that one that ends in
// between answers again after its restart, and never loses one.
#include <array>
#include <cstdio>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "base/big_endian.hpp"
#include "cli/interrupt.hpp"
#include "exchange/headers.hpp"
#include "exchange/programs.hpp"
#include "exchange/shell_command.hpp"
#include "kafka/admin_groups.hpp"
#include "kafka/consumer.hpp"
#include "kafka/producer.hpp"
#include "program/program.hpp"
#include "program/service_metrics.hpp"

namespace stoker::exchange {
namespace {

using program::Journal;

constexpr int64_t poll_ms = 1000;
/// Of a member that runs commands between its heartbeats.
constexpr int64_t time_limit_max_ms = 40'000;

struct Options {
    program::ClientOptions client;
    std::string topic;
    std::string command;
    std::string group;
    int64_t time_limit_ms = 30'000;
    std::optional<uint16_t> metrics_port;
};
constexpr const char* client_id = "stoker-respond";

/// A request as it came; its views last as long as the record.
struct Incoming {
    std::optional<ByteView> correlation_id;
    std::optional<ByteView> reply_topic;
    std::optional<int32_t> reply_partition;
};

Incoming read_headers(const record::RecordView& record) {
    Incoming incoming;
    for (const auto& header : record.headers) {
        if (header.key == correlation_id_header) incoming.correlation_id = header.value;
        if (header.key == reply_topic_header) incoming.reply_topic = header.value;
        if (header.key == reply_partition_header && header.value &&
            header.value->size() == sizeof(int32_t)) {
            incoming.reply_partition = load_big_endian<int32_t>(header.value->data());
        }
    }
    return incoming;
}

std::string hex(ByteView bytes) {
    std::string text;
    for (const std::byte byte : bytes) text += fmt::format("{:02x}", int(byte));
    return text;
}

class Responder {
public:
    Responder(const Options& options, Journal& journal, const Clock& clock)
        : options_(options),
          journal_(journal),
          metrics_(clock),
          read_(metrics_.registry(), client_id, STOKER_VERSION),
          sent_(metrics_.registry(), client_id, STOKER_VERSION) {
        auto properties = program::client_properties(options.client);
        properties.set_default("client.id", client_id);
        const auto admin = program::make_admin(properties, journal, clock);
        const auto partitions = program::ensure_topic(*admin, {.name = options.topic});
        properties.set("group.id", options.group);
        properties.set("enable.auto.commit", "false");
        properties.set("auto.offset.reset", "earliest");
        program::prefer_consumer_protocol(*admin, properties);
        consumer_ = kafka::value_or_throw(
            kafka::Consumer::create(properties, journal.client_log(), clock, &interrupt_.wakeup()));
        begin_with_what_comes(*admin, partitions);
        consumer_->subscribe(std::vector{options.topic});
        producer_ = kafka::value_or_throw(kafka::Producer::create(
            properties, journal.client_log(), clock,
            [this](const kafka::Delivery& delivery) { on_delivery(delivery); }));
    }

    int run() {
        metrics_.serve(options_.metrics_port, journal_);
        journal_.say(fmt::format("answers what comes to {} from now on, in the group {}",
                                 options_.topic, options_.group));
        while (!interrupt_.raised()) {
            const auto ready = consumer_->poll(poll_ms);
            if (!ready && interrupt_.raised()) break;
            kafka::value_or_throw(ready);
            bool any = false;
            while (const kafka::ConsumerRecord* record = consumer_->next()) {
                answer(*record);
                any = true;
                if (interrupt_.raised()) break;
            }
            if (!any) continue;
            producer_->flush();
            const auto done = consumer_->commit();
            (done ? read_.commits : read_.failed_commits).add();
            if (!done) {
                journal_.say(
                    "the answered requests could not be committed and may be answered "
                    "again: " +
                    done.error().text());
            }
        }
        consumer_->close();
        return 0;
    }

private:
    /// A group that is new has no share in what was asked before there was any responder;
    /// partitions that are added later are read from their beginning.
    void begin_with_what_comes(kafka::Admin& admin,
                               const std::vector<kafka::TopicPartition>& partitions) {
        const std::set<kafka::TopicPartition> all(partitions.begin(), partitions.end());
        auto known = kafka::value_or_throw(kafka::list_group_offsets(admin, options_.group, all));
        std::map<kafka::TopicPartition, kafka::CommittedOffset> ends;
        for (const auto& partition : partitions) {
            if (known.contains(partition)) continue;
            const auto deadline = admin.cluster().deadline(admin.settings().default_api_timeout_ms);
            const Offset end = kafka::value_or_throw(
                consumer_->offset_for(partition, kafka::latest_timestamp, deadline));
            ends[partition].offset = raw(end);
        }
        if (ends.empty()) return;
        // Members that are there already have seen to it.
        (void)kafka::alter_group_offsets(admin, options_.group, ends);
    }

    void answer(const kafka::ConsumerRecord& record) {
        read_.records_consumed.add();
        read_.bytes_consumed.add(record.view.value.value_or(ByteView{}).size());
        const std::string where =
            fmt::format("{}@{}", to_string(*record.where), raw(record.view.offset));
        const Incoming incoming = read_headers(record.view);
        if (!incoming.reply_topic) {
            journal_.say(
                fmt::format("the message at {} says no reply topic and is passed over (the "
                            "header {} is missing)",
                            where, reply_topic_header));
            return;
        }
        ShellCommand command{.text = options_.command,
                             .environment = environment(record, incoming),
                             .time_limit = std::chrono::milliseconds(options_.time_limit_ms)};
        const auto output = exchange::run(command, record.view.value.value_or(ByteView{}));
        std::optional<std::string> why;
        if (!output)
            why = output.error();
        else if (output->status != 0)
            why = fmt::format("the command ended with status {}", output->status);
        send(record, incoming, output ? ByteView(output->bytes) : ByteView{}, why);
        journal_.note(fmt::format("{}: {} bytes answered with {}{}", where,
                                  record.view.value.value_or(ByteView{}).size(),
                                  output ? output->bytes.size() : 0, why ? ", " + *why : ""));
        if (why) journal_.say(fmt::format("the request at {} failed: {}", where, *why));
    }

    std::vector<std::pair<std::string, std::string>> environment(
        const kafka::ConsumerRecord& record, const Incoming& incoming) const {
        const auto text = [](const std::optional<ByteView>& bytes) {
            std::string copy(text_of(bytes.value_or(ByteView{})));
            // A variable ends at its first NUL.
            copy.resize(std::min(copy.find('\0'), copy.size()));
            return copy;
        };
        return {{"KAFKA_TOPIC", record.where->topic},
                {"KAFKA_PARTITION", std::to_string(record.where->partition)},
                {"KAFKA_OFFSET", std::to_string(raw(record.view.offset))},
                {"KAFKA_KEY", text(record.view.key)},
                {"KAFKA_CORRELATION_ID", hex(incoming.correlation_id.value_or(ByteView{}))}};
    }

    void send(const kafka::ConsumerRecord& record, const Incoming& incoming, ByteView value,
              const std::optional<std::string>& why) {
        std::vector<record::Header> headers;
        if (incoming.correlation_id) {
            headers.push_back({correlation_id_header, incoming.correlation_id});
        }
        if (why) headers.push_back({failure_header, bytes_of(*why)});
        const auto sent = producer_->send({.topic = text_of(*incoming.reply_topic),
                                           .partition = incoming.reply_partition,
                                           .key = record.view.key,
                                           .value = value,
                                           .headers = headers});
        if (!sent) complain(sent.error());
    }

    void on_delivery(const kafka::Delivery& delivery) {
        if (delivery.failure != nullptr) return complain(*delivery.failure);
        sent_.records_sent.add();
    }
    void complain(const kafka::Failure& why) {
        sent_.records_failed.add();
        journal_.say("a reply could not be sent: " + why.text());
    }

    const Options& options_;
    Journal& journal_;
    cli::Interrupt interrupt_;
    program::ServiceMetrics metrics_;
    metrics::ReadingInstruments read_;
    metrics::SendingInstruments sent_;
    std::unique_ptr<kafka::Consumer> consumer_;
    std::unique_ptr<kafka::Producer> producer_;
};

}  // namespace

int respond_main(int argc, char** argv) {
    Options options;
    CLI::App app("Answers each request of a topic with what a command prints.", "stoker respond");
    app.add_option("--topic", options.topic, "The topic of the requests")->required();
    app.add_option("--exec", options.command,
                   "The shell command: it reads the request and prints the reply; KAFKA_TOPIC, "
                   "KAFKA_PARTITION, KAFKA_OFFSET, KAFKA_KEY and KAFKA_CORRELATION_ID are in its "
                   "environment")
        ->required();
    app.add_option("--group", options.group,
                   "Responders of one group share the requests; respond-TOPIC when not given");
    app.add_option("--time-limit-ms", options.time_limit_ms, "When a command is killed")
        ->check(CLI::Range(int64_t{1}, time_limit_max_ms))
        ->capture_default_str();
    program::add_client_options(app, options.client);
    program::add_metrics_option(app, options.metrics_port);
    if (const auto status = program::parse(app, argc, argv)) return *status;
    if (options.group.empty()) options.group = "respond-" + options.topic;
    return program::guarded("stoker respond", [&] {
        const SystemClock clock;
        Journal journal("stoker respond", clock, options.client.log_file);
        return Responder(options, journal, clock).run();
    });
}

}  // namespace stoker::exchange
