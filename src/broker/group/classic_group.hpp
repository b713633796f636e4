// ClassicGroup: members, votes, leader, generation and state of one group of the classic protocol.
//
// It is a plain model: it knows neither the log nor the clock, and what follows from a change (whom
// to answer, when to start over) is the shard's to decide (group_shard.hpp). Members that have left
// are gone at once; a group that is gone ("Dead" for clients) is no longer here.
//
// The four states:
//     empty                 no members; the group is kept for its offsets and its generation
//     preparing_rebalance   waits until every member has sent JoinGroup
//     completing_rebalance  the new generation is announced; waits for the leader's assignment
//     stable                every member can fetch its assignment
// Threads: whoever holds the shard's lock.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "protocol/messages/11_join_group.hpp"
#include "protocol/messages/14_sync_group.hpp"
#include "protocol/messages/records_consumer_offsets.hpp"

namespace stoker::broker {

enum class ClassicState { empty, preparing_rebalance, completing_rebalance, stable };
/// "PreparingRebalance", as clients and tools read it.
std::string_view name(ClassicState state);

using JoinReply = std::move_only_function<void(protocol::JoinGroupResponse)>;
using SyncReply = std::move_only_function<void(protocol::SyncGroupResponse)>;

/// One assignor (for consumers) that a member offers, with its own data for it.
using MemberProtocol = protocol::JoinGroupRequest::JoinGroupRequestProtocol;

/// The protocol type of consumers: the one whose subscriptions the broker can read.
inline constexpr std::string_view consumer_protocol_type = "consumer";

struct ClassicMember {
    std::string id;
    std::optional<std::string> instance_id;  // a static member (KIP-345)
    std::string client_id;
    std::string client_host;
    int32_t rebalance_timeout_ms = 0;
    int32_t session_timeout_ms = 0;
    std::vector<MemberProtocol> protocols;  // in order of preference, no name twice
    Bytes assignment;

    JoinReply awaiting_join;  // set and taken by ClassicGroup, which counts them
    SyncReply awaiting_sync;
    /// Has never been through a rebalance: it cannot heartbeat yet.
    bool is_new = false;
    /// When the session ends (monotonic ms); nothing: no timer runs.
    std::optional<int64_t> expires_ms;

    bool is_static() const { return instance_id.has_value(); }
    const Bytes* metadata(std::string_view protocol) const;
    /// Waiting for us counts as a sign of life, but not for a new member, whose client may be gone.
    bool session_is_satisfied() const { return !is_new && (awaiting_join || awaiting_sync); }
};

class ClassicGroup {
public:
    using Members = std::map<std::string, ClassicMember, std::less<>>;

    /// A group as it is born: empty, generation 0. `now_ms` is wall time; nothing for a group that
    /// exists only for its offsets.
    explicit ClassicGroup(std::optional<int64_t> now_ms) : state_changed_ms_(now_ms) {}
    /// As the log last had it: Stable with members, Empty without. The value was read by
    /// `check_group_value`.
    explicit ClassicGroup(const protocol::GroupMetadataValue& value);

    ClassicState state() const { return state_; }
    ClassicState previous_state() const { return previous_state_; }
    bool is(ClassicState state) const { return state_ == state; }
    int32_t generation() const { return generation_; }
    const std::optional<std::string>& protocol_type() const { return protocol_type_; }
    const std::optional<std::string>& protocol_name() const { return protocol_name_; }
    const std::optional<std::string>& leader() const { return leader_; }
    /// Wall time of the last change of state; nothing in records of old brokers.
    std::optional<int64_t> state_changed_ms() const { return state_changed_ms_; }
    bool is_consumer_group() const { return protocol_type_ == consumer_protocol_type; }

    Members& members() { return members_; }
    const Members& members() const { return members_; }
    ClassicMember* member(std::string_view id);
    bool is_leader(std::string_view id) const { return leader_ && *leader_ == id; }
    /// The member that holds a static name.
    const std::string* static_member(std::string_view instance_id) const;

