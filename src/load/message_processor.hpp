// MessageProcessor: what the consumer does with a message. It checks that the value is a JSON
// object with the required fields, takes out what the rules of its type need, and says whether a
// threshold was passed. How long a "business" takes to do that is simulated by the caller.
#pragma once

#include <simdjson.h>

#include <expected>
#include <string_view>

#include "load/message_type.hpp"

namespace stoker::load {

/// Above this a metric is an alert.
inline constexpr double metric_alert_threshold = 80;
/// Above this a transaction is an important one.
inline constexpr double important_amount_threshold = 1000;

struct ProcessedMessage {
    MessageType type = MessageType::other;
    /// A metric or an amount above its threshold, an ERROR or FATAL log, a sensor of poor quality.
    bool alert = false;
};

enum class InvalidMessage { not_json, no_timestamp, no_metadata, missing_field };

std::string_view describe(InvalidMessage why);

/// One thread; reuses its buffers. An unknown or missing type is processed as `other`.
class MessageProcessor {
public:
    std::expected<ProcessedMessage, InvalidMessage> process(std::string_view value);

private:
    simdjson::ondemand::parser parser_;
    std::string padded_;  ///< simdjson reads a little beyond the end
};

}  // namespace stoker::load
