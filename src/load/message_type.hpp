// The five kinds of message that the bombers exchange.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace stoker::load {

/// `other` is what a consumer may meet besides; the generator never makes it.
enum class MessageType {
    user_activity,
    system_metrics,
    transaction,
    log_event,
    sensor_data,
    other
};

inline constexpr size_t generated_types = 5;
inline constexpr size_t message_types = generated_types + 1;

/// The value of the field "type".
inline constexpr std::array<std::string_view, message_types> message_type_names{
    "user_activity", "system_metrics", "transaction", "log_event", "sensor_data", "unknown"};

constexpr std::string_view name(MessageType type) {
    return message_type_names[size_t(type)];
}

constexpr MessageType message_type(std::string_view name) {
    for (size_t i = 0; i < generated_types; ++i)
        if (message_type_names[i] == name) return MessageType(i);
    return MessageType::other;
}

}  // namespace stoker::load
