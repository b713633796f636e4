// MessageTemplate: what a type of message consists of, as data, so that a configuration file can
// change the ranges and add types. The five types of the load bombers' specification are written
// in the same way.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace stoker::load {

/// A field and where its value comes from.
struct Field {
    enum class Kind : uint8_t {
        text,     ///< always the same
        id,       ///< a prefix and a whole number, as text: "user_17"
        whole,    ///< a whole number
        decimal,  ///< a number with so many digits after the point
        word,     ///< one of some words
        address,  ///< an IPv4 address, each part of it in the range
    };
    std::string name;
    Kind kind = Kind::text;
    std::string text{};  ///< the text, or the prefix
    int64_t low = 0;     ///< inclusive; of a decimal: in units of its last digit
    int64_t high = 0;
    int digits = 0;
    std::vector<std::string> words{};
};

struct MessageTemplate {
    std::string type;  ///< the value of the field "type"
    int64_t weight = 1;
    std::string key;  ///< the field that is the message's key, of the kind text, id or word
    std::vector<Field> fields{};
};

inline constexpr int field_digits_max = 6;
inline constexpr int64_t field_number_max = 1'000'000'000'000;
inline constexpr size_t fields_max = 200;
inline constexpr size_t templates_max = 100;
inline constexpr size_t words_max = 10'000;
inline constexpr size_t field_text_max = 100'000;
inline constexpr int64_t weight_max = 1'000'000;

/// user_activity, system_metrics, transaction, log_event, sensor_data.
std::vector<MessageTemplate> specified_templates();

/// 10 to the power of `digits`.
int64_t power_of_ten(int digits);

}  // namespace stoker::load
