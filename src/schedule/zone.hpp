// A time zone of the IANA database: from instants to what the clocks on the walls show there, and
// back. A thin door to Howard Hinnant's date library, whose headers are heavy.
#pragma once

#include <cstdint>
#include <expected>
#include <string>

namespace stoker::schedule {

/// What a wall clock and a calendar show. Months and days count from 1, weekdays from Sunday = 0.
struct CivilTime {
    int year = 1970;
    int month = 1;
    int day = 1;
    int hour = 0;
    int minute = 0;
    int second = 0;
    int weekday = 4;  // filled by Zone::civil, not read by Zone::instant

    bool operator==(const CivilTime&) const = default;
};

/// A day of that month, and nothing beyond 23:59:59.
bool exists(const CivilTime& time);
/// Days may run over the end of the month, hours over the end of the day, and so on.
CivilTime normalised(CivilTime time);

/// Any thread; cheap to copy.
class Zone {
public:
    /// "Europe/Paris", "UTC"; empty: the zone of this machine. The error is a sentence.
    static std::expected<Zone, std::string> find(const std::string& name);

    const std::string& name() const { return name_; }
    CivilTime civil(int64_t utc_ms) const;
    /// Milliseconds since 1970. A time that is skipped when clocks are put forward is the instant
    /// of the change; one that comes twice when they are put back is the first of the two.
    int64_t instant(const CivilTime& time) const;

private:
    Zone(std::string name, const void* zone) : name_(std::move(name)), zone_(zone) {}

    std::string name_;
    const void* zone_;  // date::time_zone; lives as long as the process
};

}  // namespace stoker::schedule
