#include "cli/partition_filter.hpp"

#include <algorithm>

#include "cli/admin_tool.hpp"
#include "cli/failures.hpp"
#include "kafka/java_text.hpp"

namespace stoker::cli {
namespace {

bool is_number(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

PartitionFilter::Rule PartitionFilter::parse_rule(const std::string& text) {
    size_t colon = text.find(':');
    std::string topic = text.substr(0, colon);
    Rule rule{.topic = TopicFilter(topic.empty() ? ".*" : topic)};
    if (colon == std::string::npos) return rule;
    std::string range = text.substr(colon + 1);
    size_t dash = range.find('-');
    std::string first = range.substr(0, dash);
    std::string end = dash == std::string::npos ? "" : range.substr(dash + 1);
    if (!is_number(first) || !is_number(end)) {
        throw kafka::KafkaException(runtime_failure(
            terse_failure("Invalid rule specification: " + text)));
    }
    if (dash == std::string::npos) {
        if (!first.empty()) rule.numbers.insert(parse_int_or_throw(first));
        return rule;
    }
    if (!first.empty()) rule.first = parse_int_or_throw(first);
    if (!end.empty()) rule.end = parse_int_or_throw(end);
    return rule;
}

PartitionFilter PartitionFilter::of_rules(const std::string& rules) {
    PartitionFilter filter;
    for (const std::string& rule : kafka::java_split(rules, ',')) {
        filter.rules_.push_back(parse_rule(rule));
    }
    return filter;
}

PartitionFilter PartitionFilter::of_topic(const std::optional<std::string>& topic,
                                          const std::string& partitions) {
    PartitionFilter filter;
    filter.rules_.push_back({.topic = TopicFilter(topic.value_or(".*"))});
    if (partitions.empty()) return filter;
    try {
        for (const std::string& number : kafka::java_split(partitions, ',')) {
            filter.rules_.back().numbers.insert(parse_int_or_throw(number));
        }
    } catch (const kafka::KafkaException&) {
        throw_terse("--partitions expects a comma separated list of numeric partition ids, but "
                    "received: " + partitions);
    }
    return filter;
}

bool PartitionFilter::allows_topic(std::string_view topic) const {
    return std::ranges::any_of(
        rules_, [&](const Rule& rule) { return rule.topic.allows(topic, false); });
}

bool PartitionFilter::allows(const kafka::TopicPartition& where) const {
    return std::ranges::any_of(rules_, [&](const Rule& rule) {
        bool in_range = rule.numbers.empty()
                            ? where.partition >= rule.first && where.partition < rule.end
                            : rule.numbers.contains(where.partition);
        return in_range && rule.topic.allows(where.topic, false);
    });
}

}  // namespace stoker::cli
