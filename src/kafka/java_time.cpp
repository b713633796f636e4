#include "kafka/java_time.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <chrono>
#include <optional>

namespace stoker::kafka {
namespace {

std::unexpected<Failure> unparseable(std::string message) {
    return failed(
        Failure{.exception = "java.text.ParseException", .message = std::move(message)});
}

/// Takes pieces off the front of a text.
class Scanner {
public:
    explicit Scanner(std::string_view text) : rest_(text) {}

    bool take(char c) {
        if (rest_.empty() || rest_.front() != c) return false;
        rest_.remove_prefix(1);
        return true;
    }
    /// A letter in either case.
    bool take_letter(char upper) { return take(upper) || take(static_cast<char>(upper + 32)); }
    /// Digits without a sign, so many at most.
    std::optional<int64_t> number(size_t digits_max) {
        size_t size = 0;
        while (size < std::min(rest_.size(), digits_max) &&
               std::isdigit(static_cast<unsigned char>(rest_[size])) != 0) {
            ++size;
        }
        int64_t value = 0;
        const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + size, value);
        if (size == 0 || error != std::errc{}) return std::nullopt;
        rest_.remove_prefix(size);
        return value;
    }
    bool at_end() const { return rest_.empty(); }
    std::string_view rest() const { return rest_; }

private:
    std::string_view rest_;
};

/// Minutes east of Greenwich; a number of hours, of hours and minutes, or Z.
std::optional<int64_t> zone(Scanner& scanner) {
    if (scanner.take('Z')) return 0;
    const bool east = scanner.take('+');
    if (!east && !scanner.take('-')) return std::nullopt;
    const auto hours = scanner.number(2);
    if (!hours || *hours > 23) return std::nullopt;
    int64_t minutes = 0;
    if (!scanner.at_end()) {
        scanner.take(':');
        const auto told = scanner.number(2);
        if (!told || *told > 59) return std::nullopt;
        minutes = *told;
    }
    return (east ? 1 : -1) * (*hours * 60 + minutes);
}

std::optional<int64_t> date_time(Scanner scanner) {
    const auto part = [&](char before, int64_t max, size_t digits = 2) -> std::optional<int64_t> {
        if (before != '\0' && !scanner.take(before)) return std::nullopt;
        const auto value = scanner.number(digits);
        return value && *value <= max ? value : std::nullopt;
    };
    const auto year = part('\0', 32767, 9);
    const auto month = year ? part('-', 12) : std::nullopt;
    const auto day = month ? part('-', 31) : std::nullopt;
    const auto hour = day ? part('T', 23) : std::nullopt;
    const auto minute = hour ? part(':', 59) : std::nullopt;
    const auto second = minute ? part(':', 59) : std::nullopt;
    const auto millis = second ? part('.', 999, 9) : std::nullopt;
    const auto east = millis ? zone(scanner) : std::nullopt;
    if (!east || !scanner.at_end()) return std::nullopt;
    const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(*year)),
                                           std::chrono::month(static_cast<unsigned>(*month)),
                                           std::chrono::day(static_cast<unsigned>(*day))};
    if (!date.ok()) return std::nullopt;
    const int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
    const int64_t minutes = (days * 24 + *hour) * 60 + *minute - *east;
    return (minutes * 60 + *second) * 1000 + *millis;
}

struct DurationUnit {
    char letter;
    int64_t ms;
};
constexpr DurationUnit duration_units[] = {
    {'D', 86'400'000}, {'H', 3'600'000}, {'M', 60'000}, {'S', 1000}};
constexpr size_t seconds_unit = 3;

/// "4.5S" in milliseconds, of the unit `unit` or one after it, which `unit` then is.
std::optional<int64_t> duration_part(Scanner& scanner, size_t& unit) {
    constexpr size_t digits_max = 12;
    const auto value = scanner.number(digits_max);
    if (!value) return std::nullopt;
    int64_t fraction_ms = 0;
    if (scanner.take('.') || scanner.take(',')) {
        // At most nanoseconds; what is finer than a millisecond is dropped.
        const std::string_view before = scanner.rest();
        const auto fraction = scanner.number(9);
        const size_t size = before.size() - scanner.rest().size();
        for (size_t i = 0; fraction && i < 3; ++i) {
            fraction_ms = fraction_ms * 10 + (i < size ? before[i] - '0' : 0);
        }
        if (unit > seconds_unit) return std::nullopt;
        unit = seconds_unit;
    }
    while (unit <= seconds_unit && !scanner.take_letter(duration_units[unit].letter)) ++unit;
    int64_t ms = 0;
    if (unit > seconds_unit || __builtin_mul_overflow(*value, duration_units[unit].ms, &ms)) {
        return std::nullopt;
    }
    return ms + fraction_ms;
}

}  // namespace

Outcome<int64_t> parse_date_time(std::string_view text) {
    const size_t t = text.find('T');
    if (t == std::string_view::npos || t + 1 == text.size()) {
        return unparseable(
            "Error parsing timestamp. It does not contain a 'T' according to ISO8601 format");
    }
    std::string zoned(text);
    if (text.substr(t).find_first_of("+-Z") == std::string_view::npos) zoned += 'Z';
    if (const auto millis = date_time(Scanner(zoned))) return *millis;
    return unparseable("Unparseable date: \"" + zoned + "\"");
}

Outcome<int64_t> parse_duration_ms(std::string_view text) {
    const auto bad = failed(Failure{.exception = "java.time.format.DateTimeParseException",
                                    .message = "Text cannot be parsed to a Duration"});
    const auto sign_of = [](Scanner& s) { return s.take('-') ? -1 : (s.take('+'), 1); };
    Scanner scanner(text);
    const int sign = sign_of(scanner);
    if (!scanner.take_letter('P')) return bad;
    int64_t total = 0;
    bool any = false;
    size_t unit = 0;
    bool in_time = false;
    while (!scanner.at_end()) {
        if (!in_time && scanner.take_letter('T')) {
            in_time = true;
            unit = std::max<size_t>(unit, 1);
            any = false;
            continue;
        }
        const int own_sign = sign_of(scanner);
        const auto part = duration_part(scanner, unit);
        if (!part || (unit > 0) != in_time) return bad;
        if (__builtin_add_overflow(total, own_sign * *part, &total)) return bad;
        ++unit;
        any = true;
    }
    if (!any) return bad;
    return sign * total;
}

}  // namespace stoker::kafka
