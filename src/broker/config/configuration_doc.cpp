#include "broker/config/configuration_doc.hpp"

#include <array>
#include <cmath>
#include <string_view>
#include <utility>

#include "broker/config/broker_configs.hpp"
#include "broker/config/group_configs.hpp"
#include "broker/config/server_properties.hpp"
#include "broker/config/topic_configs.hpp"

namespace stoker::broker {

namespace {

constexpr std::string_view introduction =
    R"(# Configuration

This file is generated from the declarations in `src/broker/config/`. A test compares the two;
`STOKER_WRITE_DOCS=1 build/release/src/broker/broker_test --gtest_filter=ConfigurationDoc.*`
writes it anew.

Names, types, defaults and permitted values are those of Apache Kafka 4.3. The broker reads them
from `server.properties` (`stoker broker --config FILE`) and from `--override NAME=VALUE`; an
unknown name is an error that names the nearest known one. What may be changed while the broker
runs is changed as with Apache Kafka: `kafka-configs --alter`, or IncrementalAlterConfigs of any
client.

A name in the list "Without effect" is accepted, described and kept, so that a configuration that
was written for Apache Kafka works unchanged, but nothing on one node depends on it (yet).
)";

std::string_view type_name(ConfigType type) {
    constexpr std::array<std::string_view, 10> names{"unknown", "boolean", "string", "int",
                                                     "short",   "long",    "double", "list",
                                                     "class",   "password"};
    return names.at(size_t(std::to_underlying(type)));
}

std::string number(double value) {
    return value == std::floor(value) && std::abs(value) < 1e18 ? std::to_string(int64_t(value))
                                                                : std::to_string(value);
}

std::string permitted(const Rule& rule) {
    switch (rule.kind) {
        case Rule::Kind::range:
            if (std::isinf(rule.max)) return "at least " + number(rule.min);
            return number(rule.min) + " to " + number(rule.max);
        case Rule::Kind::gzip_level:
            return "1 to 9, or -1";
        case Rule::Kind::one_of:
        case Rule::Kind::one_of_any_case:
            return std::string(rule.words);
        case Rule::Kind::non_empty:
            return "not empty";
        case Rule::Kind::list:
            if (rule.words.empty()) return rule.empty_allowed ? "" : "not empty";
            return "of " + std::string(rule.words);
        case Rule::Kind::throttled_replicas:
            return "`*`, or partition:broker, …";
        case Rule::Kind::host_ports:
            return "host:port, …";
        case Rule::Kind::quorum_voters:
            return "id@host:port, …";
        case Rule::Kind::offset_reset:
            return "latest, earliest, by_duration:PnDTnHnMn.nS";
        case Rule::Kind::any:
            return "";
    }
    std::unreachable();
}

std::string changed(const ConfigDeclaration& config) {
    if (why_not_dynamic(config.name)) return "at start";
    switch (config.mutability) {
        case Mutability::read_only:
            return "at start";
        case Mutability::per_broker:
            return "for a broker";
        case Mutability::cluster_wide:
            return "any time";
    }
    std::unreachable();
}

/// Cells may not hold the character that ends them.
std::string cell(std::string text) {
    for (size_t at = text.find('|'); at != std::string::npos; at = text.find('|', at + 2))
        text.insert(at, 1, '\\');
    return text;
}

std::string default_of(const ConfigDeclaration& config) {
    if (!config.default_value) return "null";
    if (config.default_value->empty()) return "\"\"";
    return "`" + std::string(*config.default_value) + "`";
}

void add_row(std::string& text, const ConfigDeclaration& config, bool with_mutability) {
    text += "| `" + std::string(config.name) + "` | " + std::string(type_name(config.type)) +
            " | " + cell(default_of(config)) + " | " + cell(permitted(config.rule)) + " | ";
    if (with_mutability) text += changed(config) + " | ";
    text += cell(std::string(config.doc)) + " |\n";
}

void add_table(std::string& text, std::string_view title, const ConfigTable& table,
               bool with_mutability) {
    text.append("\n## ").append(title).append("\n\n| name | type | default | permitted | ");
    text.append(with_mutability ? "changed | what it does |\n|---|---|---|---|---|---|\n"
                                : "what it does |\n|---|---|---|---|---|\n");
    std::string without_effect;
    for (const ConfigDeclaration* config : table.all()) {
        if (config->hidden && config->doc.empty()) continue;
        if (!config->doc.empty()) add_row(text, *config, with_mutability);
        else
            without_effect.append(without_effect.empty() ? "`" : ", `")
                .append(config->name)
                .append("`");
    }
    if (!without_effect.empty()) text += "\nWithout effect: " + without_effect + ".\n";
}

}  // namespace

std::string configuration_doc() {
    std::string text(introduction);
    add_table(text, "Broker", broker_configs(), true);
    add_table(text, "Topics", topic_configs(), false);
    add_table(text, "Groups", group_resource_configs(), false);
    add_table(text, "Client metrics", client_metrics_configs(), false);
    return text;
}

}  // namespace stoker::broker
