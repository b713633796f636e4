// What a config is: its name, type, default, permitted values, who may change it while the broker
// runs, and what it means. Every table of this folder is made of these rows, and everything that
// concerns configs (describe, alter, start-up, typed access) is served from them.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>

namespace stoker::broker {

/// DescribeConfigs' numbers (config_type).
enum class ConfigType : int8_t {
    unknown = 0,  // a name that no table has
    boolean = 1,
    string = 2,
    int32 = 3,
    int16 = 4,
    int64 = 5,
    real = 6,
    list = 7,  // words separated by commas
    class_name = 8,
    password = 9,
};

/// Whether and where a broker config can be changed while the broker runs. Topic, group and
/// client-metrics configs always can.
enum class Mutability : uint8_t {
    read_only,
    per_broker,    // for one broker only, not as the default of all
    cluster_wide,  // for one or for all
};

/// Which values are permitted, beyond the type.
struct Rule {
    enum class Kind : uint8_t {
        any,
        range,               // min to max, both permitted
        gzip_level,          // 1 to 9, or -1
        one_of,              // of `words`
        one_of_any_case,     // of `words`, case aside
        non_empty,           // a text
        list,                // of different non-empty words: of `words` where there are any
        throttled_replicas,  // "*" or partition:broker,partition:broker
        host_ports,          // host:port,host:port
        quorum_voters,       // id@host:port,id@host:port
        offset_reset,        // latest, earliest, by_duration:PnDTnHnMn.nS
    };
    Kind kind = Kind::any;
    double min = -std::numeric_limits<double>::infinity();
    double max = std::numeric_limits<double>::infinity();
    std::string_view words = {};  // separated by ", "
    bool empty_allowed = true;    // of a list
};

/// The vocabulary of the tables.
namespace rules {

inline constexpr Rule any{};
inline constexpr Rule gzip_level{.kind = Rule::Kind::gzip_level};
inline constexpr Rule non_empty{.kind = Rule::Kind::non_empty};
inline constexpr Rule plain_list{.kind = Rule::Kind::list};
inline constexpr Rule non_empty_list{.kind = Rule::Kind::list, .empty_allowed = false};
inline constexpr Rule throttled_replicas{.kind = Rule::Kind::throttled_replicas};
inline constexpr Rule host_ports{.kind = Rule::Kind::host_ports};
inline constexpr Rule quorum_voters{.kind = Rule::Kind::quorum_voters};
inline constexpr Rule offset_reset{.kind = Rule::Kind::offset_reset};

constexpr Rule at_least(double min) { return {.kind = Rule::Kind::range, .min = min}; }
constexpr Rule between(double min, double max) {
    return {.kind = Rule::Kind::range, .min = min, .max = max};
}
constexpr Rule one_of(std::string_view words) {
    return {.kind = Rule::Kind::one_of, .words = words};
}
constexpr Rule one_of_any_case(std::string_view words) {
    return {.kind = Rule::Kind::one_of_any_case, .words = words};
}
/// A list of these words, possibly of none.
constexpr Rule any_of(std::string_view words) {
    return {.kind = Rule::Kind::list, .words = words};
}
/// A list of at least one of these words.
constexpr Rule some_of(std::string_view words) {
    return {.kind = Rule::Kind::list, .words = words, .empty_allowed = false};
}

/// A default that is not there: Kafka's null.
inline constexpr std::nullopt_t none = std::nullopt;
inline constexpr bool hidden = true;

}  // namespace rules

struct ConfigDeclaration {
    std::string_view name;
    ConfigType type;
    std::optional<std::string_view> default_value;
    Mutability mutability = Mutability::read_only;
    Rule rule = {};
    std::string_view doc = {};  // empty where Stoker does not act on it
    /// Known, but described only where it was set: Kafka's internal configs.
    bool hidden = false;

    bool sensitive() const { return type == ConfigType::password; }
};

}  // namespace stoker::broker
