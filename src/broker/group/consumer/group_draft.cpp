#include "broker/group/consumer/group_draft.hpp"

#include "broker/group/consumer/consumer_records.hpp"

namespace stoker::broker {

ConsumerGroup& GroupDraft::copy() {
    if (!copy_) copy_ = *base_;
    return *copy_;
}

void GroupDraft::put_member(const std::string& id, MemberMetadata metadata) {
    append(member_record(group_id_, id, metadata));
    copy().put_member(id, std::move(metadata));
}

void GroupDraft::remove_member(const std::string& id) {
    append(current_tombstone(group_id_, id));
    append(target_tombstone(group_id_, id));
    append(member_tombstone(group_id_, id));
    copy().remove_target(id);
    copy().remove_member(id);
}

void GroupDraft::put_target(const std::string& id, Assignment target) {
    append(target_record(group_id_, id, target));
    copy().put_target(id, std::move(target));
}

void GroupDraft::put_current(const std::string& id, CurrentAssignment current) {
    append(current_record(group_id_, id, current));
    copy().put_current(id, std::move(current));
}

void GroupDraft::put_regex(const std::string& regex, ResolvedRegex resolved) {
    append(regex_record(group_id_, regex, resolved));
    copy().put_regex(regex, std::move(resolved));
}

void GroupDraft::remove_regex(const std::string& regex) {
    append(regex_tombstone(group_id_, regex));
    copy().remove_regex(regex);
}

void GroupDraft::put_epoch(int32_t epoch, int64_t metadata_hash) {
    append(epoch_record(group_id_, epoch, metadata_hash));
    copy().epoch = epoch;
    copy().metadata_hash = metadata_hash;
}

void GroupDraft::put_assignment_epoch(int32_t epoch, int64_t timestamp_ms) {
    append(assignment_epoch_record(group_id_, epoch, timestamp_ms));
    copy().assignment_epoch = epoch;
    copy().assignment_timestamp_ms = timestamp_ms;
}

void append_group_tombstones(const std::string& group_id, const ConsumerGroup& group,
                             std::vector<OffsetsRecord>& records) {
    const auto each_member = [&](auto make_tombstone) {
        for (const auto& [id, member] : group.members()) {
            records.push_back(make_tombstone(group_id, id));
        }
    };
    each_member(current_tombstone);
    each_member(target_tombstone);
    records.push_back(assignment_epoch_tombstone(group_id));
    each_member(member_tombstone);
    for (const auto& [regex, resolved] : group.regexes()) {
        records.push_back(regex_tombstone(group_id, regex));
    }
    records.push_back(partition_metadata_tombstone(group_id));
    records.push_back(epoch_tombstone(group_id));
}

}  // namespace stoker::broker
