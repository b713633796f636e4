#include "workload/ledger/group_ledger.hpp"

#include <algorithm>
#include <array>

namespace stoker::workload {
namespace {

constexpr std::array<std::string_view, findings> names{
    "lost", "acked_missing", "duplicated", "redelivered", "reordered", "corrupted", "aborted_seen"};

}  // namespace

std::string_view name(Finding finding) { return names[size_t(finding)]; }

GroupLedger::GroupLedger(size_t group, size_t producers, size_t partitions)
    : group_(group), producers_(producers), lanes_(producers * partitions), logs_(partitions) {}

bool GroupLedger::read_before(Log& log, int64_t offset) {
    const bool below = offset < log.end;
    log.end = std::max(log.end, offset + 1);
    switch (log.offsets.insert(uint64_t(offset))) {
        case load::SequenceSet::Insert::added: return false;
        case load::SequenceSet::Insert::present: return true;
        // Too many holes to remember them all: what lies below the end is taken for read.
        case load::SequenceSet::Insert::refused: return below;
    }
    return below;
}

bool GroupLedger::record(const Sighting& sighting) {
    const bool again = read_before(logs_[sighting.partition], sighting.offset);
    Example example{.what = Finding::corrupted,
                    .partition = sighting.partition,
                    .producer = sighting.producer,
                    .sequence = sighting.sequence,
                    .offset = sighting.offset};
    // A producer that this run does not have: the header is damaged, whatever its checksum says.
    const bool known = sighting.producer < producers_;
    if (sighting.kind == Sighting::Kind::foreign) {
        ++foreign_;
        return false;
    }
    ++consumed_;
    if (sighting.kind == Sighting::Kind::corrupted || !known) {
        if (!again) note(example);
        return false;
    }
    Lane& lane = lanes_[sighting.partition * producers_ + sighting.producer];
    if (lane.seen.insert(sighting.sequence) != load::SequenceSet::Insert::added) {
        repeated(sighting, lane, again);
        return false;
    }
    ++distinct_;
    if (sighting.offset > lane.last_offset && lane.last_offset >= 0 &&
        sighting.sequence < lane.last_sequence) {
        example.what = Finding::reordered;
        example.earlier_offset = lane.last_offset;
        note(example);
    }
    if (sighting.offset > lane.last_offset) {
        lane.last_offset = sighting.offset;
        lane.last_sequence = std::max(lane.last_sequence, sighting.sequence);
    }
    return true;
}

void GroupLedger::repeated(const Sighting& sighting, const Lane& lane, bool again) {
    note({.what = again ? Finding::redelivered : Finding::duplicated,
          .partition = sighting.partition,
          .producer = sighting.producer,
          .sequence = sighting.sequence,
          .offset = sighting.offset,
          .earlier_offset = again ? -1 : lane.last_offset});
}

void GroupLedger::note(Example example) {
    example.group = group_;
    const auto so_far = counts_[size_t(example.what)]++;
    if (so_far < int64_t(examples_max)) examples_.push_back(example);
}

}  // namespace stoker::workload
