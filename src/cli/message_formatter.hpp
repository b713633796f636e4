// How kafka-console-consumer prints a record: upstream's MessageFormatters by the names of their
// classes.
#pragma once

#include <memory>
#include <string_view>

#include "cli/tool.hpp"
#include "kafka/client_properties.hpp"
#include "kafka/consumer.hpp"

namespace stoker::cli {

class MessageFormatter {
public:
    virtual ~MessageFormatter() = default;
    /// Throws KafkaException for a record that cannot be shown.
    virtual void write(const kafka::ConsumerRecord& record, Writer& out) = 0;
};

/// Null when there is no such class. What a formatter logs goes to `io`, which must outlive it.
std::unique_ptr<MessageFormatter> make_formatter(std::string_view class_name,
                                                 const kafka::ClientProperties& properties,
                                                 Streams& io);

/// The formatters of the internal topics; null for any other name.
std::unique_ptr<MessageFormatter> make_coordinator_formatter(std::string_view class_name);

inline constexpr std::string_view default_formatter =
    "org.apache.kafka.tools.consumer.DefaultMessageFormatter";

}  // namespace stoker::cli
