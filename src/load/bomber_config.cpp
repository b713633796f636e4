#include "load/bomber_config.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "client/java_properties.hpp"
#include "load/consumer_settings.hpp"
#include "load/yaml.hpp"

namespace stoker::load {
namespace {

using std::chrono::milliseconds;
using yaml::Complaint;
using Kind = Field::Kind;

constexpr double seconds_max = 86'400;
constexpr int64_t attempts_max = 1'000'000;
constexpr int64_t poll_records_max = 1'000'000;
constexpr int64_t block_ms_max = 3'600'000;
constexpr int64_t octet_max = 255;
constexpr size_t client_settings_max = 200;

[[noreturn]] void refuse_key(const YAML::Node& where, const std::string& what,
                             const std::string& key, std::string_view known) {
    throw Complaint(where, fmt::format("{} has no {}: give {}", what, key, known));
}

std::chrono::microseconds seconds_of(const YAML::Node& node, std::string_view what) {
    return std::chrono::microseconds(std::llround(yaml::decimal(node, what, 0, seconds_max) * 1e6));
}

milliseconds whole_ms_of(const YAML::Node& node, std::string_view what) {
    return std::chrono::duration_cast<milliseconds>(seconds_of(node, what));
}

/// A number in units of its last digit.
int64_t scaled(const YAML::Node& node, const std::string& what, int digits) {
    const auto limit = double(field_number_max / power_of_ten(digits));
    return std::llround(yaml::decimal(node, what, -limit, limit) * double(power_of_ten(digits)));
}

void check_order(const YAML::Node& node, const Field& field) {
    if (field.low > field.high)
        throw Complaint(node, fmt::format("{}: the first number is the smaller one", field.name));
}

/// [low, high]
void take_range(Field& field, const YAML::Node& node) {
    if (!node.IsSequence() || node.size() != 2)
        throw Complaint(node, fmt::format("{}: give the lowest and the highest value, like [1, 10]",
                                          field.name));
    if (field.kind == Kind::decimal) {
        field.low = scaled(node[0], field.name, field.digits);
        field.high = scaled(node[1], field.name, field.digits);
    } else {
        const bool is_address = field.kind == Kind::address;
        const bool may_be_negative = field.kind == Kind::whole;
        const int64_t high = is_address ? octet_max : field_number_max;
        const int64_t low = may_be_negative ? -field_number_max : 0;
        field.low = yaml::whole(node[0], field.name, low, high);
        field.high = yaml::whole(node[1], field.name, low, high);
    }
    check_order(node, field);
}

void take_words(Field& field, const YAML::Node& node) {
    field.words = yaml::texts(node, field.name, words_max);
    for (const std::string& word : field.words)
        if (word.size() > field_text_max)
            throw Complaint(node, fmt::format("{}: a word of more than {} bytes", field.name,
                                              field_text_max));
}

std::optional<Kind> kind_of(const std::string& key) {
    if (key == "text") return Kind::text;
    if (key == "id") return Kind::id;
    if (key == "whole") return Kind::whole;
    if (key == "decimal") return Kind::decimal;
    if (key == "words") return Kind::word;
    if (key == "address") return Kind::address;
    return {};
}

std::string bounded_text(const YAML::Node& node, const std::string& what) {
    std::string value = yaml::text(node, what);
    if (value.size() > field_text_max)
        throw Complaint(node, fmt::format("{}: more than {} bytes", what, field_text_max));
    return value;
}

Field read_field(const std::string& name, const YAML::Node& node) {
    constexpr std::string_view known = "one of text, id, whole, decimal, words, address";
    Field field{.name = name};
    YAML::Node value;
    std::optional<Kind> kind;
    std::optional<YAML::Node> from;
    std::optional<YAML::Node> to;
    yaml::for_each(node, "field " + name, [&](const std::string& key, const YAML::Node& given) {
        const auto found = kind_of(key);
        if (found && kind) throw Complaint(given, fmt::format("field {}: give {}", name, known));
        if (found) {
            kind = found;
            value = given;
        } else if (key == "from") {
            from = given;
        } else if (key == "to") {
            to = given;
        } else if (key == "digits") {
            field.digits = int(yaml::whole(given, "digits", 0, field_digits_max));
        } else {
            refuse_key(given, "field " + name, key, known);
        }
    });
    if (!kind) throw Complaint(node, fmt::format("field {}: give {}", name, known));
    field.kind = *kind;
    if (*kind == Kind::id) {
        field.text = bounded_text(value, name);
        field.low = from ? yaml::whole(*from, name, 0, field_number_max) : 1;
        field.high = to ? yaml::whole(*to, name, 0, field_number_max) : 1'000;
        check_order(node, field);
    } else if (*kind == Kind::text) {
        field.text = bounded_text(value, name);
    } else if (*kind == Kind::word) {
        take_words(field, value);
    } else {
        take_range(field, value);
    }
    return field;
}

void check_key(const MessageTemplate& made, const YAML::Node& node) {
    if (made.key.empty()) return;
    const auto field = std::ranges::find(made.fields, made.key, &Field::name);
    const bool is_text = field != made.fields.end() &&
                         (field->kind == Kind::text || field->kind == Kind::id ||
                          field->kind == Kind::word || field->kind == Kind::address);
    if (!is_text)
        throw Complaint(node, fmt::format("type {}: its key {} is no field of text, id, words or "
                                          "address",
                                          made.type, made.key));
}

MessageTemplate read_template(const std::string& type, const YAML::Node& node) {
    MessageTemplate made{.type = type, .key = ""};
    yaml::for_each(node, "type " + type, [&](const std::string& key, const YAML::Node& value) {
        if (key == "key") {
            made.key = yaml::text(value, key);
        } else if (key == "weight") {
            made.weight = yaml::whole(value, key, 0, weight_max);
        } else if (key == "fields") {
            yaml::for_each(value, key, [&](const std::string& name, const YAML::Node& field) {
                if (name == "type" || name == "timestamp" || name == "_metadata")
                    throw Complaint(field, fmt::format("field {} is in every message", name));
                made.fields.push_back(read_field(name, field));
            });
        } else {
            refuse_key(value, "type " + type, key, "key, weight or fields");
        }
    });
    if (made.fields.size() > fields_max)
        throw Complaint(node, fmt::format("type {}: at most {} fields", type, fields_max));
    check_key(made, node);
    return made;
}

MessageTemplate& place_of(BomberConfig& config, const std::string& type) {
    auto at = std::ranges::find(config.templates, type, &MessageTemplate::type);
    if (at == config.templates.end())
        at = config.templates.insert(at, MessageTemplate{.type = type, .key = ""});
    return *at;
}

void read_templates(BomberConfig& config, const YAML::Node& node) {
    yaml::for_each(node, "templates", [&](const std::string& type, const YAML::Node& value) {
        place_of(config, type) = read_template(type, value);
    });
    if (config.templates.size() > templates_max)
        throw Complaint(node, fmt::format("templates: at most {} types", templates_max));
}

void read_weights(BomberConfig& config, const YAML::Node& node) {
    yaml::for_each(node, "weights", [&](const std::string& type, const YAML::Node& value) {
        auto at = std::ranges::find(config.templates, type, &MessageTemplate::type);
        if (at == config.templates.end())
            throw Complaint(value, fmt::format("weights: there is no type {}", type));
        at->weight = yaml::whole(value, type, 0, weight_max);
    });
}

void read_ranges(BomberConfig& config, const YAML::Node& node) {
    yaml::for_each(node, "ranges", [&](const std::string& name, const YAML::Node& value) {
        bool found = false;
        for (MessageTemplate& made : config.templates)
            for (Field& field : made.fields) {
                if (field.name != name) continue;
                found = true;
                if (field.kind == Kind::word) take_words(field, value);
                else if (field.kind == Kind::text) field.text = bounded_text(value, name);
                else take_range(field, value);
            }
        if (!found) throw Complaint(value, fmt::format("ranges: no type has a field {}", name));
    });
}

/// The specification writes some names with underscores and some with points.
std::string with_points(std::string name) {
    std::ranges::replace(name, '_', '.');
    return name;
}

void add(client::Config& settings, client::Config::value_type setting, const YAML::Node& node) {
    if (settings.size() >= client_settings_max)
        throw Complaint(node, fmt::format("at most {} settings", client_settings_max));
    settings.push_back(std::move(setting));
}

void add_producer_setting(client::Config& settings, const std::string& key,
                          const YAML::Node& node) {
    const std::string value = yaml::text(node, key);
    const auto setting = client::to_librdkafka(with_points(key), value);
    client::Config alone;
    alone.push_back(setting);
    auto conf = client::make_conf(alone);
    if (!conf) throw Complaint(node, fmt::format("{}: {}", key, conf.error().text));
    rd_kafka_conf_destroy(*conf);
    add(settings, setting, node);
}

void add_consumer_setting(client::Config& settings, const std::string& key,
                          const YAML::Node& node) {
    auto setting = consumer_setting(with_points(key), yaml::text(node, key));
    if (!setting) throw Complaint(node, fmt::format("{}: {}", key, setting.error()));
    add(settings, std::move(*setting), node);
}

void read_producer(BomberConfig& config, const YAML::Node& node) {
    yaml::for_each(node, "producer", [&](const std::string& key, const YAML::Node& value) {
        if (with_points(key) == "max.block.ms")
            config.block_max = milliseconds(yaml::whole(value, key, 1, block_ms_max));
        else
            add_producer_setting(config.producer, key, value);
    });
}

void read_consumer(BomberConfig& config, const YAML::Node& node) {
    yaml::for_each(node, "consumer", [&](const std::string& key, const YAML::Node& value) {
        if (with_points(key) == "max.poll.records")
            config.max_poll_records = int(yaml::whole(value, key, 1, poll_records_max));
        else if (with_points(key) == "poll.timeout")
            config.poll_timeout = whole_ms_of(value, key);
        else
            add_consumer_setting(config.consumer, key, value);
    });
}

void read_connection(BomberConfig& config, const YAML::Node& node) {
    yaml::for_each(node, "connection", [&](const std::string& key, const YAML::Node& value) {
        if (key == "max_retries")
            config.retry.attempts_max = int(yaml::whole(value, key, 0, attempts_max));
        else if (key == "retry_delay")
            config.retry.first_delay = whole_ms_of(value, key);
        else if (key == "consumer_startup_delay")
            config.consumer_startup_delay = whole_ms_of(value, key);
        else
            refuse_key(value, "connection", key,
                       "max_retries, retry_delay or consumer_startup_delay");
    });
}

TypeRule read_rule(const std::string& type, const YAML::Node& node) {
    TypeRule rule{.type = type, .field = ""};
    yaml::for_each(node, "rule " + type, [&](const std::string& key, const YAML::Node& value) {
        if (key == "field") {
            rule.field = yaml::text(value, key);
        } else if (key == "above") {
            rule.alert = TypeRule::Alert::above;
            rule.threshold = yaml::decimal(value, key, -1e300, 1e300);
        } else if (key == "one_of") {
            rule.alert = TypeRule::Alert::one_of;
            rule.words = yaml::texts(value, key, words_max);
        } else {
            refuse_key(value, "rule " + type, key, "field, above or one_of");
        }
    });
    if (rule.field.empty())
        throw Complaint(node, fmt::format("rule {}: give the field that it looks at", type));
    return rule;
}

void read_rules(ProcessingRules& rules, const YAML::Node& node) {
    yaml::for_each(node, "rules", [&](const std::string& type, const YAML::Node& value) {
        TypeRule rule = read_rule(type, value);
        auto at = std::ranges::find(rules.types, type, &TypeRule::type);
        if (at == rules.types.end()) rules.types.push_back(std::move(rule));
        else *at = std::move(rule);
    });
    if (rules.types.size() > rules_max)
        throw Complaint(node, fmt::format("rules: at most {} types", rules_max));
}

void read_processing(ProcessingRules& rules, const YAML::Node& node) {
    yaml::for_each(node, "processing", [&](const std::string& key, const YAML::Node& value) {
        if (key == "processing_delay_min") rules.delay_min = seconds_of(value, key);
        else if (key == "processing_delay_max") rules.delay_max = seconds_of(value, key);
        else if (key == "required_fields")
            rules.required_fields = yaml::texts(value, key, required_fields_max);
        else if (key == "rules") read_rules(rules, value);
        else
            refuse_key(value, "processing", key,
                       "processing_delay_min, processing_delay_max, required_fields or rules");
    });
    if (rules.delay_min > rules.delay_max)
        throw Complaint(node, "processing_delay_min is longer than processing_delay_max");
}

/// Types of the file that no rule speaks of are known to the consumer, too: they need nothing.
void add_rules_of_templates(BomberConfig& config) {
    for (const MessageTemplate& made : config.templates) {
        const bool known = std::ranges::find(config.rules.types, made.type, &TypeRule::type) !=
                           config.rules.types.end();
        if (!known) config.rules.types.push_back({.type = made.type, .field = "type"});
    }
}

BomberConfig read(const YAML::Node& root) {
    constexpr std::string_view known =
        "templates, weights, ranges, producer, consumer, connection, processing or "
        "stats_report_interval";
    BomberConfig config = specified_config();
    yaml::for_each(root, "the file", [&](const std::string& key, const YAML::Node& value) {
        if (key == "templates") read_templates(config, value);
        else if (key == "producer") read_producer(config, value);
        else if (key == "consumer") read_consumer(config, value);
        else if (key == "connection") read_connection(config, value);
        else if (key == "processing") read_processing(config.rules, value);
        else if (key == "stats_report_interval")
            config.report_interval =
                milliseconds(int64_t(yaml::decimal(value, key, 0.1, seconds_max) * 1000));
        else if (key != "weights" && key != "ranges") refuse_key(value, "the file", key, known);
    });
    // They speak of the templates, wherever in the file these are.
    if (root.IsMap()) {
        read_weights(config, root["weights"]);
        read_ranges(config, root["ranges"]);
    }
    const auto comes = [](const MessageTemplate& made) { return made.weight > 0; };
    if (std::ranges::none_of(config.templates, comes))
        throw Complaint(root, "weights: one type at least has to come");
    add_rules_of_templates(config);
    return config;
}

}  // namespace

BomberConfig specified_config() {
    BomberConfig config;
    config.templates = specified_templates();
    config.rules = specified_rules();
    return config;
}

std::expected<BomberConfig, std::string> parse_bomber_config(const std::string& text,
                                                             const std::string& name) {
    try {
        return read(YAML::Load(text));
    } catch (const Complaint& complaint) {
        return std::unexpected(fmt::format("{}:{}", name, complaint.what()));
    } catch (const YAML::Exception& error) {
        return std::unexpected(fmt::format("{}:{}: {}", name, error.mark.line + 1, error.msg));
    }
}

}  // namespace stoker::load
