// Mapping: one level of a workload file, read key by key. What was never asked for is unknown, and
// the complaint about it lists what was: so the list of what is allowed is always the true one.
#pragma once

#include <yaml-cpp/yaml.h>

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace stoker::workload {

/// "3:7: the sentence": line and column, from 1. Caught where a file is read.
class Complaint : public std::runtime_error {
public:
    Complaint(const YAML::Node& where, const std::string& what);
};

/// Bounds, both allowed.
template <class T>
struct Range {
    T low;
    T high;
};

/// Every reader throws Complaint for a value that is of no such kind or out of its range, and gives
/// nothing for a key that is not there.
class Mapping {
public:
    /// `what` names it in complaints. A node that is absent or null is an empty mapping.
    Mapping(const YAML::Node& node, std::string what);

    std::optional<YAML::Node> node(const char* key);
    std::optional<std::string> text(const char* key);
    std::optional<int64_t> whole(const char* key, Range<int64_t> range);
    std::optional<double> number(const char* key, Range<double> range);
    std::optional<bool> truth(const char* key);
    /// "250us", "20ms", "1.5s", "10m", "2h".
    std::optional<std::chrono::nanoseconds> time(const char* key,
                                                 Range<std::chrono::nanoseconds> range);
    /// "200", "16KiB", "1MB".
    std::optional<int64_t> bytes(const char* key, Range<int64_t> range);
    /// The place of the one that was chosen.
    std::optional<size_t> choice(const char* key, std::initializer_list<std::string_view> choices);
    /// Names and values of a mapping whose keys are free.
    std::vector<std::pair<std::string, std::string>> settings(const char* key);

    /// To be called last: complains about keys that were not asked for.
    void finish() const;

    [[noreturn]] void complain(const char* key, const std::string& what) const;
    [[noreturn]] void complain(const std::string& what) const;

private:
    YAML::Node node_;
    std::string what_;
    std::vector<std::string> asked_;
};

/// Of a scalar; `what` names it.
std::string scalar(const YAML::Node& node, std::string_view what);
double number_of(const YAML::Node& node, std::string_view what, Range<double> range);
/// "90s"; nothing when it is no time.
std::optional<std::chrono::nanoseconds> parse_time(std::string_view text);

}  // namespace stoker::workload
