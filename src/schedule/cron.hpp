// Cron expressions: "*/5 * * * *", as crontab(5) has them: minute, hour, day of the month, month,
// day of the week; lists, ranges, steps, names; @hourly and the like.
#pragma once

#include <bitset>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "schedule/zone.hpp"

namespace stoker::schedule {

class Cron {
public:
    /// The error is a sentence that names the field. An expression that no day fulfils (the 30th
    /// of February) is an error too.
    static std::expected<Cron, std::string> parse(std::string_view text);

    /// The first time after `after_ms` at which it fires. With an hour of "*", every hour that
    /// really passes counts, also one that clocks show twice; else what clocks show counts: a time
    /// that is skipped when they are put forward fires at the change, one that comes twice once.
    int64_t next_after(int64_t after_ms, const Zone& zone) const;

private:
    bool day_matches(const CivilTime& time) const;
    std::optional<int64_t> search(int64_t after_ms, const Zone& zone) const;
    std::optional<int64_t> search_instants(int64_t after_ms, const Zone& zone) const;
    std::optional<int64_t> search_clock(int64_t after_ms, const Zone& zone) const;

    std::bitset<60> minutes_;
    std::bitset<24> hours_;
    std::bitset<32> days_;
    std::bitset<13> months_;
    std::bitset<7> weekdays_;
    // As in Vixie's cron: when both are restricted, either will do.
    bool any_day_ = false;
    bool any_weekday_ = false;
};

}  // namespace stoker::schedule
