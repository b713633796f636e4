// What is to be fired when: all schedules, how far each has come, and the catch-up policies. It
// knows nothing of Kafka; what it is told comes from the compacted topic.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/random.hpp"
#include "schedule/recurrence.hpp"
#include "schedule/schedule.hpp"

namespace stoker::schedule {

/// One message that is due.
struct Firing {
    std::string id;
    std::string topic;
    std::optional<std::string> key;
    std::string message;
    /// When it was meant to be sent.
    int64_t scheduled_ms = 0;
    /// What to keep once it is sent.
    Progress progress;
};

/// One thread.
class Planner {
public:
    /// A time that has passed for longer, or before `running_since_ms`, was missed.
    static constexpr int64_t late_max_ms = 60'000;
    /// Of one schedule by one take_due(); the next gives more.
    static constexpr size_t firings_max = 10'000;

    Planner(Random& random, int64_t running_since_ms)
        : random_(random), running_since_ms_(running_since_ms) {}

    /// A new or changed definition. The error is a sentence; the schedule is not taken then.
    std::expected<void, std::string> put(Schedule schedule);
    void set_progress(const std::string& id, const Progress& progress);
    void remove(const std::string& id);

    struct Due {
        std::vector<Firing> firings;  // in the order of their times
        uint64_t skipped = 0;         // missed, and left out as their policies say
    };
    /// What is due by now. Each is given once; `skipped` and `fired_until` move on with it.
    Due take_due(int64_t now_ms);
    /// When the next one is due; nothing when there is none.
    std::optional<int64_t> next_ms() const;

    struct Entry {
        Schedule schedule;
        Recurrence recurrence;
        Progress progress;

        std::optional<int64_t> next_ms() const {
            return recurrence.next_after(progress.fired_until_ms);
        }
    };
    const std::map<std::string, Entry>& entries() const { return entries_; }

private:
    void take_due(Entry& entry, int64_t now_ms, Due& due);
    Firing fire(Entry& entry, int64_t scheduled_ms);
    void catch_up(Entry& entry, int64_t missed_before_ms, Due& due);

    Random& random_;
    const int64_t running_since_ms_;
    std::map<std::string, Entry> entries_;
    // Of schedules whose definition has not come yet: the two are separate records.
    std::map<std::string, Progress> progress_ahead_;
};

}  // namespace stoker::schedule
