#include "load/bomber_options.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace stoker::load {
namespace {

using namespace std::chrono_literals;

/// A command line, an environment and a .env file of one's own.
class BomberOptionsTest : public testing::Test {
protected:
    BomberOptionsTest() {
        std::string name = testing::UnitTest::GetInstance()->current_test_info()->name();
        file_ = std::filesystem::temp_directory_path() /
                (std::to_string(getpid()) + "-" + name + ".env");
        std::ofstream(file_) << "";
    }
    ~BomberOptionsTest() override { std::filesystem::remove(file_); }

    void env_file(const std::string& text) { std::ofstream(file_) << text; }

    template <class Parse>
    auto parse(Parse parse, std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), {"program", "--env-file", file_.string()});
        std::vector<const char*> argv;
        for (auto& argument : arguments) argv.push_back(argument.c_str());
        return parse(int(argv.size()), argv.data(), [this](const char* name) -> const char* {
            auto found = environment_.find(name);
            return found == environment_.end() ? nullptr : found->second.c_str();
        });
    }
    auto producer(std::vector<std::string> arguments) {
        return parse(parse_producer_options, std::move(arguments));
    }
    auto consumer(std::vector<std::string> arguments) {
        return parse(parse_consumer_options, std::move(arguments));
    }
    /// The message of a wrong usage, which must be one line and exit with 2.
    template <class Parsed>
    std::string complaint(const Parsed& parsed) {
        if (parsed) return "(accepted)";
        EXPECT_EQ(parsed.error().code, 2);
        EXPECT_EQ(std::ranges::count(parsed.error().error, '\n'), 1);
        return parsed.error().error;
    }

    std::filesystem::path file_;
    std::map<std::string, std::string> environment_;
};

const std::vector<std::string> plain{"--bootstrap-servers", "k:9092", "--security-protocol",
                                     "PLAINTEXT"};

std::vector<std::string> plain_and(std::vector<std::string> more) {
    more.insert(more.begin(), plain.begin(), plain.end());
    return more;
}

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

TEST_F(BomberOptionsTest, the_producer_s_defaults_are_the_specification_s) {
    auto options =
        producer({"--bootstrap-servers", "a:1,b:2", "--username", "u", "--password", "p"});
    ASSERT_TRUE(options);
    EXPECT_EQ(options->bootstrap_servers, "a:1,b:2");
    EXPECT_EQ(options->security.protocol, "SASL_SSL");
    EXPECT_EQ(options->security.mechanism, "PLAIN");
    EXPECT_EQ(options->topic_prefix, "test-prometheus");
    EXPECT_EQ(options->num_topics, 10);
    EXPECT_EQ(options->messages_per_second, 1000);
    EXPECT_EQ(options->num_threads, 5);
    EXPECT_EQ(options->duration, 60min);
    EXPECT_FALSE(options->verbose);
}

TEST_F(BomberOptionsTest, the_consumer_s_defaults_are_the_specification_s) {
    auto options = consumer(plain);
    ASSERT_TRUE(options);
    EXPECT_EQ(options->consumer_group, "prometheus-test-group");
    EXPECT_EQ(options->num_consumers, 1);
    EXPECT_EQ(options->auto_offset_reset, "earliest");
    EXPECT_EQ(options->duration, 60min);
    EXPECT_FALSE(options->processing_delay);
}

TEST_F(BomberOptionsTest, the_command_line_wins_over_the_environment_and_that_over_the_file) {
    env_file("KAFKA_NUM_TOPICS=1\nKAFKA_NUM_THREADS=1\nKAFKA_MESSAGES_PER_SECOND=1\n");
    environment_ = {{"KAFKA_NUM_TOPICS", "2"}, {"KAFKA_NUM_THREADS", "2"}};
    auto options = producer(plain_and({"--num-topics", "3"}));
    ASSERT_TRUE(options);
    EXPECT_EQ(options->num_topics, 3);
    EXPECT_EQ(options->num_threads, 2);
    EXPECT_EQ(options->messages_per_second, 1);
}

