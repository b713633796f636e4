// The text of a config's value: read, checked, and written in the one form that Kafka shows. The
// errors are Kafka's own messages, since clients see them.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "broker/config/declaration.hpp"

namespace stoker::broker {

/// Trimmed, numbers and booleans in their usual form, the words of a list joined by ",".
std::expected<std::string, std::string> canonical_value(const ConfigDeclaration& config,
                                                        std::string_view text);

/// "Invalid value -2 for configuration retention.ms: Value must be at least -1"
std::string invalid_value(std::string_view name, std::string_view value, std::string_view why);

/// Without the blanks and control characters at both ends.
std::string_view trimmed(std::string_view text);

/// The words between commas, trimmed; none in an empty text, and an empty one between two commas.
std::vector<std::string> split_list(std::string_view text);
std::string join(const std::vector<std::string>& words, std::string_view separator);

/// As Java reads one: decimal digits with an optional sign, in the type's range.
template <class Integer>
std::optional<Integer> parse_integer(std::string_view text);

/// As Java reads and writes one: 0.5, 1.0E-5, 1.7976931348623157E308, NaN.
std::optional<double> parse_real(std::string_view text);
std::string to_text(double value);

}  // namespace stoker::broker
