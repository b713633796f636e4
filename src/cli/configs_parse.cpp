#include <algorithm>
#include <string>
#include <vector>

#include "broker/config/config_value.hpp"
#include "cli/admin_tool.hpp"
#include "cli/configs.hpp"

namespace stoker::cli {
namespace {

constexpr size_t topic_name_max = 249;

/// Whether what stands at `place` is outside of square brackets: upstream looks whether a "[" comes
/// before the next "]", or no "]" at all.
bool is_outside(std::string_view text, size_t place) {
    size_t closing = text.find(']', place);
    return closing == std::string_view::npos || text.find('[', place) < closing;
}

std::vector<std::string> split_outside(std::string_view text, char separator) {
    std::vector<std::string> parts;
    size_t begin = 0;
    for (size_t i = 0; i < text.size(); ++i) {
        if (text[i] != separator || !is_outside(text, i + 1)) continue;
        parts.emplace_back(text.substr(begin, i - begin));
        begin = i + 1;
    }
    parts.emplace_back(text.substr(begin));
    return parts;
}

[[noreturn]] void refuse_topic(const std::string& why) {
    throw kafka::KafkaException(kafka::failure_of(ErrorCode::invalid_topic_exception,
                                                  "Topic name is invalid: " + why));
}

}  // namespace

ConfigValues parse_added_configs(const std::string& text) {
    std::vector<std::string> pairs = split_outside(text, ',');
    while (pairs.size() > 1 && pairs.back().empty()) pairs.pop_back();  // as Java's split
    ConfigValues values;
    for (const std::string& pair : pairs) {
        std::vector<std::string> parts = split_outside(pair, '=');
        if (parts.size() != 2) {
            throw_illegal_argument(
                "requirement failed: Invalid entity config: all configs to be added must be in "
                "the format \"key=val\" or  \"key=[val1,val2]\" to group values which contain "
                "commas.");
        }
        std::erase_if(parts[1], [](char c) { return c == '[' || c == ']'; });
        values[std::string(broker::trimmed(parts[0]))] = broker::trimmed(parts[1]);
    }
    return values;
}

void check_config_names(const ConfigValues& configs) {
    auto is_permitted = [](unsigned char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               c == '$' || c == '.' || c == '_' || c == '-';
    };
    for (const auto& [name, value] : configs) {
        if (std::ranges::all_of(name, is_permitted)) continue;
        throw_illegal_argument("Invalid character found for config key: " + name);
    }
}

void check_topic_name(const std::string& name) {
    if (name.empty()) refuse_topic("the empty string is not allowed");
    if (name == "." || name == "..") refuse_topic("'" + name + "' is not allowed");
    if (name.size() > topic_name_max) {
        refuse_topic("the length of '" + name + "' is longer than the max allowed length 249");
    }
    auto is_permitted = [](unsigned char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               c == '.' || c == '_' || c == '-';
    };
    if (std::ranges::all_of(name, is_permitted)) return;
    refuse_topic("'" + name +
                 "' contains one or more characters other than ASCII alphanumerics, '.', '_' and "
                 "'-'");
}

std::string singular(const std::string& entity_type) {
    return entity_type.substr(0, entity_type.empty() ? 0 : entity_type.size() - 1);
}

int32_t broker_id_or_throw(const std::string& name, const std::string& entity_type) {
    try {
        return parse_int_or_throw(name);
    } catch (const kafka::KafkaException&) {
        throw_illegal_argument("The entity name for " + entity_type +
                               " must be a valid integer broker id, found: " + name);
    }
}

}  // namespace stoker::cli
