// What a shard has to do with the log and with time; the protocol itself is in shard_*.cpp.
#include "broker/group/group_shard.hpp"


#include <algorithm>
#include <type_traits>

#include "base/check.hpp"
#include "base/crc32c.hpp"
#include "broker/group/consumer/consumer_records.hpp"
#include "broker/loggers.hpp"
#include "protocol/message_io.hpp"

namespace stoker::broker {

namespace {

constexpr int64_t never_ms = std::numeric_limits<int64_t>::max();

template <class... F>
struct Overloaded : F... {
    using F::operator()...;
};

}  // namespace

ErrorCode error_of_failed_append(ErrorCode error) {
    switch (error) {
        case ErrorCode::unknown_topic_or_partition:
        case ErrorCode::not_enough_replicas:
        case ErrorCode::request_timed_out:
        case ErrorCode::not_leader_or_follower:
        case ErrorCode::kafka_storage_error: return ErrorCode::coordinator_not_available;
        case ErrorCode::message_too_large:
        case ErrorCode::record_list_too_large:
        case ErrorCode::invalid_fetch_size: return ErrorCode::unknown_server_error;
        default: return error;
    }
}

Group* GroupShard::find(std::string_view group_id) {
    const auto found = groups_.find(group_id);
    return found != groups_.end() && found->second.exists ? &found->second : nullptr;
}

const Group* GroupShard::find(std::string_view group_id) const {
    const auto found = groups_.find(group_id);
    return found != groups_.end() && found->second.exists ? &found->second : nullptr;
}

Group& GroupShard::create(std::string_view group_id) {
    const auto found = groups_.find(group_id);
    if (found != groups_.end()) return found->second;
    Group& group = groups_[std::string(group_id)];
    group.id = group_id;
    return group;
}

PartitionId GroupShard::partition_of(std::string_view group_id) const {
    return offsets_partition_of(group_id, context_.config.offsets_partitions);
}

ErrorCode GroupShard::apply(const OffsetsKey& key, std::optional<ByteView> value,
                            const RecordOrigin& origin) {
    return std::visit(
        Overloaded{[&](const protocol::GroupMetadataKey& group) {
                       return apply_group(group.group, value);
                   },
                   [&](const protocol::OffsetCommitKey& offset) {
                       return apply_offset(offset, value, origin);
                   },
                   // Another kind of group, of a broker that knows more than this one.
                   [](const UnknownKey&) { return ErrorCode::none; },
                   [&](const auto& part) { return apply_consumer(part, value); }},
        key);
}

template <class Key>
ErrorCode GroupShard::apply_consumer(const Key& key, std::optional<ByteView> value) {
    if (value) {
        // Decided on a group of its own when it is new: a record that is refused creates none.
        const auto found = groups_.find(key.group_id);
        if (found != groups_.end() && found->second.consumer) {
            return apply_record(*found->second.consumer, key, value);
        }
        auto consumer = std::make_unique<ConsumerGroup>();
        const auto error = apply_record(*consumer, key, value);
        if (error != ErrorCode::none) return error;
        Group& group = create(key.group_id);
        group.exists = true;
        group.stored = {};
        group.classic = ClassicGroup(std::nullopt);
        group.consumer = std::move(consumer);
        return ErrorCode::none;
    }
    const auto found = groups_.find(key.group_id);
    if (found == groups_.end() || !found->second.consumer) return ErrorCode::none;
    if constexpr (std::is_same_v<Key, protocol::ConsumerGroupMetadataKey>) {
        found->second.exists = false;
        found->second.consumer.reset();
        drop_if_empty(key.group_id);
        return ErrorCode::none;
    } else {
        return apply_record(*found->second.consumer, key, value);
    }
}

ErrorCode GroupShard::apply_group(const std::string& group_id, std::optional<ByteView> value) {
    if (!value) {
        const auto found = groups_.find(group_id);
        if (found == groups_.end()) return ErrorCode::none;
        found->second.exists = false;
        found->second.stored = {};
        found->second.classic = ClassicGroup(std::nullopt);
        found->second.consumer.reset();
        drop_if_empty(group_id);
        return ErrorCode::none;
    }
    const auto parsed = read_group_value(*value);
    if (!parsed) return parsed.error();
    if (const auto error = check_group_value(*parsed); error != ErrorCode::none) return error;
    Group& group = create(group_id);
    group.exists = true;
    group.consumer.reset();
    group.stored = to_bytes(*value);
    return ErrorCode::none;
}

void GroupShard::drop_if_empty(const std::string& group_id) {
    const auto found = groups_.find(group_id);
    const Group& group = found->second;
    if (!group.exists && group.offsets.empty() && group.pending.empty()) groups_.erase(found);
}

ErrorCode GroupShard::write(std::string_view group_id, std::span<const OffsetsRecord> records,
                            const OffsetsProducer& producer) {
    const auto base = context_.append(partition_of(group_id), records, producer);
    if (!base) {
        // The storage layer has told the operator; clients may try again many times.
        group_log().debug("Group {}: {} records could not be appended: {}", group_id,
                          records.size(), name(base.error()));
        return error_of_failed_append(base.error());
    }
    RecordOrigin origin{.offset = *base, .producer = producer.id};
    for (const auto& record : records) {
        const auto key = read_offsets_key(record.key);
        STOKER_CHECK(key.has_value(), "a key of our own can be read back");
        const auto value = record.value ? std::optional<ByteView>(*record.value) : std::nullopt;
        const auto applied = apply(*key, value, origin);
        origin.offset += 1;
        STOKER_CHECK(applied == ErrorCode::none, "a record of our own can be read back");
    }
    return ErrorCode::none;
}

void GroupShard::append_tombstones(const Group& group, std::vector<OffsetsRecord>& tombstones) {
    if (group.consumer) append_group_tombstones(group.id, *group.consumer, tombstones);
    else tombstones.push_back(group_tombstone(group.id));
}

ErrorCode GroupShard::write_tombstones(std::string_view group_id,
                                       std::span<const OffsetsRecord> records) {
    for (size_t at = 0; at < records.size(); at += tombstones_per_batch) {
        const size_t count = std::min(tombstones_per_batch, records.size() - at);
        const auto error = write(group_id, records.subspan(at, count));
        if (error != ErrorCode::none) return error;
    }
    return ErrorCode::none;
}

void GroupShard::on_loaded(const SettingsOf& settings_of, Outbox& out) {
    const int64_t now_ms = context_.clock.monotonic_ms();
    next_expiry_check_ms_ = now_ms + context_.config.offsets_retention_check_interval_ms;
    for (auto& [id, group] : groups_) {
        if (group.consumer) {
            load_consumer(group, settings_of ? settings_of(id) : ConsumerGroupSettings{});
        }
        if (group.stored.empty()) continue;
        const auto value = read_group_value(group.stored);
        STOKER_CHECK(value.has_value(), "what was applied can be read");
        group.classic = ClassicGroup(*value);
        for (auto& [member_id, member] : group.classic.members()) renew_session(group, member);
        if (std::cmp_greater(group.classic.members().size(), context_.config.max_size)) {
            prepare_rebalance(group, "the group is larger than group.max.size", out);
        }
    }
}

void GroupShard::dump(std::vector<std::string>& groups) const {
    const auto dump_offsets = [](const CommittedOffsets& offsets, std::string_view indent) {
        std::string text;
        for (const auto& [topic, partitions] : offsets.topics()) {
            for (const auto& [partition, offset] : partitions) {
                const protocol::OffsetCommitValue& value = offset;
                text += fmt::format("{}{}-{} {}\n", indent, topic, raw(partition),
                                    protocol::print(value));
            }
        }
        return text;
    };
    for (const auto& [id, group] : groups_) {
        const bool has_offsets = !group.offsets.empty() || !group.pending.empty();
        if (group.stored.empty() && !group.consumer && !has_offsets) continue;
        std::string text = fmt::format("group {}\n", id);
        if (!group.stored.empty()) {
            text += fmt::format("  {:08x} {}\n", crc32c(group.stored),
                                protocol::print(*read_group_value(group.stored)));
        }
        if (group.consumer) text += group.consumer->dump();
        text += dump_offsets(group.offsets, "  ");
        for (const auto& [producer, offsets] : group.pending.producers()) {
            text += fmt::format("  pending for producer {}\n", raw(producer));
            text += dump_offsets(offsets, "    ");
        }
        groups.push_back(std::move(text));
    }
}

// --- Timers

void GroupShard::arm(Group& group, int64_t at_ms) {
    if (at_ms >= group.queued_ms) return;
    group.queued_ms = at_ms;
    deadlines_.emplace(at_ms, group.id);
}

int64_t GroupShard::earliest_deadline_ms(const Group& group) const {
    if (group.consumer) return earliest_consumer_deadline_ms(*group.consumer);
    const ClassicGroup& classic = group.classic;
    int64_t earliest = classic.sync_deadline_ms.value_or(never_ms);
    if (classic.join_phase) earliest = std::min(earliest, classic.join_phase->deadline_ms);
    for (const auto& [id, at_ms] : classic.pending) earliest = std::min(earliest, at_ms);
    for (const auto& [id, member] : classic.members()) {
        earliest = std::min(earliest, member.expires_ms.value_or(never_ms));
    }
    return earliest;
}

int64_t GroupShard::next_deadline_ms() const {
    return std::min(deadlines_.empty() ? never_ms : deadlines_.top().first, next_expiry_check_ms_);
}

void GroupShard::tick(Outbox& out) {
    const int64_t now_ms = context_.clock.monotonic_ms();
    while (!deadlines_.empty() && deadlines_.top().first <= now_ms) {
        const auto [at_ms, id] = deadlines_.top();
        deadlines_.pop();
        const auto found = groups_.find(id);
        if (found == groups_.end() || found->second.queued_ms != at_ms) continue;
        found->second.queued_ms = never_ms;
        fire(found->second, now_ms, out);
        // A group that changes its protocol is another one.
        const auto fired = groups_.find(id);
        if (fired != groups_.end()) arm(fired->second, earliest_deadline_ms(fired->second));
    }
    if (next_expiry_check_ms_ <= now_ms) {
        next_expiry_check_ms_ = now_ms + context_.config.offsets_retention_check_interval_ms;
        expire_offsets();
    }
}

void GroupShard::fire(Group& group, int64_t now_ms, Outbox& out) {
    if (group.consumer) return fire_consumer(group, now_ms, out);
    ClassicGroup& classic = group.classic;
    if (classic.join_phase && classic.join_phase->deadline_ms <= now_ms) {
        if (classic.join_phase->initial) end_initial_delay(group, now_ms, out);
        else complete_join(group, out);
    }
    if (classic.sync_deadline_ms && *classic.sync_deadline_ms <= now_ms) {
        expire_pending_sync(group, out);
    }
    std::vector<std::string> late;
    for (const auto& [id, at_ms] : classic.pending) {
        if (at_ms <= now_ms) late.push_back(id);
    }
    for (const auto& [id, member] : classic.members()) {
        if (member.expires_ms.value_or(never_ms) <= now_ms) late.push_back(id);
    }
    for (const auto& id : late) expire_member(group, id, now_ms, out);
}

}  // namespace stoker::broker
