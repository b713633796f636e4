// kafka-verifiable-producer: sends the numbers from 0 and prints a JSON object for each answer, for
// upstream's system tests.
#include <algorithm>
#include <memory>
#include <optional>
#include <string>

#include "cli/argparse.hpp"
#include "cli/client_tool.hpp"
#include "cli/interrupt.hpp"
#include "cli/jackson_text.hpp"
#include "cli/throttle.hpp"
#include "cli/tool_list.hpp"
#include "cli/usage.hpp"
#include "kafka/java_text.hpp"
#include "kafka/producer.hpp"

namespace stoker::cli {
namespace {

using argparse::Argument;
using argparse::Type;

constexpr int64_t ns_per_ms = 1'000'000;
constexpr int64_t poll_max_ms = 100;

struct Arguments {
    argparse::Parser parser{"verifiable-producer"};
    const Argument& topic =
        parser.add({"--topic"}, "The topic to send to.").required().metavar("TOPIC");
    argparse::Group& connection = parser.add_group(true, "Connection Group");
    const Argument& bootstrap_server =
        connection.add({"--bootstrap-server"}, "REQUIRED: the servers to connect to first.")
            .metavar("HOST1:PORT1[,HOST2:PORT2[...]]");
    const Argument& max_messages =
        parser.add({"--max-messages"}, "How many to send; -1 until a signal comes.")
            .type(Type::int32)
            .defaults_to("-1")
            .metavar("MAX-MESSAGES");
    const Argument& throughput =
        parser.add({"--throughput"}, "Messages a second at most, on average; -1 for no limit.")
            .type(Type::int32)
            .defaults_to("-1")
            .metavar("THROUGHPUT");
    const Argument& acks = parser.add({"--acks"}, "Who has to have the records: 0, 1 or -1.")
                               .type(Type::int32)
                               .choices({"0", "1", "-1"})
                               .defaults_to("-1")
                               .metavar("ACKS");
    const Argument& producer_config =
        parser.add({"--producer.config"}, "(DEPRECATED) As --command-config.")
            .metavar("CONFIG-FILE");
    const Argument& create_time =
        parser.add({"--message-create-time"}, "The first message's time, in ms since 1970.")
            .type(Type::int64)
            .defaults_to("-1")
            .metavar("CREATE-TIME");
    const Argument& value_prefix =
        parser.add({"--value-prefix"}, "Stands before each value, with a dot.")
            .type(Type::int32)
            .metavar("VALUE-PREFIX");
    const Argument& repeating_keys =
        parser.add({"--repeating-keys"}, "Keys count from 0 up to this, and from 0 again.")
            .type(Type::int32)
            .metavar("REPEATING-KEYS");
    const Argument& command_config =
        parser.add({"--command-config"}, "A properties file of the producer.")
            .metavar("CONFIG-FILE");

    Arguments() {
        parser.description(
            "Sends growing numbers and prints a JSON object for each one that was answered.");
    }
};

kafka::ClientProperties producer_properties(Streams& io, const Arguments& a,
                                            const argparse::Namespace& given) {
    const auto file = read_config_file(io, a.parser, given, a.producer_config, a.command_config);
    kafka::ClientProperties properties;
    properties.set("bootstrap.servers", *given.text(a.bootstrap_server));
    properties.set("acks", *given.text(a.acks));
    properties.set("retries", "0");
    for (const auto& [name, value] : file.values()) properties.set(name, value);
    return properties;
}

class Sender {
public:
    Sender(Streams& io, const Arguments& a, const argparse::Namespace& given)
        : io_(io),
          topic_(*given.text(a.topic)),
          throughput_(*given.number(a.throughput)),
          max_messages_(*given.number(a.max_messages)),
          create_time_(*given.number(a.create_time)),
          value_prefix_(given.number(a.value_prefix)),
          repeating_keys_(given.number(a.repeating_keys)) {
        if (max_messages_ < 0) max_messages_ = INT64_MAX;
    }

