#include "schedule/cron.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <utility>
#include <vector>

#include "base/check.hpp"

namespace stoker::schedule {
namespace {

constexpr int64_t minute_ms = 60'000;
/// The 29th of February on a given weekday comes again after 40 years at most.
constexpr int years_max = 41;
constexpr size_t text_size_max = 1000;

struct Field {
    std::string_view what;
    int first;
    int last;
    std::array<std::string_view, 12> names{};
};

constexpr Field minute_field{"minute", 0, 59, {}};
constexpr Field hour_field{"hour", 0, 23, {}};
constexpr Field day_field{"day of the month", 1, 31, {}};
constexpr Field month_field{
    "month",
    1,
    12,
    {"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"}};
// 7 is Sunday as well.
constexpr Field weekday_field{
    "day of the week", 0, 7, {"sun", "mon", "tue", "wed", "thu", "fri", "sat"}};

constexpr auto nicknames = std::to_array<std::pair<std::string_view, std::string_view>>({
    {"@yearly", "0 0 1 1 *"},
    {"@annually", "0 0 1 1 *"},
    {"@monthly", "0 0 1 * *"},
    {"@weekly", "0 0 * * 0"},
    {"@daily", "0 0 * * *"},
    {"@midnight", "0 0 * * *"},
    {"@hourly", "0 * * * *"},
});

std::string lower(std::string_view text) {
    std::string low(text);
    std::ranges::transform(low, low.begin(), [](unsigned char c) { return char(std::tolower(c)); });
    return low;
}

std::vector<std::string_view> split(std::string_view text, std::string_view separators) {
    std::vector<std::string_view> parts;
    while (true) {
        const size_t end = text.find_first_of(separators);
        parts.push_back(text.substr(0, end));
        if (end == text.npos) return parts;
        text.remove_prefix(end + 1);
    }
}

std::optional<int> number(std::string_view text) {
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

std::unexpected<std::string> wrong(const Field& field, std::string_view text) {
    return std::unexpected("The " + std::string(field.what) + " '" + std::string(text) +
                           "' of the cron expression is wrong: write *, a number from " +
                           std::to_string(field.first) + " to " + std::to_string(field.last) +
                           ", a range 1-5, a step */5, or a list of these.");
}

std::optional<int> value_of(const Field& field, std::string_view text) {
    for (size_t i = 0; i < field.names.size(); ++i) {
        if (!field.names[i].empty() && field.names[i] == text) return field.first + int(i);
    }
    const auto value = number(text);
    if (!value || *value < field.first || *value > field.last) return std::nullopt;
    return value;
}

/// One item of a list: *, 5, 1-5, and each of them with a step.
template <size_t n>
bool add_item(const Field& field, std::string_view item, std::bitset<n>& into) {
    int step = 1;
    const size_t slash = item.find('/');
    if (slash != item.npos) {
        const auto given = number(item.substr(slash + 1));
        if (!given || *given < 1) return false;
        step = *given;
    }
    const std::string_view range = item.substr(0, slash);
    std::optional<int> first = field.first, last = field.last;
    if (range != "*") {
        const size_t dash = range.find('-');
        first = value_of(field, range.substr(0, dash));
        if (dash != range.npos)
            last = value_of(field, range.substr(dash + 1));
        else if (slash == item.npos)
            last = first;
    }
    if (!first || !last || *first > *last) return false;
    for (int64_t at = *first; at <= *last; at += step) into.set(size_t(at) % n);
    return true;
}

template <size_t n>
std::expected<std::bitset<n>, std::string> parse_field(const Field& field, std::string_view text) {
    std::bitset<n> values;
    for (const std::string_view item : split(text, ",")) {
        if (!add_item(field, item, values)) return wrong(field, text);
    }
    return values;
}

CivilTime next_month(const CivilTime& time) {
    return time.month == 12 ? CivilTime{.year = time.year + 1}
                            : CivilTime{.year = time.year, .month = time.month + 1};
}
CivilTime next_day(const CivilTime& time) {
    return normalised({.year = time.year, .month = time.month, .day = time.day + 1});
}
CivilTime next_minute(CivilTime time, int minutes) {
    time.second = 0;
    time.minute += minutes;
    return normalised(time);
}

}  // namespace

std::expected<Cron, std::string> Cron::parse(std::string_view given) {
    std::string text = lower(given.substr(0, text_size_max));
    for (const auto& [nickname, meaning] : nicknames) {
        if (text == nickname) text = meaning;
    }
    auto fields = split(text, " \t");
    std::erase(fields, "");
    if (fields.size() != 5) {
        return std::unexpected("The cron expression '" + std::string(given) + "' has " +
                               std::to_string(fields.size()) +
                               " fields instead of five: minute, hour, day of the month, month, "
                               "day of the week.");
    }
    Cron cron;
    const auto minutes = parse_field<60>(minute_field, fields[0]);
    const auto hours = parse_field<24>(hour_field, fields[1]);
    const auto days = parse_field<32>(day_field, fields[2]);
    const auto months = parse_field<13>(month_field, fields[3]);
    const auto weekdays = parse_field<7>(weekday_field, fields[4]);
    if (!minutes) return std::unexpected(minutes.error());
    if (!hours) return std::unexpected(hours.error());
    if (!days) return std::unexpected(days.error());
    if (!months) return std::unexpected(months.error());
    if (!weekdays) return std::unexpected(weekdays.error());
    cron.minutes_ = *minutes;
    cron.hours_ = *hours;
    cron.days_ = *days;
    cron.months_ = *months;
    cron.weekdays_ = *weekdays;
    cron.any_day_ = fields[2].starts_with('*');
    cron.any_weekday_ = fields[4].starts_with('*');
    if (!cron.search(0, Zone::find("UTC").value())) {
        return std::unexpected("The cron expression '" + std::string(given) +
                               "' never fires: no such day exists.");
    }
    return cron;
}

bool Cron::day_matches(const CivilTime& time) const {
    const bool day = days_[size_t(time.day)];
    const bool weekday = weekdays_[size_t(time.weekday)];
    return any_day_ || any_weekday_ ? day && weekday : day || weekday;
}

int64_t Cron::next_after(int64_t after_ms, const Zone& zone) const {
    const auto found = search(after_ms, zone);
    STOKER_CHECK(found.has_value(), "an expression that never fires does not parse");
    return *found;
}

std::optional<int64_t> Cron::search(int64_t after_ms, const Zone& zone) const {
    return hours_.all() ? search_instants(after_ms, zone) : search_clock(after_ms, zone);
}

/// Minute by minute as they pass, over days and months that cannot match in one step.
std::optional<int64_t> Cron::search_instants(int64_t after_ms, const Zone& zone) const {
    int64_t at = after_ms - after_ms % minute_ms + minute_ms;
    const int last_year = zone.civil(at).year + years_max;
    while (true) {
        const CivilTime time = zone.civil(at);
        if (time.year > last_year) return std::nullopt;
        if (!months_[size_t(time.month)])
            at = zone.instant(next_month(time));
        else if (!day_matches(time))
            at = zone.instant(next_day(time));
        else if (!minutes_[size_t(time.minute)])
            at += minute_ms;
        else
            return at;
    }
}

/// By what clocks show, which may be no instant or two.
std::optional<int64_t> Cron::search_clock(int64_t after_ms, const Zone& zone) const {
    CivilTime time = next_minute(zone.civil(after_ms), 1);
    const int last_year = time.year + years_max;
    while (time.year <= last_year) {
        if (!months_[size_t(time.month)])
            time = normalised(next_month(time));
        else if (!day_matches(time))
            time = next_day(time);
        else if (!hours_[size_t(time.hour)])
            time = next_minute(time, 60 - time.minute);
        else if (!minutes_[size_t(time.minute)])
            time = next_minute(time, 1);
        else if (const int64_t at = zone.instant(time); at > after_ms)
            return at;
        else
            time = next_minute(time, 1);
    }
    return std::nullopt;
}

}  // namespace stoker::schedule
