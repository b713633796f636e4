// When a schedule fires: once, every so often, or as a cron expression says.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "schedule/cron.hpp"
#include "schedule/zone.hpp"

namespace stoker::schedule {

/// "500ms", "1s", "5m", "2h", "1d"; at least one millisecond. The error is a sentence.
std::expected<int64_t, std::string> parse_period_ms(std::string_view text);
/// "10:00" or "10:00:30", the next time that clocks show it after `now_ms`; "2026-12-24T10:00" (a
/// blank will do for the T), which may be over; with a Z behind it, in UTC. The error is a
/// sentence.
std::expected<int64_t, std::string> parse_time_ms(std::string_view text, const Zone& zone,
                                                  int64_t now_ms);

/// As it was asked for: exactly one of the three has text.
struct RecurrenceText {
    std::string at;
    std::string every;
    std::string cron;
    std::string time_zone;  // empty: the machine's

    bool operator==(const RecurrenceText&) const = default;
};

/// Immutable; any thread.
class Recurrence {
public:
    /// `created_ms` is what "every" counts from and "at 10:00" looks ahead from. The error is a
    /// sentence that says what to write.
    static std::expected<Recurrence, std::string> parse(const RecurrenceText& text,
                                                        int64_t created_ms);

    /// The first time after that; nothing when it will never fire again.
    std::optional<int64_t> next_after(int64_t ms) const;

    struct Passed {
        uint64_t count = 0;
        int64_t last_ms = 0;  // when count is not 0
    };
    /// How often it fires after the one and before the other.
    Passed passed(int64_t after_ms, int64_t before_ms) const;

private:
    struct Once {
        int64_t at_ms;
    };
    struct Every {
        int64_t period_ms;
        int64_t from_ms;
    };
    struct ByCron {
        Cron cron;
        Zone zone;
    };
    using When = std::variant<Once, Every, ByCron>;

    explicit Recurrence(When when) : when_(std::move(when)) {}

    When when_;
};

}  // namespace stoker::schedule
