#include "load/message_processor.hpp"

#include <optional>

namespace stoker::load {

namespace {

/// What the rules look at, as far as the message has it.
struct Fields {
    bool timestamp = false;
    bool metadata = false;
    std::string_view type;
    std::optional<std::string_view> action;
    std::optional<std::string_view> level;
    std::optional<std::string_view> quality;
    std::optional<double> value;
    std::optional<double> amount;
};

template <class T>
std::optional<T> taken(simdjson::simdjson_result<simdjson::ondemand::value>& value) {
    T result;
    if (value.get(result)) return {};
    return result;
}

/// False when the text is not JSON.
bool take(Fields& fields, simdjson::simdjson_result<simdjson::ondemand::field> field) {
    std::string_view key;
    if (field.unescaped_key().get(key)) return false;
    auto value = field.value();
    simdjson::ondemand::json_type type;
    if (value.type().get(type)) return false;
    bool is_text = type == simdjson::ondemand::json_type::string;
    bool is_number = type == simdjson::ondemand::json_type::number;
    if (key == "_metadata")
        fields.metadata = type == simdjson::ondemand::json_type::object;
    else if (key == "timestamp")
        fields.timestamp = is_text || is_number;
    else if (key == "type" && is_text)
        fields.type = taken<std::string_view>(value).value_or("");
    else if (key == "action" && is_text)
        fields.action = taken<std::string_view>(value);
    else if (key == "level" && is_text)
        fields.level = taken<std::string_view>(value);
    else if (key == "quality" && is_text)
        fields.quality = taken<std::string_view>(value);
    else if (key == "value" && is_number)
        fields.value = taken<double>(value);
    else if (key == "amount" && is_number)
        fields.amount = taken<double>(value);
    return true;
}

/// Nothing when the field that the rule of the type looks at is missing.
std::optional<bool> is_alert(MessageType type, const Fields& fields) {
    switch (type) {
        case MessageType::user_activity:
            if (!fields.action) return {};
            return false;
        case MessageType::system_metrics:
            if (!fields.value) return {};
            return *fields.value > metric_alert_threshold;
        case MessageType::transaction:
            if (!fields.amount) return {};
            return *fields.amount > important_amount_threshold;
        case MessageType::log_event:
            if (!fields.level) return {};
            return *fields.level == "ERROR" || *fields.level == "FATAL";
        case MessageType::sensor_data:
            if (!fields.quality) return {};
            return *fields.quality == "poor";
        case MessageType::other:
            return false;
    }
    return {};
}

}  // namespace

std::string_view describe(InvalidMessage why) {
    switch (why) {
        case InvalidMessage::not_json:
            return "the value is not a JSON object";
        case InvalidMessage::no_timestamp:
            return "the field timestamp is missing";
        case InvalidMessage::no_metadata:
            return "the field _metadata is missing";
        case InvalidMessage::missing_field:
            return "a field that its type needs is missing";
    }
    return "";
}

std::expected<ProcessedMessage, InvalidMessage> MessageProcessor::process(std::string_view value) {
    padded_.reserve(value.size() + simdjson::SIMDJSON_PADDING);
    padded_.assign(value);
    simdjson::ondemand::document document;
    simdjson::ondemand::object object;
    simdjson::padded_string_view view(padded_.data(), padded_.size(), padded_.capacity());
    if (parser_.iterate(view).get(document) || document.get_object().get(object))
        return std::unexpected(InvalidMessage::not_json);
    Fields fields;
    for (auto field : object)
        if (field.error() || !take(fields, field)) return std::unexpected(InvalidMessage::not_json);
    // simdjson has no better question for "is there text after the object?".
    if (document.current_location().error() != simdjson::OUT_OF_BOUNDS)
        return std::unexpected(InvalidMessage::not_json);
    if (!fields.timestamp) return std::unexpected(InvalidMessage::no_timestamp);
    if (!fields.metadata) return std::unexpected(InvalidMessage::no_metadata);
    MessageType type = message_type(fields.type);
    auto alert = is_alert(type, fields);
    if (!alert) return std::unexpected(InvalidMessage::missing_field);
    return ProcessedMessage{type, *alert};
}

}  // namespace stoker::load
