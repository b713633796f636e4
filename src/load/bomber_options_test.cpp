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
        "KAFKA_SSL_CAFILE=ca\nKAFKA_SSL_CERTFILE=cert\nKAFKA_SSL_KEYFILE=key\n"
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
    EXPECT_EQ(options->security.ssl_ca_file, "ca");
    EXPECT_EQ(options->security.ssl_certificate_file, "cert");
    EXPECT_EQ(options->security.ssl_key_file, "key");
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

TEST_F(BomberOptionsTest, no_servers_is_wrong_usage_that_names_the_variable) {
    EXPECT_TRUE(contains(complaint(producer({})), "KAFKA_BOOTSTRAP_SERVERS"));
    EXPECT_TRUE(contains(complaint(consumer({})), "--bootstrap-servers"));
}

TEST_F(BomberOptionsTest, sasl_needs_a_user_and_a_password_and_nothing_else_does) {
    EXPECT_TRUE(contains(complaint(producer({"--bootstrap-servers", "k:1"})), "KAFKA_PASSWORD"));
    EXPECT_TRUE(contains(complaint(producer({"--bootstrap-servers", "k:1", "--username", "u"})),
                         "--password"));
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
    EXPECT_EQ(producer(plain_and({"--message-size-kb", "4"}))->message_size_kb, 4);
    EXPECT_TRUE(contains(complaint(producer(plain_and({"--progress", "xml"}))), "json"));
}

}  // namespace
}  // namespace stoker::load
