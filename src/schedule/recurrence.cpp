#include "schedule/recurrence.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include <fmt/format.h>

namespace stoker::schedule {
namespace {

constexpr int64_t second_ms = 1000;
constexpr int64_t period_max_ms = int64_t{3650} * 24 * 3600 * second_ms;

constexpr auto units = std::to_array<std::pair<std::string_view, int64_t>>({
    {"ms", 1},
    {"s", second_ms},
    {"m", 60 * second_ms},
    {"h", 3600 * second_ms},
    {"d", 24 * 3600 * second_ms},
});

/// Takes `count` digits off the front.
std::optional<int> take_digits(std::string_view& text, size_t count) {
    int value = 0;
    if (text.size() < count) return std::nullopt;
    const auto [end, error] = std::from_chars(text.data(), text.data() + count, value);
    if (error != std::errc{} || end != text.data() + count || text.front() == '-') {
        return std::nullopt;
    }
    text.remove_prefix(count);
    return value;
}

bool take(std::string_view& text, char c) {
    if (!text.starts_with(c)) return false;
    text.remove_prefix(1);
    return true;
}

/// "10:00" and "10:00:30".
bool take_clock(std::string_view& text, CivilTime& time) {
    const auto hour = take_digits(text, 2);
    if (!hour || !take(text, ':')) return false;
    const auto minute = take_digits(text, 2);
    if (!minute) return false;
    time.hour = *hour;
    time.minute = *minute;
    if (!take(text, ':')) return true;
    const auto second = take_digits(text, 2);
    time.second = second.value_or(0);
    return second.has_value();
}

/// "2026-12-24T" and "2026-12-24 ".
bool take_date(std::string_view& text, CivilTime& time) {
    const auto year = take_digits(text, 4);
    if (!year || !take(text, '-')) return false;
    const auto month = take_digits(text, 2);
    if (!month || !take(text, '-')) return false;
    const auto day = take_digits(text, 2);
    if (!day) return false;
    time.year = *year;
    time.month = *month;
    time.day = *day;
    return take(text, 'T') || take(text, ' ');
}

int64_t next_clock(CivilTime time, const Zone& zone, int64_t now_ms) {
    const CivilTime today = zone.civil(now_ms);
    for (int days = 0;; ++days) {
        time.year = today.year;
        time.month = today.month;
        time.day = today.day + days;
        const int64_t at = zone.instant(normalised(time));
        if (at > now_ms) return at;
    }
}

}  // namespace

std::expected<int64_t, std::string> parse_period_ms(std::string_view text) {
    int64_t count = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
    const std::string_view unit(end, size_t(text.data() + text.size() - end));
    for (const auto& [name, ms] : units) {
        const bool fits = error == std::errc{} && count >= 1 && count <= period_max_ms / ms;
        if (fits && unit == name) return count * ms;
    }
    return std::unexpected(fmt::format(
        "'{}' is no period: write a number and ms, s, m, h or d, like 30s or 5m, up to ten years.",
        text));
}

std::expected<int64_t, std::string> parse_time_ms(std::string_view text, const Zone& zone,
                                                  int64_t now_ms) {
    const auto wrong = [&] {
        return std::unexpected(
            fmt::format("'{}' is no time: write 10:00, 10:00:30 or 2026-12-24T10:00.", text));
    };
    std::string_view rest = text;
    CivilTime time;
    const bool has_date = rest.size() > 4 && rest[4] == '-';
    if (has_date && !take_date(rest, time)) return wrong();
    if (!take_clock(rest, time)) return wrong();
    const bool utc = take(rest, 'Z');
    if (!rest.empty() || !exists(time)) return wrong();
    const Zone used = utc ? Zone::find("UTC").value_or(zone) : zone;
    return has_date ? used.instant(time) : next_clock(time, used, now_ms);
}

std::expected<Recurrence, std::string> Recurrence::parse(const RecurrenceText& text,
                                                         int64_t created_ms) {
    const int given = int(!text.at.empty()) + int(!text.every.empty()) + int(!text.cron.empty());
    if (given != 1) return std::unexpected("A schedule has one of --at, --every and --cron.");
    if (!text.every.empty()) {
        const auto period = parse_period_ms(text.every);
        if (!period) return std::unexpected(period.error());
        return Recurrence(Every{*period, created_ms});
    }
    auto zone = Zone::find(text.time_zone);
    if (!zone) return std::unexpected(zone.error());
    if (!text.at.empty()) {
        const auto at = parse_time_ms(text.at, *zone, created_ms);
        if (!at) return std::unexpected(at.error());
        return Recurrence(Once{*at});
    }
    auto cron = Cron::parse(text.cron);
    if (!cron) return std::unexpected(cron.error());
    return Recurrence(ByCron{*cron, *zone});
}

std::optional<int64_t> Recurrence::next_after(int64_t ms) const {
    if (const auto* once = std::get_if<Once>(&when_)) {
        return once->at_ms > ms ? std::optional(once->at_ms) : std::nullopt;
    }
    if (const auto* every = std::get_if<Every>(&when_)) {
        if (ms < every->from_ms) return every->from_ms + every->period_ms;
        return ms + every->period_ms - (ms - every->from_ms) % every->period_ms;
    }
    const auto& by_cron = std::get<ByCron>(when_);
    return by_cron.cron.next_after(ms, by_cron.zone);
}

Recurrence::Passed Recurrence::passed(int64_t after_ms, int64_t before_ms) const {
    Passed passed;
    if (const auto* every = std::get_if<Every>(&when_)) {
        // Years of a period of milliseconds cannot be gone through one by one.
        const auto periods = [&](int64_t ms) {
            return ms < every->from_ms ? 0 : (ms - every->from_ms) / every->period_ms;
        };
        const int64_t last = periods(before_ms - 1);
        passed.count = uint64_t(std::max<int64_t>(last - periods(after_ms), 0));
        passed.last_ms = every->from_ms + last * every->period_ms;
        return passed;
    }
    auto next = next_after(after_ms);
    while (next && *next < before_ms) {
        ++passed.count;
        passed.last_ms = *next;
        next = next_after(*next);
    }
    return passed;
}

}  // namespace stoker::schedule
