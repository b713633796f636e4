#include "broker/config/config_value.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>

#include "broker/config/config_rules.hpp"

namespace stoker::broker {
namespace {

// Java's Double.toString writes numbers from 10^-3 up to 10^7 without an exponent.
constexpr int plain_exponent_min = -3;
constexpr int plain_exponent_max = 6;

bool blank(char c) { return static_cast<unsigned char>(c) <= ' '; }

bool equal_but_for_case(std::string_view a, std::string_view b) {
    auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c; };
    return std::ranges::equal(a, b, {}, lower, lower);
}

template <class Integer>
std::expected<std::string, std::string> canonical_integer(const ConfigDeclaration& config,
                                                          std::string_view text,
                                                          std::string_view type) {
    auto value = parse_integer<Integer>(trimmed(text));
    if (!value)
        return std::unexpected(
            invalid_value(config.name, text, "Not a number of type " + std::string(type)));
    std::string shown = std::to_string(*value);
    if (auto fine = check_number(config, double(*value), shown); !fine)
        return std::unexpected(fine.error());
    return shown;
}

std::expected<std::string, std::string> canonical_real(const ConfigDeclaration& config,
                                                       std::string_view text) {
    auto value = parse_real(trimmed(text));
    if (!value)
        return std::unexpected(invalid_value(config.name, text, "Not a number of type DOUBLE"));
    std::string shown = to_text(*value);
    if (auto fine = check_number(config, *value, shown); !fine)
        return std::unexpected(fine.error());
    return shown;
}

std::expected<std::string, std::string> canonical_boolean(const ConfigDeclaration& config,
                                                          std::string_view text) {
    for (std::string_view word : {"true", "false"})
        if (equal_but_for_case(trimmed(text), word)) return std::string(word);
    return std::unexpected(invalid_value(config.name, text,
                                         "Expected value to be either true or false"));
}

std::expected<std::string, std::string> canonical_list(const ConfigDeclaration& config,
                                                       std::string_view text) {
    std::vector<std::string> words = split_list(text);
    if (auto fine = check_list(config, words); !fine) return std::unexpected(fine.error());
    if (config.rule.kind == Rule::Kind::list) {  // its duplicates count once
        std::vector<std::string> unique;
        for (std::string& word : words)
            if (std::ranges::find(unique, word) == unique.end()) unique.push_back(std::move(word));
        words = std::move(unique);
    }
    return join(words, ",");
}

std::expected<std::string, std::string> canonical_text(const ConfigDeclaration& config,
                                                       std::string_view text) {
    std::string_view value = trimmed(text);
    if (auto fine = check_text(config, value); !fine) return std::unexpected(fine.error());
    return std::string(value);
}

// A class must be one that Kafka itself has: Stoker loads no others.
std::expected<std::string, std::string> canonical_class(const ConfigDeclaration& config,
                                                        std::string_view text) {
    std::string_view value = trimmed(text);
    if (value.starts_with("org.apache.kafka.")) return std::string(value);
    return std::unexpected(invalid_value(
        config.name, text, "Class " + std::string(text) + " could not be found."));
}

}  // namespace

std::expected<std::string, std::string> canonical_value(const ConfigDeclaration& config,
                                                        std::string_view text) {
    switch (config.type) {
        case ConfigType::boolean: return canonical_boolean(config, text);
        case ConfigType::int32: return canonical_integer<int32_t>(config, text, "INT");
        case ConfigType::int16: return canonical_integer<int16_t>(config, text, "SHORT");
        case ConfigType::int64: return canonical_integer<int64_t>(config, text, "LONG");
        case ConfigType::real: return canonical_real(config, text);
        case ConfigType::list: return canonical_list(config, text);
        case ConfigType::class_name: return canonical_class(config, text);
        case ConfigType::unknown: return std::string(text);
        case ConfigType::string:
        case ConfigType::password: break;
    }
    return canonical_text(config, text);
}

std::string invalid_value(std::string_view name, std::string_view value, std::string_view why) {
    std::string message = "Invalid value ";
    message.append(value).append(" for configuration ").append(name);
    return message.append(": ").append(why);
}

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && blank(text.front())) text.remove_prefix(1);
    while (!text.empty() && blank(text.back())) text.remove_suffix(1);
    return text;
}

std::vector<std::string> split_list(std::string_view text) {
    text = trimmed(text);
    std::vector<std::string> words;
    if (text.empty()) return words;
    while (true) {
        size_t comma = text.find(',');
        words.emplace_back(trimmed(text.substr(0, comma)));
        if (comma == std::string_view::npos) return words;
        text.remove_prefix(comma + 1);
    }
}

std::string join(const std::vector<std::string>& words, std::string_view separator) {
    std::string joined;
    for (const std::string& word : words) {
        if (&word != &words.front()) joined += separator;
        joined += word;
    }
    return joined;
}

template <class Integer>
std::optional<Integer> parse_integer(std::string_view text) {
    if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
    Integer value = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

template std::optional<int16_t> parse_integer<int16_t>(std::string_view text);
template std::optional<int32_t> parse_integer<int32_t>(std::string_view text);
template std::optional<int64_t> parse_integer<int64_t>(std::string_view text);
template std::optional<uint16_t> parse_integer<uint16_t>(std::string_view text);

std::optional<double> parse_real(std::string_view text) {
    bool negative = text.starts_with('-');
    if (negative || text.starts_with('+')) text.remove_prefix(1);
    double sign = negative ? -1 : 1;
    if (text == "NaN") return std::numeric_limits<double>::quiet_NaN();
    if (text == "Infinity") return sign * std::numeric_limits<double>::infinity();
    if (text.empty() || !(text[0] == '.' || (text[0] >= '0' && text[0] <= '9')))
        return std::nullopt;  // from_chars would take "inf", and a second sign
    if (std::string_view("fFdD").contains(text.back())) text.remove_suffix(1);
    double value = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (end != text.data() + text.size()) return std::nullopt;
    if (error == std::errc::result_out_of_range) {
        bool tiny = text.contains("e-") || text.contains("E-");
        return sign * (tiny ? 0.0 : std::numeric_limits<double>::infinity());
    }
    if (error != std::errc()) return std::nullopt;
    return sign * value;
}

std::string to_text(double value) {
    if (std::isnan(value)) return "NaN";
    if (std::isinf(value)) return value < 0 ? "-Infinity" : "Infinity";
    char buffer[32];
    auto written = std::to_chars(buffer, buffer + sizeof buffer, std::abs(value),
                                 std::chars_format::scientific);
    std::string_view shortest(buffer, size_t(written.ptr - buffer));  // "1.25e+04"
    size_t mark = shortest.find('e');
    int exponent = parse_integer<int32_t>(shortest.substr(mark + 1)).value_or(0);
    std::string digits(shortest.substr(0, 1));
    if (mark > 2) digits += shortest.substr(2, mark - 2);
    std::string sign = std::signbit(value) ? "-" : "";
    bool plain = value == 0 || (exponent >= plain_exponent_min && exponent <= plain_exponent_max);
    if (!plain) {
        std::string fraction = digits.size() > 1 ? digits.substr(1) : "0";
        return sign + digits[0] + "." + fraction + "E" + std::to_string(exponent);
    }
    if (exponent < 0) return sign + "0." + std::string(size_t(-exponent - 1), '0') + digits;
    size_t whole = size_t(exponent) + 1;
    if (digits.size() <= whole) digits.append(whole + 1 - digits.size(), '0');
    return sign + digits.substr(0, whole) + "." + digits.substr(whole);
}

}  // namespace stoker::broker
