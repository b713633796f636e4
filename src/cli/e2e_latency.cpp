// kafka-e2e-latency: how long a record takes from a producer, through the broker, to a consumer,
// one at a time.
#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "base/random.hpp"
#include "cli/admin_tool.hpp"
#include "cli/client_tool.hpp"
#include "cli/failures.hpp"
#include "cli/tool_list.hpp"
#include "cli/usage.hpp"
#include "kafka/admin_topics.hpp"
#include "kafka/consumer.hpp"
#include "kafka/java_text.hpp"
#include "kafka/producer.hpp"

namespace stoker::cli {
namespace {

using jopt::Option;
using kafka::java_fixed;
using kafka::KafkaException;
using kafka::value_or_throw;

constexpr int64_t poll_timeout_ms = 60'000;
constexpr int progress_step = 1000;
constexpr size_t positional_min = 5;
constexpr size_t positional_max = 6;

struct Options {
    jopt::Parser parser;
    const Option& bootstrap_server =
        parser.accepts("bootstrap-server", "REQUIRED: the servers to connect to first.")
            .with_required_arg("bootstrap-server");
    const Option& topic = parser.accepts("topic", "REQUIRED: the topic, made if it is not there.")
                              .with_required_arg("topic-name");
    const Option& records = parser.accepts("num-records", "REQUIRED: how many records to send.")
                                .with_required_arg("count", jopt::Type::int32);
    const Option& acks = parser.accepts("producer-acks", "REQUIRED: '1' or 'all'.")
                             .with_required_arg("producer-acks");
    const Option& record_size = parser.accepts("record-size", "REQUIRED: bytes of a value.")
                                    .with_required_arg("bytes", jopt::Type::int32);
    const Option& key_size = parser.accepts("record-key-size", "Bytes of a key; 0 for none.")
                                 .with_optional_arg("bytes", jopt::Type::int32)
                                 .defaults_to("0");
    const Option& header_key_size =
        parser.accepts("record-header-key-size", "Bytes of a header's key.")
            .with_optional_arg("bytes", jopt::Type::int32)
            .defaults_to("0");
    const Option& header_size =
        parser.accepts("record-header-size", "Bytes of a header's value; -1 for null.")
            .with_optional_arg("bytes", jopt::Type::int32)
            .defaults_to("0");
    const Option& headers = parser.accepts("num-headers", "How many headers a record has.")
                                .with_optional_arg("count", jopt::Type::int32)
                                .defaults_to("0");
    const Option& command_config =
        parser.accepts("command-config", "A properties file of the clients.")
            .with_optional_arg("config-file");
};

/// The arguments of releases before 4.2 had no names.
Args with_names(const Args& args, Streams& io) {
    static const std::vector<std::string> names = {"--bootstrap-server", "--topic",
                                                   "--num-records",      "--producer-acks",
                                                   "--record-size",      "--command-config"};
    const bool named = std::ranges::any_of(args, [](const std::string& word) {
        return std::find(names.begin(), names.end() - 1, word) != names.end() - 1;
    });
    if (args.empty() || named) return args;
    if (args.size() != positional_min && args.size() != positional_max) {
        throw_terse("Invalid number of arguments. Expected 5 or 6 positional arguments, but got " +
                    std::to_string(args.size()) +
                    ". Usage: bootstrap-server topic num-records producer-acks record-size "
                    "[optional] command-config");
    }
    Args result;
    for (size_t i = 0; i < args.size(); ++i) {
        result.push_back(names[i]);
        result.push_back(args[i]);
    }
    io.out.line("WARNING: Positional argument usage is deprecated and will be removed in Apache "
                "Kafka 5.0. Please use named arguments instead: --bootstrap-server, --topic, "
                "--num-records, --producer-acks, --record-size, --command-config");
    return result;
}

void check(Streams& io, const Options& o, const jopt::OptionSet& options) {
    print_help_or_version(io, o.parser, options,
                          "This tool measures end-to-end latency in Kafka by sending messages and "
                          "timing their reception.");
    check_required_args(
        io, o.parser, options,
        {&o.bootstrap_server, &o.topic, &o.records, &o.acks, &o.record_size});
    const auto refuse_if = [&](bool wrong, std::string_view why) {
        if (wrong) print_usage_and_exit(io, o.parser, why);
    };
    const std::string acks = options.text_or_empty(o.acks);
    refuse_if(acks != "1" && acks != "all",
              "Invalid value for --producer-acks. Latency testing requires synchronous "
              "acknowledgement. Please use '1' or 'all'.");
    refuse_if(*options.number(o.records) <= 0,
              "Value for --num-records must be a positive integer.");
    refuse_if(*options.number(o.record_size) < 0,
              "Value for --record-size must be a non-negative integer.");
    refuse_if(*options.number(o.key_size) < 0,
              "Value for --record-key-size must be a non-negative integer.");
    refuse_if(*options.number(o.header_key_size) < 0,
              "Value for --record-header-key-size must be a non-negative integer.");
    refuse_if(*options.number(o.header_size) < -1,
              "Value for --record-header-size must be a non-negative integer or -1 for null header "
              "value.");
    refuse_if(*options.number(o.headers) < 0,
              "Value for --num-headers must be a non-negative integer.");
}

class LatencyTest {
public:
    LatencyTest(Streams& io, const Options& o, const jopt::OptionSet& options)
        : io_(io),
          topic_(options.text_or_empty(o.topic)),
          records_(int(*options.number(o.records))),
          value_size_(size_t(*options.number(o.record_size))),
          key_size_(size_t(*options.number(o.key_size))),
          headers_(size_t(*options.number(o.headers))),
          header_key_size_(size_t(*options.number(o.header_key_size))),
          header_value_size_(*options.number(o.header_size)),
          common_(load_properties_or_throw(options.text(o.command_config))) {
        common_.set("bootstrap.servers", options.text_or_empty(o.bootstrap_server));
        producer_properties_ = common_;
        producer_properties_.set("linger.ms", "0");
        producer_properties_.set("max.block.ms", std::to_string(INT64_MAX));
        producer_properties_.set("acks", options.text_or_empty(o.acks));
        consumer_properties_ = common_;
        consumer_properties_.set("group.id",
                                 "test-group-" + std::to_string(io.clock.wall_ms()));
        consumer_properties_.set("enable.auto.commit", "false");
        consumer_properties_.set("auto.offset.reset", "latest");
        consumer_properties_.set("fetch.max.wait.ms", "0");
    }

