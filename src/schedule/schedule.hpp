// A schedule as it is kept: one record of a compacted topic, a JSON object under the schedule's id,
// beside a second one that says how far it has fired. docs/formats/schedules.md has both.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schedule/recurrence.hpp"

namespace stoker::schedule {

/// What becomes of the times that passed while nobody ran the schedules.
enum class CatchUp { skip, once, all };

std::string_view name(CatchUp policy);
std::optional<CatchUp> parse_catch_up(std::string_view text);

struct Schedule {
    std::string id;
    std::string topic;
    std::optional<std::string> key;
    /// One of them is sent each time.
    std::vector<std::string> messages;
    /// Which: any, or one after another.
    bool random = false;
    RecurrenceText when;
    CatchUp catch_up = CatchUp::skip;
    int64_t created_ms = 0;

    bool operator==(const Schedule&) const = default;
};

/// How far a schedule has fired. It belongs to the definition that was created then, and not to a
/// later one of the same id.
struct Progress {
    int64_t created_ms = 0;
    int64_t fired_until_ms = 0;
    uint64_t count = 0;

    bool operator==(const Progress&) const = default;
};

/// The keys of the two records.
std::string definition_key(std::string_view id);
std::string progress_key(std::string_view id);
struct RecordKey {
    bool progress = false;
    std::string id;
};
/// Nothing for a record that is none of ours.
std::optional<RecordKey> parse_key(std::string_view key);

std::string to_json(const Schedule& schedule);
std::string to_json(const Progress& progress);
/// The error is a sentence.
std::expected<Schedule, std::string> schedule_from_json(std::string_view id, std::string_view json);
std::expected<Progress, std::string> progress_from_json(std::string_view json);

}  // namespace stoker::schedule
