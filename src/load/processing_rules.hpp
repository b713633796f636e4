// ProcessingRules: what the consumer demands of a message, what makes it an alert, and how long a
// "business" takes with it, as data, so that a configuration file can change them.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace stoker::load {

/// Messages of this type need this field; some of its values are alerts.
struct TypeRule {
    enum class Alert : uint8_t { never, above, one_of };
    std::string type;
    std::string field;
    Alert alert = Alert::never;
    double threshold = 0;              ///< of above: a number greater than this
    std::vector<std::string> words{};  ///< of one_of
};

struct ProcessingRules {
    std::vector<std::string> required_fields;
    std::vector<TypeRule> types;
    std::chrono::microseconds delay_min{1'000};
    std::chrono::microseconds delay_max{50'000};
};

inline constexpr size_t required_fields_max = 50;
inline constexpr size_t rules_max = 100;

/// The specification's: metrics above 80, transactions above 1000, logs of ERROR and FATAL, sensors
/// of poor quality.
ProcessingRules specified_rules();

}  // namespace stoker::load
