// stoker request.
//
// Replies are read from the end of the reply topic's partitions as it was before the first request
// was sent, without a group: every requester sees all replies and takes its own.
#include <poll.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "cli/interrupt.hpp"
#include "cli/line_reader.hpp"
#include "exchange/headers.hpp"
#include "exchange/pending_requests.hpp"
#include "exchange/programs.hpp"
#include "kafka/consumer.hpp"
#include "kafka/producer.hpp"
#include "program/program.hpp"

namespace stoker::exchange {
namespace {

using program::Journal;

constexpr size_t under_way_max = 1000;
constexpr int64_t input_wait_ms = 10;
constexpr int64_t idle_wait_ms = 200;

struct Options {
    program::ClientOptions client;
    std::string topic;
    std::string reply_topic;
    std::optional<std::string> key;
    int64_t timeout_ms = 5000;
    size_t replies = 1;
};

/// A random UUID (version 4): unguessable enough for strangers not to collide, no secret.
std::string new_correlation_id() {
    static std::random_device source;
    std::array<uint32_t, 4> words;
    for (uint32_t& word : words) word = source();
    std::string id(reinterpret_cast<const char*>(words.data()), sizeof words);
    id[6] = char((id[6] & 0x0f) | 0x40);
    id[8] = char((id[8] & 0x3f) | 0x80);
    return id;
}

std::optional<ByteView> header(const record::RecordView& record, std::string_view key) {
    std::optional<ByteView> found;
    for (const auto& header : record.headers) {
        if (header.key == key) found = header.value;
    }
    return found;
}

class Requester {
public:
    Requester(const Options& options, Journal& journal, const Clock& clock)
        : options_(options), journal_(journal), clock_(clock), pending_(options.replies) {
        auto properties = program::client_properties(options.client);
        properties.set_default("client.id", "stoker-request");
        const auto admin = program::make_admin(properties, journal, clock);
        const auto partitions = program::ensure_topic(*admin, {.name = options.reply_topic});
        properties.set("enable.auto.commit", "false");
        consumer_ = kafka::value_or_throw(
            kafka::Consumer::create(properties, journal.client_log(), clock, &interrupt_.wakeup()));
        consumer_->assign(partitions);
        const kafka::Cluster& cluster = admin->cluster();
        for (const auto& partition : partitions) {
            const auto deadline = cluster.deadline(cluster.settings().default_api_timeout_ms);
            consumer_->seek(partition, kafka::value_or_throw(consumer_->offset_for(
                                           partition, kafka::latest_timestamp, deadline)));
        }
        producer_ = kafka::value_or_throw(kafka::Producer::create(
            properties, journal.client_log(), clock,
            [this](const kafka::Delivery& delivery) { on_delivery(delivery); },
            &interrupt_.wakeup()));
    }

    int run() {
        while (!interrupt_.raised() && (reads_input_ || !pending_.empty())) {
            if (reads_input_ && pending_.size() < under_way_max) send_lines();
            producer_->poll(0);
            take_replies();
            print_results();
        }
        std::fflush(stdout);
        return interrupt_.status_or(failed_ ? program::failure : 0);
    }

private:
    void send_lines() {
        // With replies to come the input is only looked at; else it is what is waited for.
        pollfd input{STDIN_FILENO, POLLIN, 0};
        const int n = ::poll(&input, 1, pending_.empty() ? int(idle_wait_ms) : 0);
        if (n <= 0) return;
        const bool more = lines_.fill();
        while (const auto line = lines_.next()) send(*line);
        if (!more) {
            if (const auto line = lines_.last()) send(*line);
            reads_input_ = false;
        }
        producer_->flush();
    }

    void send(std::string_view line) {
        const std::string id = new_correlation_id();
        const std::array<record::Header, 2> headers = {
            record::Header{correlation_id_header, bytes_of(id)},
            record::Header{reply_topic_header, bytes_of(options_.reply_topic)}};
        kafka::ProducerRecord record{
            .topic = options_.topic, .value = bytes_of(line), .headers = headers};
        if (options_.key) record.key = bytes_of(*options_.key);
        const int64_t now = clock_.monotonic_ms();
        const size_t number = pending_.add(id, now, now + options_.timeout_ms);
        journal_.note(
            fmt::format("request {}: {} bytes to {}", number, line.size(), options_.topic));
        if (const auto sent = producer_->send(record, int64_t(number)); !sent) {
            not_sent(number, sent.error());
        }
    }