    int run(const kafka::ClientProperties& properties) {
        producer_ = kafka::value_or_throw(kafka::Producer::create(
            properties, io_.log, io_.clock, [this](const auto& d) { delivered(d); },
            &interrupt_.wakeup()));
        started_ms_ = io_.clock.wall_ms();
        const Throttle throttle(double(throughput_), io_.clock.monotonic_ns());
        print(event("startup_complete"));
        for (int64_t i = 0; i < max_messages_ && !interrupt_.raised(); ++i) {
            const int64_t now_ms = io_.clock.wall_ms();
            send(i, now_ms);
            if (throttle.limits()) pause(throttle.pause_ns(i, io_.clock.monotonic_ns()));
        }
        producer_->flush();
        print(event("shutdown_complete"));
        print_summary();
        return interrupt_.status_or(0);
    }

private:
    JsonObject event(std::string_view name) const {
        JsonObject json;
        json.number("timestamp", io_.clock.wall_ms()).text("name", name);
        return json;
    }
    void print(const JsonObject& json) {
        io_.out.line(json.str());
        io_.out.flush();
    }

    std::optional<std::string> key_of(int64_t index) const {
        if (!repeating_keys_) return std::nullopt;
        // Upstream counts on for ever when the number is none that the counter meets.
        return std::to_string(*repeating_keys_ > 0 ? index % *repeating_keys_ : index);
    }
    std::string value_of(int64_t index) const {
        const std::string number = std::to_string(index);
        return value_prefix_ ? std::to_string(*value_prefix_) + "." + number : number;
    }

    void send(int64_t index, int64_t now_ms) {
        const std::optional<std::string> key = key_of(index);
        const std::string value = value_of(index);
        kafka::ProducerRecord record{.topic = topic_, .value = bytes_of(value)};
        if (key) record.key = bytes_of(*key);
        if (create_time_ >= 0) {
            record.timestamp_ms = create_time_;
            create_time_ += now_ms - started_ms_;
        }
        ++sent_;
        auto sent = producer_->send(record, index);
        if (!sent && !interrupt_.raised()) print_failure(index, sent.error());
    }

    void delivered(const kafka::Delivery& delivery) {
        int64_t offset = raw(delivery.base_offset);
        for (const int64_t index : delivery.tags) {
            if (delivery.failure != nullptr) {
                print_failure(index, *delivery.failure);
                continue;
            }
            ++acked_;
            JsonObject json = event("producer_send_success");
            json.text_or_null("key", key_of(index))
                .text("value", value_of(index))
                .number("offset", offset)
                .text("topic", delivery.topic)
                .number("partition", delivery.partition);
            print(json);
            if (offset >= 0) ++offset;
        }
    }

    void print_failure(int64_t index, const kafka::Failure& why) {
        JsonObject json = event("producer_send_error");
        json.text("topic", topic_)
            .text_or_null("key", key_of(index))
            .text("value", value_of(index))
            .text("exception", "class " + why.exception)
            .text_or_null("message", why.message);
        print(json);
    }

    void pause(int64_t ns) {
        const int64_t begin_ns = io_.clock.monotonic_ns();
        for (;;) {
            const int64_t waited_ns = io_.clock.monotonic_ns() - begin_ns;
            if (waited_ns >= ns || interrupt_.raised()) return;
            producer_->poll(std::min((ns - waited_ns) / ns_per_ms + 1, poll_max_ms));
        }
    }

    void print_summary() {
        const int64_t elapsed_ms = io_.clock.wall_ms() - started_ms_;
        const double average = 1000 * (double(acked_) / double(elapsed_ms));
        JsonObject json = event("tool_data");
        json.number("sent", sent_)
            .number("acked", acked_)
            .number("target_throughput", throughput_)
            .raw("avg_throughput", kafka::java_text(average));
        print(json);
    }

    Streams& io_;
    std::string topic_;
    int64_t throughput_;
    int64_t max_messages_;
    int64_t create_time_;
    std::optional<int64_t> value_prefix_;
    std::optional<int64_t> repeating_keys_;
    Interrupt interrupt_;
    std::unique_ptr<kafka::Producer> producer_;
    int64_t started_ms_ = 0;
    int64_t sent_ = 0;
    int64_t acked_ = 0;
};

}  // namespace

int run_verifiable_producer(const Args& args, Streams& io) {
    const Arguments a;
    return run_or_usage(a.parser, args, io, [&](const argparse::Namespace& given) {
        return Sender(io, a, given).run(producer_properties(io, a, given));
    });
}

}  // namespace stoker::cli