    void run() {
        const int32_t partitions = ensure_topic();
        consumer_ = value_or_throw(
            kafka::Consumer::create(consumer_properties_, io_.log, io_.clock));
        producer_ = value_or_throw(kafka::Producer::create(
            producer_properties_, io_.log, io_.clock, [this](const kafka::Delivery& delivery) {
                if (delivery.failure != nullptr) failure_ = *delivery.failure;
            }));
        std::vector<kafka::TopicPartition> all;
        for (int32_t i = 0; i < partitions; ++i) all.push_back({topic_, i});
        consumer_->assign(all);
        find_ends(all);
        measure();
    }

private:
    int32_t ensure_topic() {
        const auto admin = make_admin(io_, common_);
        auto topics = value_or_throw(kafka::list_topics(*admin, true));
        const bool exists = std::ranges::any_of(
            topics, [&](const auto& topic) { return topic.name == topic_; });
        if (!exists) {
            io_.out.line("Topic \"" + topic_ +
                         "\" does not exist. Will create topic with 1 partition(s) and "
                         "replication factor = 1");
            auto created = kafka::create_topic(
                *admin, {.name = topic_, .partitions = 1, .replication_factor = 1});
            if (!created) {
                io_.out.line("Creation of topic " + topic_ + " failed");
                throw KafkaException(runtime_failure(execution_failure(created.error())));
            }
            return 1;
        }
        auto described =
            value_or_throw(kafka::describe_topics(*admin, std::vector<std::string>{topic_}));
        return int32_t(value_or_throw(std::move(described.front())).partitions.size());
    }

    void find_ends(const std::vector<kafka::TopicPartition>& partitions) {
        for (const auto& where : partitions) {
            const auto deadline = kafka::Deadline(
                io_.clock, consumer_->settings().common.default_api_timeout_ms);
            consumer_->seek(where, value_or_throw(consumer_->offset_for(
                                       where, kafka::latest_timestamp, deadline)));
        }
    }

    std::string random_text(size_t size) {
        std::string text(size, 'A');
        for (char& c : text) c = char('A' + random_.below(26));
        return text;
    }

