#include "storage/leader_epoch_checkpoint.hpp"

#include <algorithm>
#include <limits>

#include "base/check.hpp"
#include "storage/checkpoint_file.hpp"
#include "storage/disk_error.hpp"

namespace stoker::storage {

bool LeaderEpochCache::assign(LeaderEpoch epoch, Offset start) {
    STOKER_CHECK(raw(epoch) >= 0 && raw(start) >= 0, "an epoch and its start are numbers from 0");
    if (!entries_.empty() && entries_.back().epoch == epoch && start >= entries_.back().start) {
        return false;
    }
    while (!entries_.empty() &&
           (entries_.back().epoch >= epoch || entries_.back().start >= start)) {
        entries_.pop_back();
    }
    entries_.push_back({epoch, start});
    return true;
}

EpochEnd LeaderEpochCache::end_offset_for(LeaderEpoch requested, Offset log_end) const {
    if (requested == LeaderEpoch::none || entries_.empty()) return {};
    if (entries_.back().epoch == requested) return {requested, log_end};
    const auto higher = std::ranges::upper_bound(entries_, requested, {}, &EpochStart::epoch);
    if (higher == entries_.end()) return {};
    if (higher == entries_.begin()) return {requested, higher->start};
    return {std::prev(higher)->epoch, higher->start};
}

std::optional<LeaderEpoch> LeaderEpochCache::epoch_at(Offset offset) const {
    const auto after = std::ranges::upper_bound(entries_, offset, {}, &EpochStart::start);
    if (after == entries_.begin()) return std::nullopt;
    return std::prev(after)->epoch;
}

bool LeaderEpochCache::truncate_from_end(Offset end) {
    const size_t before = entries_.size();
    while (!entries_.empty() && raw(end) >= 0 && entries_.back().start >= end) {
        entries_.pop_back();
    }
    return entries_.size() != before;
}

bool LeaderEpochCache::truncate_from_start(Offset start) {
    const auto after = std::ranges::upper_bound(entries_, start, {}, &EpochStart::start);
    if (after == entries_.begin()) return false;
    const auto covering = std::prev(after);
    const bool changed = covering != entries_.begin() || covering->start != start;
    covering->start = start;
    entries_.erase(entries_.begin(), covering);
    return changed;
}

bool LeaderEpochCache::clear() {
    const bool changed = !entries_.empty();
    entries_.clear();
    return changed;
}

std::optional<EpochStart> LeaderEpochCache::earliest() const {
    if (entries_.empty()) return std::nullopt;
    return entries_.front();
}

std::optional<EpochStart> LeaderEpochCache::latest() const {
    if (entries_.empty()) return std::nullopt;
    return entries_.back();
}

DiskResult<LeaderEpochCache> read_leader_epochs(Disk& disk, const std::string& path) {
    const auto content = read_file(disk, path);
    if (!content && content.error().not_found()) return LeaderEpochCache{};
    if (!content) return std::unexpected(content.error());
    const auto lines = parse_checkpoint(path, text_of(*content), 2);
    if (!lines) return std::unexpected(lines.error());
    LeaderEpochCache cache;
    for (const CheckpointLine& line : *lines) {
        const auto epoch = checkpoint_number(path, line, 0, std::numeric_limits<int32_t>::max());
        if (!epoch) return std::unexpected(epoch.error());
        const auto start = checkpoint_number(path, line, 1, std::numeric_limits<int64_t>::max());
        if (!start) return std::unexpected(start.error());
        // Through assign(): a file whose numbers do not rise ends as what its last lines say.
        cache.assign(LeaderEpoch{static_cast<int32_t>(*epoch)}, Offset{*start});
    }
    return cache;
}

std::string format_leader_epochs(const LeaderEpochCache& cache) {
    std::string text = "0\n" + std::to_string(cache.entries().size()) + "\n";
    for (const EpochStart& entry : cache.entries()) {
        text.append(std::to_string(raw(entry.epoch))).append(" ");
        text.append(std::to_string(raw(entry.start))).append("\n");
    }
    return text;
}

DiskResult<void> write_leader_epochs(Disk& disk, const std::string& path,
                                     const LeaderEpochCache& cache) {
    return replace_file(disk, path, bytes_of(format_leader_epochs(cache)));
}

}  // namespace stoker::storage
