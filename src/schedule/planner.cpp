#include "schedule/planner.hpp"

#include <algorithm>
#include <utility>

namespace stoker::schedule {

std::expected<void, std::string> Planner::put(Schedule schedule) {
    auto recurrence = Recurrence::parse(schedule.when, schedule.created_ms);
    if (!recurrence) return std::unexpected(recurrence.error());
    const std::string id = schedule.id;
    Progress progress{.created_ms = schedule.created_ms, .fired_until_ms = schedule.created_ms};
    const auto before = entries_.find(id);
    if (before != entries_.end() && before->second.progress.created_ms == schedule.created_ms) {
        progress = before->second.progress;
    }
    entries_.insert_or_assign(id, Entry{std::move(schedule), std::move(*recurrence), progress});
    if (const auto ahead = progress_ahead_.extract(id)) set_progress(id, ahead.mapped());
    return {};
}

void Planner::set_progress(const std::string& id, const Progress& progress) {
    const auto found = entries_.find(id);
    if (found == entries_.end()) {
        progress_ahead_[id] = progress;
        return;
    }
    Progress& known = found->second.progress;
    if (progress.created_ms == known.created_ms && progress.fired_until_ms > known.fired_until_ms) {
        known = progress;
    }
}

void Planner::remove(const std::string& id) {
    entries_.erase(id);
    progress_ahead_.erase(id);
}

Planner::Due Planner::take_due(int64_t now_ms) {
    Due due;
    for (auto& [id, entry] : entries_) take_due(entry, now_ms, due);
    std::ranges::stable_sort(due.firings, {}, &Firing::scheduled_ms);
    return due;
}

void Planner::take_due(Entry& entry, int64_t now_ms, Due& due) {
    catch_up(entry, std::min(now_ms, std::max(running_since_ms_, now_ms - late_max_ms)), due);
    for (size_t i = 0; i < firings_max; ++i) {
        const auto next = entry.next_ms();
        if (!next || *next > now_ms) return;
        due.firings.push_back(fire(entry, *next));
    }
}

/// What was missed before that time is left out, but for the last one under `once`.
void Planner::catch_up(Entry& entry, int64_t missed_before_ms, Due& due) {
    int64_t& until = entry.progress.fired_until_ms;
    if (entry.schedule.catch_up == CatchUp::all || until >= missed_before_ms - 1) return;
    const auto missed = entry.recurrence.passed(until, missed_before_ms);
    due.skipped += missed.count;
    if (missed.count > 0 && entry.schedule.catch_up == CatchUp::once) {
        due.firings.push_back(fire(entry, missed.last_ms));
        --due.skipped;
    }
    until = missed_before_ms - 1;
}

Firing Planner::fire(Entry& entry, int64_t scheduled_ms) {
    const Schedule& schedule = entry.schedule;
    const size_t which = schedule.random ? size_t(random_.below(schedule.messages.size()))
                                         : entry.progress.count % schedule.messages.size();
    entry.progress.fired_until_ms = scheduled_ms;
    ++entry.progress.count;
    return {.id = schedule.id,
            .topic = schedule.topic,
            .key = schedule.key,
            .message = schedule.messages[which],
            .scheduled_ms = scheduled_ms,
            .progress = entry.progress};
}

std::optional<int64_t> Planner::next_ms() const {
    std::optional<int64_t> earliest;
    for (const auto& [id, entry] : entries_) {
        const auto next = entry.next_ms();
        if (next && (!earliest || *next < *earliest)) earliest = next;
    }
    return earliest;
}

}  // namespace stoker::schedule