    void measure() {
        double total_ns = 0;
        std::vector<int64_t> latencies_ms;
        for (int i = 0; i < records_; ++i) {
            const int64_t elapsed_ns = once();
            if (i % progress_step == 0) {
                io_.out.line(std::to_string(i) + "\t" +
                             kafka::java_text(double(elapsed_ns) / 1000.0 / 1000.0));
                io_.out.flush();
            }
            total_ns += double(elapsed_ns);
            latencies_ms.push_back(elapsed_ns / 1000 / 1000);
        }
        io_.out.line("Avg latency: " +
                     java_fixed(total_ns / double(records_) / 1000.0 / 1000.0, 4) + " ms");
        std::ranges::sort(latencies_ms);
        const auto percentile = [&](double part) {
            return std::to_string(latencies_ms[size_t(double(latencies_ms.size()) * part)]);
        };
        io_.out.line("Percentiles: 50th = " + percentile(0.5) + ", 99th = " + percentile(0.99) +
                     ", 99.9th = " + percentile(0.999));
    }

    /// Sends a record, waits for its answer, then for the record itself.
    int64_t once() {
        const std::string key = random_text(key_size_);
        const std::string value = random_text(value_size_);
        std::vector<std::pair<std::string, std::string>> texts;
        for (size_t i = 0; i < headers_; ++i) {
            texts.emplace_back(random_text(header_key_size_),
                               random_text(size_t(std::max<int64_t>(header_value_size_, 0))));
        }
        std::vector<record::Header> headers;
        for (const auto& [name, text] : texts) {
            headers.push_back({.key = name, .value = std::nullopt});
            if (header_value_size_ >= 0) headers.back().value = bytes_of(text);
        }
        const int64_t begin_ns = io_.clock.monotonic_ns();
        kafka::ProducerRecord record{
            .topic = topic_, .value = bytes_of(value), .headers = headers};
        if (key_size_ > 0) record.key = bytes_of(key);
        value_or_throw(producer_->send(record));
        producer_->flush();
        if (failure_) throw KafkaException(execution_failure(*failure_));
        value_or_throw(consumer_->poll(poll_timeout_ms));
        const kafka::ConsumerRecord* read = consumer_->next();
        const int64_t elapsed_ns = io_.clock.monotonic_ns() - begin_ns;
        check(read, record);
        return elapsed_ns;
    }

    [[noreturn]] void refuse(std::string why) {
        throw KafkaException(
            {.exception = "java.lang.RuntimeException", .message = std::move(why)});
    }

    void check(const kafka::ConsumerRecord* read, const kafka::ProducerRecord& sent) {
        if (read == nullptr) {
            refuse("poll() timed out before finding a result (timeout:[" +
                   std::to_string(poll_timeout_ms) + "ms])");
        }
        const auto text = [](const std::optional<ByteView>& bytes) {
            return std::string(text_of(bytes.value_or(ByteView{})));
        };
        if (text(read->view.value) != text(sent.value)) {
            refuse("The message value read [" + text(read->view.value) +
                   "] did not match the message value sent [" + text(sent.value) + "]");
        }
        if (text(read->view.key) != text(sent.key)) {
            refuse("The message key read [" + text(read->view.key) +
                   "] did not match the message key sent [" + text(sent.key) + "]");
        }
        if (read->view.headers.size() != sent.headers.size()) {
            refuse("Header count mismatch between sent and received messages");
        }
        size_t i = 0;
        for (const record::HeaderView& header : read->view.headers) {
            if (header == sent.headers[i++]) continue;
            refuse("The message header read [" + std::string(header.key) +
                   "] did not match the message header sent [" +
                   std::string(sent.headers[i - 1].key) + "]");
        }
        if (consumer_->next() != nullptr) {
            refuse("Only one result was expected during this test. We found [2]");
        }
    }

    Streams& io_;
    std::string topic_;
    int records_;
    size_t value_size_;
    size_t key_size_;
    size_t headers_;
    size_t header_key_size_;
    int64_t header_value_size_;
    kafka::ClientProperties common_;
    kafka::ClientProperties producer_properties_;
    kafka::ClientProperties consumer_properties_;
    Random random_{0};
    std::unique_ptr<kafka::Consumer> consumer_;
    std::unique_ptr<kafka::Producer> producer_;
    std::optional<kafka::Failure> failure_;
};

}  // namespace

int run_e2e_latency(const Args& args, Streams& io) {
    return main_no_exit(io, [&] {
        const Args named = with_names(args, io);
        const Options o;
        const jopt::OptionSet options = parse_or_usage(io, o.parser, named);
        check(io, o, options);
        LatencyTest(io, o, options).run();
        return 0;
    });
}

}  // namespace stoker::cli