    /// Adds a member whose protocols are supported. The first of a group sets its protocol type and
    /// is its leader.
    ClassicMember& add(ClassicMember member, std::string_view protocol_type);
    /// Forgets a member or a pending one; a leader is succeeded by another member. Its replies must
    /// have been answered.
    void remove(std::string_view id);
    /// Gives a static member a new id; all else stays. Its replies must have been answered.
    ClassicMember& rename(const std::string& old_id, const std::string& new_id);
    /// What a member sends when it joins again.
    void update(ClassicMember& member, std::vector<MemberProtocol> protocols,
                int32_t rebalance_timeout_ms, int32_t session_timeout_ms);

    /// Keeps a member's JoinGroup until the new generation is there. There is none yet.
    void await_join(ClassicMember& member, JoinReply reply);
    /// Hands it out again; empty when there is none.
    JoinReply take_join(ClassicMember& member);

    /// FENCED_INSTANCE_ID when another member holds the static name, UNKNOWN_MEMBER_ID when nobody
    /// does or the id is not a member's.
    ErrorCode check_member(std::string_view id,
                           const std::optional<std::string>& instance_id) const;
    /// Whether someone who speaks these could be a member beside those that are there.
    bool supports(std::string_view type, const std::vector<MemberProtocol>& protocols) const;
    /// The protocol that all members support and most prefer. There are members.
    std::string select_protocol() const;
    /// Whether everybody, pending members included, waits for the new generation.
    bool all_joined() const;
    size_t awaiting_join_count() const { return awaiting_join_count_; }
    int32_t rebalance_timeout_ms() const;

    /// Lets a member that waits lead if the leader does not. False when nobody waits.
    bool elect_joined_leader();
    /// One generation further: completing_rebalance, or empty without members.
    void next_generation(int64_t now_ms);
    void move_to(ClassicState state, int64_t now_ms);

    /// The topics that the members subscribe to. Nothing when they cannot be known: no consumers,
    /// a rebalance that was never completed, or subscriptions that do not parse.
    const std::optional<std::set<std::string, std::less<>>>& subscribed_topics() const {
        return subscribed_topics_;
    }
    /// Consumers with unknown subscriptions count as subscribed to everything.
    bool is_subscribed_to(std::string_view topic) const;

    /// What is stored; every member's assignment comes from `assignment_of`.
    protocol::GroupMetadataValue record(
        const std::function<Bytes(const ClassicMember&)>& assignment_of) const;

    /// Members that were given an id (MEMBER_ID_REQUIRED) and have not joined with it: when each is
    /// given up (monotonic ms).
    std::map<std::string, int64_t, std::less<>> pending;
    /// Members of this generation that have not sent SyncGroup.
    std::set<std::string, std::less<>> pending_sync;
    std::optional<int64_t> sync_deadline_ms;

    /// The end of the join phase. In the first rebalance of an empty group it is put off while new
    /// members keep coming: by `delay_ms` at a time, `remaining_ms` at most.
    struct JoinPhase {
        int64_t deadline_ms = 0;
        bool initial = false;
        int32_t delay_ms = 0;
        int32_t remaining_ms = 0;
    };
    std::optional<JoinPhase> join_phase;
    bool new_member_added = false;

private:
    void count_protocols(const ClassicMember& member, int change);
    void read_subscriptions();

    ClassicState state_ = ClassicState::empty;
    ClassicState previous_state_ = ClassicState::empty;
    int32_t generation_ = 0;
    std::optional<int64_t> state_changed_ms_;
    std::optional<std::string> protocol_type_;
    std::optional<std::string> protocol_name_;
    std::optional<std::string> leader_;
    Members members_;
    size_t awaiting_join_count_ = 0;
    std::map<std::string, std::string, std::less<>> static_members_;  // instance id → member id
    std::map<std::string, size_t, std::less<>> supporters_;           // protocol → members
    std::optional<std::set<std::string, std::less<>>> subscribed_topics_;
};

/// Protocols with each name once (the first one counts).
std::vector<MemberProtocol> without_duplicates(std::vector<MemberProtocol> protocols);

/// CORRUPT_MESSAGE when a stored group contradicts itself: members without a protocol, or two of
/// one id or static name.
ErrorCode check_group_value(const protocol::GroupMetadataValue& value);

/// The topics of a consumer's subscription (ConsumerProtocolSubscription: every version begins as
/// version 0 does). Nothing when it does not parse.
std::optional<std::vector<std::string>> subscription_topics(ByteView metadata);

}  // namespace stoker::broker