TEST_F(BomberOptionsTest, every_variable_of_the_specification_is_read) {
    env_file(
        "KAFKA_BOOTSTRAP_SERVERS=h:1\nKAFKA_USERNAME=u\nKAFKA_PASSWORD='p#1'\n"
        "KAFKA_SECURITY_PROTOCOL=sasl_ssl\nKAFKA_SASL_MECHANISM=SCRAM-SHA-512\n"
        "KAFKA_TOPIC_PREFIX=pre\nKAFKA_NUM_TOPICS=2\nKAFKA_CONSUMER_GROUP=g\n"
        "KAFKA_NUM_CONSUMERS=3\nKAFKA_AUTO_OFFSET_RESET=latest\nKAFKA_DURATION_MINUTES=0.5\n"
        "KAFKA_SSL_CAFILE=/dev/null\nKAFKA_SSL_CERTFILE=/dev/zero\nKAFKA_SSL_KEYFILE=/dev/full\n"
        "KAFKA_SSL_PASSWORD=kp\nKAFKA_VERBOSE=true\n");
    auto options = consumer({});
    ASSERT_TRUE(options) << options.error().error;
    EXPECT_EQ(options->bootstrap_servers, "h:1");
    EXPECT_EQ(options->security.username, "u");
    EXPECT_EQ(options->security.password, "p#1");
    EXPECT_EQ(options->security.protocol, "SASL_SSL");
    EXPECT_EQ(options->security.mechanism, "SCRAM-SHA-512");
    EXPECT_EQ(options->topics(), (std::vector<std::string>{"pre.generated-data-01.json",
                                                           "pre.generated-data-02.json"}));
    EXPECT_EQ(options->consumer_group, "g");
    EXPECT_EQ(options->num_consumers, 3);
    EXPECT_EQ(options->auto_offset_reset, "latest");
    EXPECT_EQ(options->duration, 30s);
    EXPECT_EQ(options->security.ssl_ca_file, "/dev/null");
    EXPECT_EQ(options->security.ssl_certificate_file, "/dev/zero");
    EXPECT_EQ(options->security.ssl_key_file, "/dev/full");
    EXPECT_EQ(options->security.ssl_key_password, "kp");
    EXPECT_TRUE(options->verbose);
}

TEST_F(BomberOptionsTest, both_spellings_of_bootstrap_servers_are_taken) {
    auto options = producer({"--bootstrap-server", "k:1", "--security-protocol", "PLAINTEXT"});
    ASSERT_TRUE(options);
    EXPECT_EQ(options->bootstrap_servers, "k:1");
}

TEST_F(BomberOptionsTest, an_empty_variable_counts_as_not_set) {
    environment_ = {{"KAFKA_NUM_TOPICS", ""}, {"KAFKA_USERNAME", ""}};
    auto options = producer(plain);
    ASSERT_TRUE(options);
    EXPECT_EQ(options->num_topics, 10);
}

TEST_F(BomberOptionsTest, the_hundredth_topic_has_three_digits) {
    auto options = producer(plain_and({"--num-topics", "100"}));
    ASSERT_TRUE(options);
    EXPECT_EQ(options->topics()[8], "test-prometheus.generated-data-09.json");
    EXPECT_EQ(options->topics()[99], "test-prometheus.generated-data-100.json");
}

TEST_F(BomberOptionsTest, durations_are_minutes_with_fractions_or_seconds) {
    EXPECT_EQ(producer(plain_and({"--duration-minutes", "1.5"}))->duration, 90s);
    EXPECT_EQ(producer(plain_and({"--duration-seconds", "2.5"}))->duration, 2500ms);
    environment_ = {{"KAFKA_DURATION_MINUTES", "7"}};
    EXPECT_EQ(producer(plain_and({"--duration-seconds", "2"}))->duration, 2s);
    EXPECT_TRUE(contains(
        complaint(producer(plain_and({"--duration-seconds", "2", "--duration-minutes", "2"}))),
        "not both"));
}

TEST_F(BomberOptionsTest, sizes_that_a_message_cannot_have_are_refused) {
    EXPECT_EQ(producer(plain_and({"--message-size-kb", "0.75"}))->message_size, 768u);
    EXPECT_TRUE(contains(complaint(producer(plain_and({"--message-size-kb", "0.1"}))),
                         "the longest of these messages needs 0."));
    EXPECT_TRUE(producer(plain_and({"--message-size-kb", "1000"})));
    EXPECT_TRUE(contains(complaint(producer(plain_and({"--message-size-kb", "1001"}))),
                         "give at most 1000"));
}

TEST_F(BomberOptionsTest, partitions_are_numbers_and_ranges) {
    EXPECT_EQ(producer(plain_and({"--partitions", "5-7,0,2,6"}))->partitions,
              (std::vector<int32_t>{0, 2, 5, 6, 7}));
    EXPECT_TRUE(producer(plain)->partitions.empty());
    for (const char* wrong : {"x", "", "1,", "3-1", "-1", "10000", "1-2-3"})
        EXPECT_TRUE(contains(complaint(consumer(plain_and({"--partitions", wrong}))),
                             "--partitions is"))
            << wrong;
}

