#include "cli/java_number.hpp"

#include <charconv>
#include <limits>
#include <system_error>

namespace stoker::cli {
namespace {

std::string for_input(std::string_view text) {
    return "For input string: \"" + std::string(text) + "\"";
}

/// std::from_chars knows no plus sign.
std::string_view without_plus(std::string_view text) {
    if (text.size() > 1 && text[0] == '+' && text[1] != '-' && text[1] != '+')
        text.remove_prefix(1);
    return text;
}

}  // namespace

std::expected<int64_t, std::string> parse_java_long(std::string_view text) {
    const std::string_view digits = without_plus(text);
    int64_t number = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (error != std::errc{} || end != digits.data() + digits.size()) {
        return std::unexpected(for_input(text));
    }
    return number;
}

std::expected<int64_t, std::string> parse_java_int(std::string_view text) {
    const auto number = parse_java_long(text);
    if (!number || *number < std::numeric_limits<int32_t>::min() ||
        *number > std::numeric_limits<int32_t>::max()) {
        return std::unexpected(for_input(text));
    }
    return number;
}

std::expected<double, std::string> parse_java_double(std::string_view text) {
    std::string_view word = text;
    while (!word.empty() && word.front() <= ' ') word.remove_prefix(1);
    while (!word.empty() && word.back() <= ' ') word.remove_suffix(1);
    if (word.empty()) return std::unexpected("empty String");
    std::string_view digits = without_plus(word);
    const std::string_view size = digits.starts_with('-') ? digits.substr(1) : digits;
    const double sign = digits.starts_with('-') ? -1.0 : 1.0;
    if (size == "NaN") return std::numeric_limits<double>::quiet_NaN();
    if (size == "Infinity") return sign * std::numeric_limits<double>::infinity();
    const bool numeric = !size.empty() && (size[0] == '.' || (size[0] >= '0' && size[0] <= '9'));
    if (!numeric) return std::unexpected(for_input(word));
    const std::string_view last = "dDfF";
    if (last.find(digits.back()) != std::string_view::npos) digits.remove_suffix(1);
    double number = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (end != digits.data() + digits.size()) return std::unexpected(for_input(word));
    if (error == std::errc::result_out_of_range) {
        const size_t e = digits.find_first_of("eE");
        const bool tiny = e != std::string_view::npos && digits.substr(e + 1).starts_with('-');
        return tiny ? sign * 0.0 : sign * std::numeric_limits<double>::infinity();
    }
    if (error != std::errc{}) return std::unexpected(for_input(word));
    return number;
}

}  // namespace stoker::cli
