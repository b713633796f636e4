#include "broker/config/broker_loggers.hpp"

#include <gtest/gtest.h>
#include <spdlog/spdlog.h>

#include <tuple>

#include "storage/loggers.hpp"

namespace stoker::broker {
namespace {

const std::string requests = "kafka.server.KafkaApis";

/// The levels are the process's: each test begins and ends with those of a fresh one.
class BrokerLoggers : public testing::Test {
protected:
    BrokerLoggers() { start(); }
    ~BrokerLoggers() override { start(); }

    static void start() {
        std::ignore = logger(LogOf::requests);
        spdlog::set_level(spdlog::level::info);
    }
    static std::expected<void, ConfigRefusal> set(const std::string& name, std::string level) {
        return alter_loggers({{.name = name, .value = std::move(level)}}, false);
    }
    static std::string level(const std::string& name) {
        const auto found = describe_loggers({name});
        return found.empty() ? "none" : found.front().value.value_or("null");
    }
};

TEST_F(BrokerLoggers, one_is_changed_without_the_others) {
    ASSERT_TRUE(set(requests, "DEBUG"));
    EXPECT_TRUE(logger(LogOf::requests)->should_log(spdlog::level::debug));
    EXPECT_FALSE(logger(LogOf::groups)->should_log(spdlog::level::debug));
    EXPECT_EQ(level("root"), "INFO");
}

TEST_F(BrokerLoggers, what_was_not_set_follows_the_root) {
    ASSERT_TRUE(set(requests, "ERROR"));
    ASSERT_TRUE(set("root", "WARN"));
    EXPECT_EQ(level("kafka.network.SocketServer"), "WARN");
    EXPECT_EQ(level(requests), "ERROR");
}

TEST_F(BrokerLoggers, a_removed_level_is_the_roots_again) {
    ASSERT_TRUE(set(requests, "TRACE"));
    ASSERT_TRUE(
        alter_loggers({{.name = requests, .operation = AlterOperation::remove}}, false));
    EXPECT_EQ(level(requests), "INFO");
}

TEST_F(BrokerLoggers, a_wrong_level_and_an_unknown_name_are_refused) {
    EXPECT_EQ(set(requests, "LOUD").error().message,
              "Cannot set the log level of kafka.server.KafkaApis to LOUD as it is not a supported "
              "log level. Valid log levels are DEBUG, ERROR, FATAL, INFO, TRACE, WARN");
    EXPECT_EQ(set("no.such", "INFO").error().message, "Logger no.such does not exist!");
    EXPECT_EQ(level("no.such"), "none");
}

}  // namespace
}  // namespace stoker::broker
