#include "load/bomber_config.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "load/message_generator.hpp"

namespace stoker::load {
namespace {

using namespace std::chrono_literals;

BomberConfig config_of(const std::string& text) {
    auto config = parse_bomber_config(text, "load.yml");
    EXPECT_TRUE(config) << config.error();
    return config.value_or(specified_config());
}

/// What is wrong with the text, which must fit on one line.
std::string complaint(const std::string& text) {
    auto config = parse_bomber_config(text, "load.yml");
    if (config) return "(accepted)";
    EXPECT_EQ(std::ranges::count(config.error(), '\n'), 0) << config.error();
    return config.error();
}

const MessageTemplate& type(const BomberConfig& config, const std::string& name) {
    return *std::ranges::find(config.templates, name, &MessageTemplate::type);
}

const Field& field(const BomberConfig& config, const std::string& of, const std::string& name) {
    return *std::ranges::find(type(config, of).fields, name, &Field::name);
}

const TypeRule& rule(const BomberConfig& config, const std::string& name) {
    return *std::ranges::find(config.rules.types, name, &TypeRule::type);
}

TEST(BomberConfig, without_a_word_is_the_specification) {
    for (const char* text : {"", "# nothing\n", "{}", "producer:\n"}) {
        BomberConfig config = config_of(text);
        EXPECT_EQ(config.templates.size(), 5u);
        EXPECT_EQ(rule(config, "system_metrics").threshold, 80);
        EXPECT_EQ(rule(config, "transaction").threshold, 1000);
        EXPECT_EQ(rule(config, "log_event").words, (std::vector<std::string>{"ERROR", "FATAL"}));
        EXPECT_EQ(rule(config, "sensor_data").words, std::vector<std::string>{"poor"});
        EXPECT_EQ(config.rules.required_fields,
                  (std::vector<std::string>{"timestamp", "_metadata"}));
        EXPECT_EQ(config.rules.delay_min, 1ms);
        EXPECT_EQ(config.rules.delay_max, 50ms);
        EXPECT_EQ(config.retry.attempts_max, 5);
        EXPECT_EQ(config.retry.first_delay, 3s);
        EXPECT_EQ(config.consumer_startup_delay, 1s);
        EXPECT_EQ(config.poll_timeout, 1s);
        EXPECT_EQ(config.max_poll_records, 500);
        EXPECT_EQ(config.block_max, 10s);
        EXPECT_EQ(config.report_interval, 10s);
        EXPECT_TRUE(config.producer.empty() && config.consumer.empty());
    }
}

TEST(BomberConfig, templates_are_added_and_take_the_place_of_specified_ones) {
    BomberConfig config = config_of(R"(
templates:
  order:
    key: order_id
    weight: 3
    fields:
      order_id: {id: order_, from: 5, to: 9}
      items: {whole: [1, 20]}
      total: {decimal: [0, 99.5], digits: 2}
      state: {words: [new, paid]}
      origin: {address: [10, 20]}
      shop: {text: main}
  transaction:
    fields: {amount: {decimal: [5, 6]}}
)");
    EXPECT_EQ(config.templates.size(), 6u);
    EXPECT_EQ(type(config, "order").weight, 3);
    EXPECT_EQ(type(config, "order").key, "order_id");
    EXPECT_EQ(field(config, "order", "order_id").text, "order_");
    EXPECT_EQ(field(config, "order", "total").high, 9950);
    EXPECT_EQ(type(config, "transaction").fields.size(), 1u);
    EXPECT_EQ(rule(config, "order").alert, TypeRule::Alert::never) << "the consumer knows the type";
    MessageGenerator generator(1, 0, config.templates);
    bool is_made = false;
    for (int i = 0; i < 100; ++i) is_made |= generator.next(0).type == "order";
    EXPECT_TRUE(is_made);
}

TEST(BomberConfig, ranges_change_the_fields_of_their_name_in_every_type) {
    BomberConfig config = config_of(R"(
ranges: {user_id: [1, 500], amount: [2.5, 3], currency: [CHF], ip_address: [10, 11]}
weights: {sensor_data: 0}
)");
    EXPECT_EQ(field(config, "user_activity", "user_id").high, 500);
    EXPECT_EQ(field(config, "transaction", "user_id").high, 500);
    EXPECT_EQ(field(config, "transaction", "amount").low, 250);
    EXPECT_EQ(field(config, "transaction", "currency").words, std::vector<std::string>{"CHF"});
    EXPECT_EQ(field(config, "user_activity", "ip_address").low, 10);
    EXPECT_EQ(type(config, "sensor_data").weight, 0);
}

TEST(BomberConfig, client_settings_have_the_specification_s_names_with_underscores_or_points) {
    BomberConfig config = config_of(R"(
producer: {acks: 1, compression_type: lz4, buffer_memory: 1048576, max_block_ms: 5000,
           max_request_size: 2000000}
consumer: {fetch.max.wait.ms: 100, session_timeout_ms: 10000, max_poll_records: 7,
           poll_timeout: 0.5}
connection: {max_retries: 0, retry_delay: 0.5, consumer_startup_delay: 0}
stats_report_interval: 2
)");
    EXPECT_EQ(config.producer, (client::Config{{"acks", "1"},
                                               {"compression.type", "lz4"},
                                               {"queue.buffering.max.kbytes", "1024"},
                                               {"message.max.bytes", "2000000"}}));
    EXPECT_EQ(config.block_max, 5s);
    EXPECT_EQ(config.consumer, (client::Config{{"fetch.max.wait.ms", "100"},
                                               {"session.timeout.ms", "10000"}}));
    EXPECT_EQ(config.max_poll_records, 7);
    EXPECT_EQ(config.poll_timeout, 500ms);
    EXPECT_EQ(config.retry.attempts_max, 0);
    EXPECT_EQ(config.retry.first_delay, 500ms);
    EXPECT_EQ(config.consumer_startup_delay, 0s);
    EXPECT_EQ(config.report_interval, 2s);
}

TEST(BomberConfig, processing_has_delays_fields_and_thresholds) {
    BomberConfig config = config_of(R"(
processing:
  processing_delay_min: 0.0005
  processing_delay_max: 0.002
  required_fields: [timestamp]
  rules:
    system_metrics: {field: value, above: 90.5}
    log_event: {field: level, one_of: [FATAL]}
    greeting: {field: words}
)");
    EXPECT_EQ(config.rules.delay_min, 500us);
    EXPECT_EQ(config.rules.delay_max, 2ms);
    EXPECT_EQ(config.rules.required_fields, std::vector<std::string>{"timestamp"});
    EXPECT_EQ(rule(config, "system_metrics").threshold, 90.5);
    EXPECT_EQ(rule(config, "log_event").words, std::vector<std::string>{"FATAL"});
    EXPECT_EQ(rule(config, "greeting").field, "words");
    EXPECT_EQ(rule(config, "transaction").threshold, 1000);
}

TEST(BomberConfig, a_complaint_has_the_file_and_the_line_and_says_what_to_do) {
    EXPECT_EQ(complaint("producers: {}"),
              "load.yml:1: the file has no producers: give templates, weights, ranges, producer, "
              "consumer, connection, processing or stats_report_interval");
    EXPECT_EQ(complaint("producer:\n  acks: 1\n  batch_sise: 1\n"),
              "load.yml:3: batch_sise: No such configuration property: \"batch.sise\"");
    EXPECT_EQ(complaint("weights: {greeting: 1}"),
              "load.yml:1: weights: there is no type greeting");
    EXPECT_EQ(complaint("ranges: {user: [1, 2]}"), "load.yml:1: ranges: no type has a field user");
    EXPECT_EQ(complaint("ranges:\n  user_id: [2, 1]"),
              "load.yml:2: user_id: the first number is the smaller one");
    EXPECT_EQ(complaint("connection: {max_retries: -1}"),
              "load.yml:1: max_retries is \"-1\": give a whole number from 0 to 1000000");
    EXPECT_EQ(complaint("templates: {a: {key: b, fields: {b: {whole: [1, 2]}}}}"),
              "load.yml:1: type a: its key b is no field of text, id, words or address");
    EXPECT_EQ(complaint("templates: {a: {fields: {b: {}}}}"),
              "load.yml:1: field b: give one of text, id, whole, decimal, words, address");
}

TEST(BomberConfig, what_is_no_yaml_or_no_configuration_is_refused) {
    for (const char* text :
         {"a: [", "- 1", "word", "producer: 1", "producer: {acks: [1]}", "a: 1\na: 2",
          "stats_report_interval: 0", "stats_report_interval: nan", "templates: {a: {fields: 1}}",
          "templates: {a: {fields: {type: {text: x}}}}", "ranges: {user_id: [1]}",
          "ranges: {user_id: [1, 99999999999999999999]}", "ranges: {latitude: [-1e300, 1]}",
          "processing: {processing_delay_min: 1}", "processing: {rules: {a: {above: 1}}}",
          "processing: {required_fields: []}", "\xff" "a", "? [a]\n: b",
          "weights: {user_activity: 0, system_metrics: 0, transaction: 0, log_event: 0, "
          "sensor_data: 0}"}) {
        const std::string why = complaint(text);
        EXPECT_TRUE(why.starts_with("load.yml:")) << text << " -> " << why;
    }
    EXPECT_NE(complaint(std::string(100'000, '[')), "(accepted)");
}

}  // namespace
}  // namespace stoker::load
