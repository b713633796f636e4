// Integer.parseInt, Long.parseLong and Double.parseDouble, with the message of the
// NumberFormatException where the text is no such number.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace stoker::cli {

std::expected<int64_t, std::string> parse_java_int(std::string_view text);
std::expected<int64_t, std::string> parse_java_long(std::string_view text);
/// Blanks around it, a trailing d or f, NaN and Infinity are Java's; hexadecimal is not served.
std::expected<double, std::string> parse_java_double(std::string_view text);

}  // namespace stoker::cli
