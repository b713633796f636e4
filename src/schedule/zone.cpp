#include "schedule/zone.hpp"

#include <date/tz.h>

#include <exception>

namespace stoker::schedule {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr int hours_a_day = 24;
constexpr int sixty = 60;

const date::time_zone& zone_of(const void* zone) {
    return *static_cast<const date::time_zone*>(zone);
}

date::year_month_day date_of(const CivilTime& time) {
    return date::year{time.year} / time.month / time.day;
}

date::local_seconds local_of(const CivilTime& time) {
    return date::local_days{date_of(time)} + std::chrono::hours{time.hour} +
           std::chrono::minutes{time.minute} + seconds{time.second};
}

CivilTime civil_of(date::local_seconds local) {
    const auto day = date::floor<date::days>(local);
    const date::year_month_day date{day};
    const date::hh_mm_ss<seconds> clock{local - day};
    return {.year = int(date.year()),
            .month = int(unsigned(date.month())),
            .day = int(unsigned(date.day())),
            .hour = int(clock.hours().count()),
            .minute = int(clock.minutes().count()),
            .second = int(clock.seconds().count()),
            .weekday = int(date::weekday{day}.c_encoding())};
}

}  // namespace

bool exists(const CivilTime& time) {
    return date_of(time).ok() && time.hour >= 0 && time.hour < hours_a_day && time.minute >= 0 &&
           time.minute < sixty && time.second >= 0 && time.second < sixty;
}

CivilTime normalised(CivilTime time) {
    const auto month = date::year{time.year} / time.month / 1;
    const auto days = date::local_days{month} + date::days{time.day - 1};
    return civil_of(days + std::chrono::hours{time.hour} + std::chrono::minutes{time.minute} +
                    seconds{time.second});
}

std::expected<Zone, std::string> Zone::find(const std::string& name) {
    try {
        const date::time_zone* zone = name.empty() ? date::current_zone() : date::locate_zone(name);
        return Zone(zone->name(), zone);
    } catch (const std::exception&) {
        if (name.empty()) return find("UTC");
        return std::unexpected("'" + name +
                               "' is no time zone of this machine's database: write it like "
                               "Europe/Paris or UTC.");
    }
}

CivilTime Zone::civil(int64_t utc_ms) const {
    const date::sys_time<milliseconds> utc{milliseconds{utc_ms}};
    return civil_of(zone_of(zone_).to_local(date::floor<seconds>(utc)));
}

int64_t Zone::instant(const CivilTime& time) const {
    const auto utc = zone_of(zone_).to_sys(local_of(time), date::choose::earliest);
    return milliseconds{utc.time_since_epoch()}.count();
}

}  // namespace stoker::schedule