    void on_delivery(const kafka::Delivery& delivery) {
        if (delivery.failure == nullptr) return;
        for (const int64_t tag : delivery.tags) not_sent(size_t(tag), *delivery.failure);
    }

    void not_sent(size_t number, const kafka::Failure& why) {
        journal_.say(fmt::format("request {} could not be sent: {}", number, why.text()));
        pending_.give_up(number);
        failed_ = true;
    }

    void take_replies() {
        int64_t wait = reads_input_ ? input_wait_ms : idle_wait_ms;
        if (const auto deadline = pending_.next_deadline_ms()) {
            wait = std::clamp<int64_t>(*deadline - clock_.monotonic_ms() + 1, 0, wait);
        }
        if (pending_.empty()) wait = 0;
        const auto ready = consumer_->poll(wait);
        if (!ready && !interrupt_.raised()) throw kafka::KafkaException(ready.error());
        if (!ready || !*ready) return;
        while (const kafka::ConsumerRecord* record = consumer_->next()) take(record->view);
    }

    void take(const record::RecordView& record) {
        using Kind = PendingRequests::Arrival::Kind;
        const auto id = header(record, correlation_id_header);
        if (!id) return;
        const auto value = record.value.value_or(ByteView{});
        const auto arrival =
            pending_.arrive(std::string(text_of(*id)), to_bytes(value), clock_.monotonic_ms());
        if (arrival.kind == Kind::foreign) return;
        if (const auto why = header(record, failure_header)) {
            journal_.say(fmt::format("request {} failed at the responder: {}", arrival.number,
                                     text_of(*why)));
            failed_ = true;
        }
        if (arrival.kind == Kind::late) {
            journal_.say(fmt::format("a late reply to request {} came after {} ms: {} bytes",
                                     arrival.number, arrival.waited_ms, value.size()));
        } else if (arrival.kind == Kind::extra) {
            journal_.say(fmt::format("one more reply to request {} came after {} ms: {} bytes",
                                     arrival.number, arrival.waited_ms, value.size()));
        }
    }

    void print_results() {
        for (const auto& result : pending_.take_results(clock_.monotonic_ms())) {
            for (const Bytes& reply : result.replies) {
                std::fwrite(reply.data(), 1, reply.size(), stdout);
                if (reply.empty() || reply.back() != std::byte{'\n'}) std::fputc('\n', stdout);
            }
            journal_.note(fmt::format("request {}: {} replies within {} ms", result.number,
                                      result.replies.size(), result.waited_ms));
            if (!result.timed_out || result.given_up) continue;
            journal_.say(fmt::format("request {} got {} of {} replies within {} ms", result.number,
                                     result.replies.size(), options_.replies, options_.timeout_ms));
            failed_ = true;
        }
        std::fflush(stdout);
    }

    const Options& options_;
    Journal& journal_;
    const Clock& clock_;
    cli::Interrupt interrupt_;
    std::unique_ptr<kafka::Consumer> consumer_;
    std::unique_ptr<kafka::Producer> producer_;
    cli::LineReader lines_{STDIN_FILENO};
    PendingRequests pending_;
    bool reads_input_ = true;
    bool failed_ = false;
};

}  // namespace

int request_main(int argc, char** argv) {
    Options options;
    CLI::App app("Sends each line of standard input as a request and prints the replies.",
                 "stoker request");
    app.add_option("--topic", options.topic, "The topic of the requests")->required();
    app.add_option("--reply-topic", options.reply_topic, "The topic of the replies")->required();
    app.add_option("--key", options.key, "The key of every request");
    app.add_option("--timeout-ms", options.timeout_ms, "How long a request waits for its replies")
        ->check(CLI::Range(int64_t{1}, int64_t{86'400'000}))
        ->capture_default_str();
    app.add_option("--replies", options.replies,
                   "So many replies are wanted: one a responder group")
        ->check(CLI::Range(size_t{1}, size_t{10'000}))
        ->capture_default_str();
    program::add_client_options(app, options.client);
    if (const auto status = program::parse(app, argc, argv)) return *status;
    return program::guarded("stoker request", [&] {
        const SystemClock clock;
        Journal journal("stoker request", clock, options.client.log_file);
        return Requester(options, journal, clock).run();
    });
}

}  // namespace stoker::exchange
