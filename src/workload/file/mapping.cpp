#include "workload/file/mapping.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace stoker::workload {
namespace {

using std::chrono::nanoseconds;

std::string placed(const YAML::Node& where, const std::string& what) {
    const YAML::Mark mark = where.Mark();
    if (mark.is_null()) return what;
    return fmt::format("{}:{}: {}", mark.line + 1, mark.column + 1, what);
}

/// A number and what stands behind it.
std::optional<std::pair<double, std::string_view>> with_unit(std::string_view text) {
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || !std::isfinite(value)) return std::nullopt;
    std::string_view unit = text.substr(size_t(end - text.data()));
    while (unit.starts_with(' ')) unit.remove_prefix(1);
    return std::pair(value, unit);
}

std::string shown(nanoseconds time) {
    const auto ns = time.count();
    if (ns % 1'000'000'000 == 0) return fmt::format("{}s", ns / 1'000'000'000);
    if (ns % 1'000'000 == 0) return fmt::format("{}ms", ns / 1'000'000);
    return fmt::format("{}us", ns / 1000);
}

std::string joined(const auto& words) {
    std::string text;
    for (const auto& word : words) {
        if (!text.empty()) text += ", ";
        text += word;
    }
    return text;
}

}  // namespace

Complaint::Complaint(const YAML::Node& where, const std::string& what)
    : std::runtime_error(placed(where, what)) {}

std::string scalar(const YAML::Node& node, std::string_view what) {
    if (!node.IsScalar()) throw Complaint(node, fmt::format("{}: give one value", what));
    return node.Scalar();
}

double number_of(const YAML::Node& node, std::string_view what, Range<double> range) {
    const std::string given = scalar(node, what);
    const auto value = with_unit(given);
    if (!value || !value->second.empty() || value->first < range.low || value->first > range.high)
        throw Complaint(node, fmt::format("{} is '{}': give a number from {} to {}", what, given,
                                          range.low, range.high));
    return value->first;
}

std::optional<nanoseconds> parse_time(std::string_view text) {
    constexpr auto units = std::to_array<std::pair<std::string_view, double>>(
        {{"us", 1e3}, {"ms", 1e6}, {"s", 1e9}, {"m", 60e9}, {"h", 3600e9}});
    constexpr double longest_ns = 1e17;
    const auto value = with_unit(text);
    if (!value || value->first < 0) return std::nullopt;
    for (const auto& [unit, ns] : units)
        if (value->second == unit && value->first * ns < longest_ns)
            return nanoseconds(std::llround(value->first * ns));
    return std::nullopt;
}

Mapping::Mapping(const YAML::Node& node, std::string what) : what_(std::move(what)) {
    if (!node.IsDefined() || node.IsNull()) return;
    if (!node.IsMap()) throw Complaint(node, what_ + ": give names with values");
    std::set<std::string> seen;
    for (const auto& entry : node)
        if (!seen.insert(scalar(entry.first, what_)).second)
            throw Complaint(entry.first, fmt::format("{}: {} stands here twice", what_,
                                                     entry.first.Scalar()));
    node_.reset(node);
}

std::optional<YAML::Node> Mapping::node(const char* key) {
    asked_.emplace_back(key);
    if (!node_.IsMap()) return std::nullopt;
    for (const auto& entry : node_)
        if (entry.first.Scalar() == key && !entry.second.IsNull()) return entry.second;
    return std::nullopt;
}

std::optional<std::string> Mapping::text(const char* key) {
    const auto found = node(key);
    if (!found) return std::nullopt;
    return scalar(*found, key);
}

std::optional<int64_t> Mapping::whole(const char* key, Range<int64_t> range) {
    const auto given = text(key);
    if (!given) return std::nullopt;
    int64_t value = 0;
    const auto [end, error] = std::from_chars(given->data(), given->data() + given->size(), value);
    const bool is_whole = error == std::errc() && end == given->data() + given->size();
    if (!is_whole || value < range.low || value > range.high)
        complain(key, fmt::format("'{}': give a whole number from {} to {}", *given, range.low,
                                  range.high));
    return value;
}

std::optional<double> Mapping::number(const char* key, Range<double> range) {
    const auto found = node(key);
    if (!found) return std::nullopt;
    return number_of(*found, key, range);
}

std::optional<bool> Mapping::truth(const char* key) {
    const auto chosen = choice(key, {"false", "true"});
    if (!chosen) return std::nullopt;
    return *chosen == 1;
}

std::optional<nanoseconds> Mapping::time(const char* key, Range<nanoseconds> range) {
    const auto given = text(key);
    if (!given) return std::nullopt;
    const auto value = parse_time(*given);
    if (!value || *value < range.low || *value > range.high)
        complain(key, fmt::format("'{}': give a time with its unit (us, ms, s, m or h), from {} "
                                  "to {}",
                                  *given, shown(range.low), shown(range.high)));
    return value;
}

std::optional<int64_t> Mapping::bytes(const char* key, Range<int64_t> range) {
    constexpr auto units = std::to_array<std::pair<std::string_view, double>>(
        {{"", 1}, {"B", 1}, {"KB", 1e3}, {"KiB", 1024}, {"MB", 1e6}, {"MiB", 1048576}});
    const auto given = text(key);
    if (!given) return std::nullopt;
    const auto value = with_unit(*given);
    for (const auto& [unit, size] : units) {
        if (!value || value->second != unit) continue;
        const double count = value->first * size;
        if (count >= double(range.low) && count <= double(range.high)) return int64_t(count);
    }
    complain(key, fmt::format("'{}': give a size from {} to {} bytes (units: B, KB, KiB, MB, MiB)",
                              *given, range.low, range.high));
}

std::optional<size_t> Mapping::choice(const char* key,
                                      std::initializer_list<std::string_view> choices) {
    const auto given = text(key);
    if (!given) return std::nullopt;
    const auto* found = std::ranges::find(choices, std::string_view(*given));
    if (found == choices.end())
        complain(key, fmt::format("'{}': allowed are {}", *given, joined(choices)));
    return size_t(found - choices.begin());
}

std::vector<std::pair<std::string, std::string>> Mapping::settings(const char* key) {
    std::vector<std::pair<std::string, std::string>> all;
    const auto found = node(key);
    if (!found) return all;
    if (!found->IsMap()) complain(key, "give names with values");
    for (const auto& entry : *found)
        all.emplace_back(scalar(entry.first, key), scalar(entry.second, key));
    return all;
}

void Mapping::finish() const {
    if (!node_.IsMap()) return;
    for (const auto& entry : node_) {
        const std::string name = entry.first.Scalar();
        if (std::ranges::find(asked_, name) != asked_.end()) continue;
        throw Complaint(entry.first, fmt::format("{}: there is no '{}'; allowed are {}", what_,
                                                 name, joined(asked_)));
    }
}

void Mapping::complain(const char* key, const std::string& what) const {
    if (node_.IsMap())
        for (const auto& entry : node_)
            if (entry.first.Scalar() == key)
                throw Complaint(entry.second, fmt::format("{} {}", key, what));
    throw Complaint(node_, fmt::format("{} {}", key, what));
}

void Mapping::complain(const std::string& what) const {
    throw Complaint(node_, what_ + ": " + what);
}

}  // namespace stoker::workload