TEST_F(BomberOptionsTest, max_retries_are_five_unless_given) {
    EXPECT_EQ(producer(plain)->config.retry.attempts_max, 5);
    EXPECT_EQ(consumer(plain_and({"--max-retries", "0"}))->config.retry.attempts_max, 0);
}

TEST_F(BomberOptionsTest, a_properties_file_of_the_client_is_under_the_command_line) {
    env_file("KAFKA_BOOTSTRAP_SERVERS=env:1\nKAFKA_USERNAME=env\n");
    auto properties = file_;
    properties += ".properties";
    std::ofstream(properties)
        << "bootstrap.servers=file:1\nsecurity.protocol=SASL_SSL\nsasl.mechanism=SCRAM-SHA-256\n"
           "sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required "
           "username=\"file\" password=\"secret\";\n"
           "ssl.truststore.type=PEM\nssl.truststore.location=/ca.pem\nlinger.ms=7\n";
    auto options = producer({"--command-config", properties.string()});
    ASSERT_TRUE(options) << options.error().error;
    EXPECT_EQ(options->bootstrap_servers, "file:1");
    EXPECT_EQ(options->security.protocol, "SASL_SSL");
    EXPECT_EQ(options->security.mechanism, "SCRAM-SHA-256");
    EXPECT_EQ(options->security.username, "file");
    EXPECT_EQ(options->security.password, "secret");
    EXPECT_EQ(options->security.ssl_ca_file, "/ca.pem");
    EXPECT_TRUE(std::ranges::find(options->command_config,
                                  client::Config::value_type{"linger.ms", "7"}) !=
                options->command_config.end());
    options = producer({"--command-config", properties.string(), "--bootstrap-servers", "line:1",
                        "--username", "line"});
    EXPECT_EQ(options->bootstrap_servers, "line:1");
    EXPECT_EQ(options->security.username, "line");
    std::ofstream(properties) << "security.protocol=SASL_SSL\nsasl.jaas.config=canary\n";
    std::string why = complaint(producer({"--command-config", properties.string()}));
    EXPECT_TRUE(contains(why, "sasl.jaas.config"));
    EXPECT_FALSE(contains(why, "canary"));
    std::filesystem::remove(properties);
    EXPECT_TRUE(contains(complaint(producer({"--command-config", properties.string()})),
                         "--command-config is"));
}

TEST_F(BomberOptionsTest, a_configuration_changes_what_was_specified) {
    auto yaml = file_;
    yaml += ".yml";
    std::ofstream(yaml) << "producer: {acks: 1}\nconnection: {max_retries: 9}\n";
    auto options = producer(plain_and({"--config", yaml.string()}));
    ASSERT_TRUE(options) << options.error().error;
    EXPECT_EQ(options->config.retry.attempts_max, 9);
    EXPECT_EQ(options->config.producer, (client::Config{{"acks", "1"}}));
    std::ofstream(yaml) << "producer: {acks: 1}\nproducers: {}\n";
    EXPECT_TRUE(contains(complaint(producer(plain_and({"--config", yaml.string()}))),
                         yaml.string() + ":2: "));
    std::filesystem::remove(yaml);
}

TEST_F(BomberOptionsTest, what_is_not_understood_is_named_without_its_value) {
    std::string why = complaint(producer(plain_and({"--pasword=canary", "canary"})));
    EXPECT_TRUE(contains(why, "--pasword"));
    EXPECT_FALSE(contains(why, "canary"));
    EXPECT_FALSE(contains(complaint(producer(plain_and({"canary"}))), "canary"));
}

TEST_F(BomberOptionsTest, a_certificate_that_cannot_be_read_is_wrong_usage) {
    EXPECT_TRUE(contains(complaint(producer(plain_and({"--ssl-cafile", "/nonexistent/ca.pem"}))),
                         "--ssl-cafile is \"/nonexistent/ca.pem\""));
}

TEST_F(BomberOptionsTest, no_servers_is_wrong_usage_that_names_the_variable) {
    for (const char* words : {"--bootstrap-servers", "set KAFKA_BOOTSTRAP_SERVERS",
                              "KAFKA_BOOTSTRAP_SERVERS=HOST:PORT into .env"}) {
        EXPECT_TRUE(contains(complaint(producer({})), words));
        EXPECT_TRUE(contains(complaint(consumer({})), words));
    }
}

