// ConsumerGroup: one group of the consumer protocol (KIP-848), as its records say it is.
//
// It is a plain model: nothing here knows the log, the clock or the topics. A change is a record
// that is taken in (consumer_records.hpp), live and at replay alike; what must be kept only while
// the broker runs is the timers.
//
// Three epochs and one hash tell how far things are:
//     epoch             rises when members, subscriptions or topics change
//     assignment_epoch  the epoch for which a target assignment was computed
//     member's epoch    the assignment epoch that it has been reconciled with
//     metadata_hash     of the subscribed topics, to see when they have changed
// Threads: whoever holds the shard's lock.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "broker/group/classic_group.hpp"
#include "broker/group/consumer/assignment.hpp"
#include "broker/group/consumer/assignor.hpp"

namespace stoker::broker {

/// Kafka's own numbers; any other is unknown.
enum class MemberState : int8_t {
    stable = 0,
    unrevoked_partitions = 1,    // waits for the member to give partitions up
    unreleased_partitions = 2,   // waits for other members to give up what it is to get
    unknown = 127,
};

/// What a member is known by and wants: ConsumerGroupMemberMetadata.
struct MemberMetadata {
    std::optional<std::string> instance_id;  // a static member
    std::optional<std::string> rack_id;
    std::string client_id;
    std::string client_host;
    std::set<std::string> topics;
    /// Empty or nothing: none. The two are kept apart because the records do.
    std::optional<std::string> regex = "";
    int32_t rebalance_timeout_ms = -1;
    std::optional<std::string> assignor;
    /// Of a member that speaks the classic protocol.
    struct Classic {
        int32_t session_timeout_ms = 0;
        std::vector<MemberProtocol> protocols;
        bool operator==(const Classic&) const = default;
    };
    std::optional<Classic> classic;

    bool has_regex() const { return regex && !regex->empty(); }
    bool operator==(const MemberMetadata&) const = default;
};

/// A static member that has left for a while.
inline constexpr int32_t left_for_a_while_epoch = -2;
inline constexpr int32_t left_epoch = -1;
inline constexpr int32_t joining_epoch = 0;

/// Where it is on the way to its target: ConsumerGroupCurrentMemberAssignment.
struct CurrentAssignment {
    int32_t epoch = joining_epoch;
    int32_t previous_epoch = -1;
    MemberState state = MemberState::stable;
    EpochAssignment assigned;
    EpochAssignment revoking;  // it has not confirmed yet that it gave these up

    bool is_reconciled_to(int32_t assignment_epoch) const {
        return state == MemberState::stable && epoch == assignment_epoch;
    }
    bool operator==(const CurrentAssignment&) const = default;
};

struct ConsumerMember {
    std::string id;
    MemberMetadata metadata;
    CurrentAssignment current;

    bool is_classic() const { return metadata.classic.has_value(); }
};

/// Monotonic ms at which a member is given up, unless something happens before.
struct MemberTimers {
    std::optional<int64_t> session_ms;
    /// It has to give partitions up until then; only while it stays at this epoch.
    std::optional<int64_t> rebalance_ms;
    int32_t rebalance_epoch = 0;
    std::optional<int64_t> join_ms;  // a classic member must join again
    std::optional<int64_t> sync_ms;  // a classic member must send SyncGroup
};

struct ResolvedRegex {
    std::set<std::string> topics;
    int64_t version = 0;       // of the topics it was matched with
    int64_t timestamp_ms = 0;  // wall time
    bool operator==(const ResolvedRegex&) const = default;
};

enum class ConsumerState { empty, assigning, reconciling, stable };
/// "Reconciling", as clients and tools read it.
std::string_view name(ConsumerState state);

class ConsumerGroup {
public:
    using Members = std::map<std::string, ConsumerMember, std::less<>>;
    using Targets = std::map<std::string, Assignment, std::less<>>;
    using Regexes = std::map<std::string, ResolvedRegex, std::less<>>;
    /// How many members name a topic, and how many expressions match it.
    struct Subscribers {
        size_t by_name = 0;
        size_t by_regex = 0;
        bool operator==(const Subscribers&) const = default;
    };

    // As Kafka's groups are born; a first record sets them, or a later one has.
    int32_t epoch = 1;
    int64_t metadata_hash = 0;
    int32_t assignment_epoch = 1;
    int64_t assignment_timestamp_ms = 0;  // wall time; 0: never
    /// Brokers before 4.1 stored the topics themselves: that record is to be removed.
    bool has_partition_metadata = false;
    /// The version of the topics that `metadata_hash` was last compared with.
    std::optional<int64_t> checked_version;
    std::map<std::string, MemberTimers, std::less<>> timers;

    const Members& members() const { return members_; }
    const ConsumerMember* member(std::string_view id) const;
    const ConsumerMember* static_member(std::string_view instance_id) const;
    /// Empty for who has none.
    const Assignment& target(std::string_view member_id) const;
    const Targets& targets() const { return targets_; }
    const Regexes& regexes() const { return regexes_; }
    const ResolvedRegex* regex(std::string_view regex) const;
    /// Members that subscribe with an expression.
    size_t regex_members(std::string_view regex) const;
    const std::map<std::string, size_t, std::less<>>& subscribed_regexes() const {
        return regex_members_;
    }
    const std::map<std::string, Subscribers, std::less<>>& subscribed_topics() const {
        return subscribed_topics_;
    }
    /// Named by the member or matched by its expression.
    std::set<std::string> topics_of(const MemberMetadata& member) const;
    /// Whether some member has a partition or has not given it up yet.
    bool is_held(const Uuid& topic, PartitionId partition) const;
    ConsumerState state() const;
    size_t classic_members() const;
    /// The assignor that most members want; nothing: they leave it to the broker.
    std::optional<std::string> preferred_assignor() const;
    /// Whether all members that speak the classic protocol know one of these.
    bool supports(std::string_view type, const std::vector<MemberProtocol>& protocols) const;

    // --- What records do
    void put_member(const std::string& id, MemberMetadata metadata);
    void remove_member(std::string_view id);
    void put_current(const std::string& id, CurrentAssignment current);
    void put_target(const std::string& id, Assignment target);
    void remove_target(std::string_view id);
    void put_regex(const std::string& regex, ResolvedRegex resolved);
    void remove_regex(std::string_view regex);

    /// All of it as text, sorted.
    std::string dump() const;

private:
    ConsumerMember& member_or_new(const std::string& id);
    void count_subscriptions(const MemberMetadata& metadata, bool add);
    void count_holdings(const CurrentAssignment& current, bool add);

    Members members_;
    Targets targets_;
    Regexes regexes_;
    // What follows from the above.
    std::map<std::string, std::string, std::less<>> static_members_;  // instance id → member id
    std::map<std::string, Subscribers, std::less<>> subscribed_topics_;
    std::map<std::string, size_t, std::less<>> regex_members_;
    std::map<Uuid, std::map<PartitionId, size_t>> holders_;
};

}  // namespace stoker::broker
