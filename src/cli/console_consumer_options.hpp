// The command line of kafka-console-consumer, checked, and what it means.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "cli/message_formatter.hpp"
#include "cli/tool.hpp"
#include "kafka/client_properties.hpp"

namespace stoker::cli {

struct ConsoleConsumerOptions {
    kafka::ClientProperties consumer;
    std::unique_ptr<MessageFormatter> formatter;
    /// One of the two.
    std::optional<std::string> topic{};
    std::optional<std::string> include{};
    std::optional<int32_t> partition{};
    /// Where to begin in that partition: an offset, or -1 and -2 as ListOffsets has them.
    int64_t offset = -1;
    /// -1: all that come.
    int64_t max_messages = -1;
    int64_t timeout_ms = INT64_MAX;
    bool skips_on_error = false;
    bool systest_events = false;
};

/// Ends with the usage, or throws KafkaException, as upstream does for what is wrong.
ConsoleConsumerOptions read_console_consumer_options(const Args& args, Streams& io);

}  // namespace stoker::cli