TEST_F(BomberOptionsTest, sasl_needs_a_user_and_a_password_and_nothing_else_does) {
    std::string why = complaint(producer({"--bootstrap-servers", "k:1"}));
    EXPECT_TRUE(contains(why, "give --username and --password, set KAFKA_USERNAME and "
                              "KAFKA_PASSWORD, or write KAFKA_USERNAME= and KAFKA_PASSWORD= into"))
        << why;
    why = complaint(producer({"--bootstrap-servers", "k:1", "--username", "u"}));
    EXPECT_TRUE(contains(why, "give --password, set KAFKA_PASSWORD, or")) << why;
    EXPECT_TRUE(producer({"--bootstrap-servers", "k:1", "--security-protocol", "SSL"}));
}

TEST_F(BomberOptionsTest, a_bad_value_is_named_with_the_place_it_came_from) {
    EXPECT_TRUE(contains(complaint(producer(plain_and({"--num-topics", "ten"}))),
                         "--num-topics is \"ten\": give a whole number from 1 to 1000"));
    environment_ = {{"KAFKA_NUM_THREADS", "0"}};
    EXPECT_TRUE(contains(complaint(producer(plain)), "KAFKA_NUM_THREADS is \"0\""));
    environment_.clear();
    env_file("\nKAFKA_VERBOSE=maybe\n");
    EXPECT_TRUE(contains(complaint(producer(plain)), file_.string() + ":2"));
    env_file("");
    EXPECT_TRUE(contains(complaint(consumer(plain_and({"--auto-offset-reset", "middle"}))),
                         "earliest, latest"));
    EXPECT_TRUE(
        contains(complaint(producer(plain_and({"--topic-prefix", "a b"}))), "--topic-prefix"));
    EXPECT_TRUE(contains(complaint(producer(plain_and({"--duration-minutes", "nan"}))), "nan"));
}

TEST_F(BomberOptionsTest, an_unknown_option_is_wrong_usage) {
    EXPECT_TRUE(contains(complaint(producer(plain_and({"--no-such-thing"}))), "--no-such-thing"));
    EXPECT_TRUE(contains(complaint(producer(plain_and({"--num-topics"}))), "--num-topics"));
}

TEST_F(BomberOptionsTest, a_missing_env_file_is_wrong_usage) {
    const char* argv[] = {"program", "--env-file", "/nonexistent/.env"};
    auto options = parse_producer_options(3, argv, [](const char*) { return nullptr; });
    EXPECT_TRUE(contains(complaint(options), "/nonexistent/.env"));
}

TEST_F(BomberOptionsTest, a_malformed_line_of_the_file_is_a_warning) {
    env_file("hello\nKAFKA_NUM_TOPICS=4\n");
    auto options = producer(plain);
    ASSERT_TRUE(options);
    EXPECT_EQ(options->num_topics, 4);
    ASSERT_EQ(options->warnings.size(), 1u);
    EXPECT_TRUE(contains(options->warnings[0], ":1: "));
}

TEST_F(BomberOptionsTest, help_and_version_are_a_success) {
    auto help = producer({"--help"});
    ASSERT_FALSE(help);
    EXPECT_EQ(help.error().code, 0);
    EXPECT_TRUE(contains(help.error().out, "--messages-per-second"));
    EXPECT_TRUE(contains(help.error().out, "KAFKA_BOOTSTRAP_SERVERS"));
    auto version = consumer({"--version"});
    ASSERT_FALSE(version);
    EXPECT_EQ(version.error().code, 0);
    EXPECT_TRUE(version.error().out.starts_with("consumer-bomber "));
}

TEST_F(BomberOptionsTest, flags_and_numbers_of_our_own) {
    auto options = consumer(plain_and({"--json", "--verify", "--seed", "42", "--progress", "json",
                                       "--processing-delay-ms", "0"}));
    ASSERT_TRUE(options);
    EXPECT_TRUE(options->json && options->verify && options->progress);
    EXPECT_EQ(options->seed, 42u);
    EXPECT_EQ(options->processing_delay, 0ms);
    EXPECT_EQ(producer(plain_and({"--message-size-kb", "4"}))->message_size, 4096u);
    EXPECT_TRUE(contains(complaint(producer(plain_and({"--progress", "xml"}))), "json"));
}

}  // namespace
}  // namespace stoker::load
