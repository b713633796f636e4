// GroupDraft: a consumer group as it will be once what was decided is in the log.
//
// An operation that changes several things has to see the first when it decides on the second, yet
// nothing may change before the log has taken all of it. A draft therefore works on a copy, made
// only when something does change (a member at rest costs none), and collects the records that
// have the same effect. It is thrown away when they have been written.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "broker/group/consumer/consumer_group.hpp"
#include "broker/group/group_records.hpp"

namespace stoker::broker {

class GroupDraft {
public:
    /// `base` must outlive it.
    GroupDraft(std::string group_id, const ConsumerGroup& base)
        : group_id_(std::move(group_id)), base_(&base) {}
    /// Of a group that does not exist yet.
    explicit GroupDraft(std::string group_id)
        : group_id_(std::move(group_id)), copy_(std::in_place) {}

    /// Whoever asks sees these topics only when a regular expression is resolved for them; an empty
    /// function: all. Must outlive the draft.
    using TopicFilter = std::function<bool(const std::string& topic)>;
    void show_only(const TopicFilter& filter) { filter_ = &filter; }
    bool shows(const std::string& topic) const {
        return filter_ == nullptr || !*filter_ || (*filter_)(topic);
    }

    const std::string& group_id() const { return group_id_; }
    const ConsumerGroup& group() const { return copy_ ? *copy_ : *base_; }
    const std::vector<OffsetsRecord>& records() const { return records_; }

    // --- Changes that group() shows at once
    void put_member(const std::string& id, MemberMetadata metadata);
    /// The member with all that it has.
    void remove_member(const std::string& id);
    void put_target(const std::string& id, Assignment target);
    void put_current(const std::string& id, CurrentAssignment current);
    void put_regex(const std::string& regex, ResolvedRegex resolved);
    void remove_regex(const std::string& regex);
    void put_epoch(int32_t epoch, int64_t metadata_hash);
    void put_assignment_epoch(int32_t epoch, int64_t timestamp_ms);

    /// A record whose effect nobody looks at here any more.
    void append(OffsetsRecord record) { records_.push_back(std::move(record)); }

private:
    ConsumerGroup& copy();

    std::string group_id_;
    const TopicFilter* filter_ = nullptr;
    const ConsumerGroup* base_ = nullptr;
    std::optional<ConsumerGroup> copy_;
    std::vector<OffsetsRecord> records_;
};

/// What removes all of a group but its offsets.
void append_group_tombstones(const std::string& group_id, const ConsumerGroup& group,
                             std::vector<OffsetsRecord>& records);

}  // namespace stoker::broker
