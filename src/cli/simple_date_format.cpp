#include "cli/simple_date_format.hpp"

#include <cctype>
#include <ctime>

#include "kafka/failure.hpp"

namespace stoker::cli {
namespace {

constexpr std::string_view months[] = {"January",   "February", "March",    "April",
                                       "May",       "June",     "July",     "August",
                                       "September", "October",  "November", "December"};
constexpr std::string_view days[] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                     "Thursday", "Friday", "Saturday"};
constexpr size_t short_name = 3;

std::string padded(int64_t number, size_t width) {
    std::string digits = std::to_string(number);
    if (digits.size() < width) digits.insert(0, width - digits.size(), '0');
    return digits;
}

std::string named(std::string_view name, size_t width) {
    return std::string(width > short_name ? name : name.substr(0, short_name));
}

std::string field(char letter, size_t width, const std::tm& time, int64_t ms) {
    const int hour12 = time.tm_hour % 12 == 0 ? 12 : time.tm_hour % 12;
    switch (letter) {
        case 'y':
        case 'u':
            return width == 2 ? padded((time.tm_year + 1900) % 100, 2)
                              : padded(time.tm_year + 1900, width);
        case 'M':
            return width >= short_name ? named(months[time.tm_mon], width)
                                       : padded(time.tm_mon + 1, width);
        case 'd': return padded(time.tm_mday, width);
        case 'D': return padded(time.tm_yday + 1, width);
        case 'H': return padded(time.tm_hour, width);
        case 'k': return padded(time.tm_hour == 0 ? 24 : time.tm_hour, width);
        case 'h': return padded(hour12, width);
        case 'K': return padded(time.tm_hour % 12, width);
        case 'm': return padded(time.tm_min, width);
        case 's': return padded(time.tm_sec, width);
        case 'S': return padded(ms, width);
        case 'a': return time.tm_hour < 12 ? "AM" : "PM";
        case 'E': return named(days[time.tm_wday], width);
        case 'z': return time.tm_zone;
        default: break;
    }
    throw kafka::KafkaException({.exception = "java.lang.IllegalArgumentException",
                                 .message = std::string("Illegal pattern character '") + letter +
                                            "'"});
}

}  // namespace

std::string format_date(std::string_view pattern, int64_t wall_ms) {
    const std::time_t seconds = wall_ms / 1000;
    std::tm time{};
    ::localtime_r(&seconds, &time);
    std::string text;
    for (size_t i = 0; i < pattern.size();) {
        const char c = pattern[i];
        if (c == '\'') {
            const size_t end = pattern.find('\'', i + 1);
            if (end == i + 1) text += '\'';
            else text += pattern.substr(i + 1, end == std::string_view::npos ? end : end - i - 1);
            if (end == std::string_view::npos) break;
            i = end + 1;
        } else if (std::isalpha(static_cast<unsigned char>(c))) {
            size_t width = 1;
            while (i + width < pattern.size() && pattern[i + width] == c) ++width;
            text += field(c, width, time, wall_ms % 1000);
            i += width;
        } else {
            text += c;
            ++i;
        }
    }
    return text;
}

}  // namespace stoker::cli
