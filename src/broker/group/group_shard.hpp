// GroupShard: the groups of some partitions of __consumer_offsets and all that can happen to them.
//
// A shard is a state machine under one lock (group_coordinator.hpp): an operation runs to its end,
// appends what must be remembered, and leaves the answers in an Outbox. Waiting means that a member
// keeps the reply.
//
// What is remembered. Of a classic group the log holds the last completed generation (kept here as
// `Group::stored`, byte for byte); a rebalance in progress is not remembered: after a restart the
// group is back in its last stable generation, and its members learn from their next request that
// they must join again, as after a failover between brokers. A consumer group is in the log with
// all that it is. Committed offsets are the same for both. `apply` is the one function that takes
// a record in, live and at replay.
//
// The rules are those of Apache Kafka: classic groups with KIP-345 (static members), KIP-394
// (member ids before joining), KIP-814 (static leaders skip the assignment); consumer groups with
// KIP-848, in which members may still speak the classic protocol.
//
// Timers. All deadlines of a group live in its members and phases; the heap holds, per group, one
// entry at or before the earliest of them. A heartbeat only moves a member's deadline; the entry is
// looked at when it is due and put back.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <queue>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "broker/group/classic_group.hpp"
#include "broker/group/committed_offsets.hpp"
#include "broker/group/consumer/consumer_group.hpp"
#include "broker/group/consumer/group_draft.hpp"
#include "broker/group/consumer/topic_image.hpp"
#include "broker/group/group_config.hpp"
#include "broker/group/group_records.hpp"
#include "broker/group/outbox.hpp"
#include "broker/outcome.hpp"
#include "protocol/messages/08_offset_commit.hpp"
#include "protocol/messages/09_offset_fetch.hpp"
#include "protocol/messages/12_heartbeat.hpp"
#include "protocol/messages/13_leave_group.hpp"
#include "protocol/messages/15_describe_groups.hpp"
#include "protocol/messages/16_list_groups.hpp"
#include "protocol/messages/47_offset_delete.hpp"
#include "protocol/messages/68_consumer_group_heartbeat.hpp"
#include "protocol/messages/69_consumer_group_describe.hpp"
#include "storage/transaction_verification.hpp"

namespace stoker::broker {

/// In whose transaction records are written; none: in nobody's.
struct OffsetsProducer {
    ProducerId id = ProducerId::none;
    int16_t epoch = -1;
    /// That the transaction coordinator knows of it (KIP-890).
    storage::VerificationGuard verification = storage::VerificationGuard::none;
};

/// Appends one batch to a partition of __consumer_offsets, into the page cache at least. The offset
/// of its first record.
using Appender = std::function<Result<Offset>(PartitionId, std::span<const OffsetsRecord>,
                                              const OffsetsProducer&)>;

/// Where a record of __consumer_offsets is, and in whose transaction.
struct RecordOrigin {
    Offset offset{-1};
    ProducerId producer = ProducerId::none;
};

/// Who asks: the client id of the request header, and the host as Kafka prints it ("/127.0.0.1").
struct GroupClient {
    std::string id;
    std::string host;
    /// Which topics it may know of; empty: all.
    std::function<bool(const std::string& topic)> may_describe = {};
};

/// A request with the version it came in.
template <class Request>
struct GroupCall {
    Request request;
    int16_t version = 0;
    GroupClient client = {};
};

/// One group of the namespace that all kinds of groups share.
struct Group {
    std::string id;
    /// False for offsets whose group a tombstone has removed: nobody sees such a group.
    bool exists = false;
    /// The value of the group's last record; empty when it exists only for its offsets.
    Bytes stored;
    ClassicGroup classic{std::nullopt};
    /// Set for a group of the consumer protocol; `classic` is an empty one then.
    std::unique_ptr<ConsumerGroup> consumer;
    CommittedOffsets offsets;
    PendingOffsets pending;
    /// Due time of its entry in the heap of deadlines.
    int64_t queued_ms = std::numeric_limits<int64_t>::max();

    /// Without members, in either protocol.
    bool is_empty() const {
        return consumer ? consumer->members().empty() : classic.is(ClassicState::empty);
    }
    bool is_subscribed_to(std::string_view topic) const {
        return consumer ? consumer->subscribed_topics().contains(topic)
                        : classic.is_subscribed_to(topic);
    }
};

using ConsumerHeartbeatReply =
    std::move_only_function<void(protocol::ConsumerGroupHeartbeatResponse)>;

class GroupShard {
public:
    struct Context {
        Clock& clock;
        Random& random;
        const GroupConfig& config;
        const Appender& append;
        size_t groups_max;
    };
    explicit GroupShard(Context context) : context_(context) {}

    /// The topics as they are; before whatever has to do with members of consumer groups.
    void use_topics(std::shared_ptr<const TopicImage> topics);

    void join(GroupCall<protocol::JoinGroupRequest> call, JoinReply reply, Outbox& out);
    void sync(GroupCall<protocol::SyncGroupRequest> call, SyncReply reply, Outbox& out);
    ErrorCode heartbeat(const protocol::HeartbeatRequest& request);
    /// The answers member by member, and the partition to wait for if records were written.
    struct LeaveResult {
        std::vector<protocol::LeaveGroupResponse::MemberResponse> members;
        std::vector<PartitionId> written;
    };
    LeaveResult leave(const protocol::LeaveGroupRequest& request, Outbox& out);

    void consumer_heartbeat(const GroupCall<protocol::ConsumerGroupHeartbeatRequest>& call,
                            const ConsumerGroupSettings& settings, ConsumerHeartbeatReply reply,
                            Outbox& out);
    protocol::ConsumerGroupDescribeResponse::DescribedGroup consumer_describe(
        const std::string& group_id) const;

    /// Commits what is there; the topics of the request have their names, and ids where known. In
    /// a transaction it stays pending until that is committed.
    ErrorCode commit(const GroupCall<protocol::OffsetCommitRequest>& call,
                     const OffsetsProducer& producer, protocol::OffsetCommitResponse& response);
    /// Nothing in `topics`: all of the group's. `require_stable`: what is pending has no answer
    /// yet.
    protocol::OffsetFetchResponse::OffsetFetchResponseGroup fetch(
        const protocol::OffsetFetchRequest::OffsetFetchRequestGroup& request,
        bool require_stable) const;
    /// Fills the errors of the partitions into `response`; the return value is that of the whole.
    ErrorCode delete_offsets(const protocol::OffsetDeleteRequest& request,
                             protocol::OffsetDeleteResponse& response);
    ErrorCode delete_group(const std::string& group_id);
    void list(const protocol::ListGroupsRequest& request,
              std::vector<protocol::ListGroupsResponse::ListedGroup>& groups) const;
    protocol::DescribeGroupsResponse::DescribedGroup describe(const std::string& group_id,
                                                              int16_t version) const;

    /// Drops the offsets of a topic that no longer exists.
    void on_topic_deleted(std::string_view topic, const Uuid& id);
    /// Fires what is due.
    void tick(Outbox& out);
    /// When tick has something to do (monotonic ms).
    int64_t next_deadline_ms() const;

    /// Takes in one record of a group of this shard, live or from the log.
    ErrorCode apply(const OffsetsKey& key, std::optional<ByteView> value,
                    const RecordOrigin& origin);
    /// Takes in the end of a producer's transaction, in the order of the partition's records.
    void end_transaction(PartitionId partition, ProducerId producer, bool committed);
    /// The log has been replayed: the groups start to live.
    using SettingsOf = std::function<ConsumerGroupSettings(std::string_view)>;
    void on_loaded(const SettingsOf& settings_of, Outbox& out);
    /// The persistent state as text, group by group.
    void dump(std::vector<std::string>& groups) const;
    size_t group_count() const { return groups_.size(); }

private:
    // --- group_shard.cpp: the log, the timers
    Group* find(std::string_view group_id);
    const Group* find(std::string_view group_id) const;
    Group& create(std::string_view group_id);
    ErrorCode apply_group(const std::string& group_id, std::optional<ByteView> value);
    ErrorCode apply_offset(const protocol::OffsetCommitKey& key, std::optional<ByteView> value,
                           const RecordOrigin& origin);
    template <class Key>
    ErrorCode apply_consumer(const Key& key, std::optional<ByteView> value);
    void drop_if_empty(const std::string& group_id);
    PartitionId partition_of(std::string_view group_id) const;
    /// Appends and applies; what a client is told when it fails.
    ErrorCode write(std::string_view group_id, std::span<const OffsetsRecord> records,
                    const OffsetsProducer& producer = {});
    /// What removes all of a group but its offsets.
    static void append_tombstones(const Group& group, std::vector<OffsetsRecord>& tombstones);
    ErrorCode write_tombstones(std::string_view group_id, std::span<const OffsetsRecord> records);
    void arm(Group& group, int64_t at_ms);
    void fire(Group& group, int64_t now_ms, Outbox& out);
    int64_t earliest_deadline_ms(const Group& group) const;

    // --- shard_join.cpp
    void join_new(Group& group, GroupCall<protocol::JoinGroupRequest>& call, JoinReply& reply,
                  Outbox& out);
    void join_known(Group& group, GroupCall<protocol::JoinGroupRequest>& call, JoinReply& reply,
                    Outbox& out);
    void add_member(Group& group, GroupCall<protocol::JoinGroupRequest>& call, std::string id,
                    JoinReply& reply, Outbox& out);
    void add_pending(Group& group, const GroupCall<protocol::JoinGroupRequest>& call,
                     const std::string& id, JoinReply& reply, Outbox& out);
    void replace_static(Group& group, GroupCall<protocol::JoinGroupRequest>& call,
                        const std::string& new_id, JoinReply& reply, Outbox& out);
    void keep_generation(Group& group, ClassicMember& member, int16_t version,
                         const std::string& old_leader, Outbox& out);
    bool accepts(Group& group, const std::string& member_id) const;
    std::string new_member_id(const GroupCall<protocol::JoinGroupRequest>& call) const;
    ErrorCode write_new_group(std::string_view group_id);
    /// An empty consumer group makes room for a classic one.
    ErrorCode remove_empty_consumer_group(const std::string& group_id);

    // --- shard_rebalance.cpp
    /// What a member hears of the present generation; the leader also hears who the others are.
    static protocol::JoinGroupResponse generation_response(const ClassicGroup& classic,
                                                           const ClassicMember& member);
    void rejoin(Group& group, ClassicMember& member, protocol::JoinGroupRequest& request,
                JoinReply& reply, std::string_view why, Outbox& out);
    /// Starts a rebalance if none runs; else ends its join phase if that was the last member.
    void rebalance_or_complete(Group& group, std::string_view why, Outbox& out);
    void prepare_rebalance(Group& group, std::string_view why, Outbox& out);
    void complete_join_if_all_are_there(Group& group, Outbox& out);
    void end_initial_delay(Group& group, int64_t now_ms, Outbox& out);
    void complete_join(Group& group, Outbox& out);
    void become_empty(Group& group);
    void announce_generation(Group& group, Outbox& out);
    void await_join(Group& group, ClassicMember& member, JoinReply& reply, Outbox& out);
    void answer_join(ClassicGroup& classic, ClassicMember& member,
                     protocol::JoinGroupResponse response, Outbox& out,
                     std::vector<PartitionId> written = {});
    /// Answers every SyncGroup that waits, with the members' assignments when there is no error.
    void propagate_assignments(Group& group, ErrorCode error, std::vector<PartitionId> written,
                               Outbox& out);
    void renew_session(Group& group, ClassicMember& member);
    void remove_member(Group& group, const std::string& member_id, Outbox& out);
    void expire_member(Group& group, const std::string& member_id, int64_t now_ms, Outbox& out);
    void expire_pending_sync(Group& group, Outbox& out);

    // --- shard_sync.cpp
    ErrorCode leave_one(Group& group,
                        const protocol::LeaveGroupRequest::MemberIdentity& leaving, Outbox& out);
    void take_assignments(Group& group, const protocol::SyncGroupRequest& request, Outbox& out);

    // --- shard_consumer.cpp: the consumer protocol, from a heartbeat to its answer
    using HeartbeatResponse = protocol::ConsumerGroupHeartbeatResponse;
    using HeartbeatCall = GroupCall<protocol::ConsumerGroupHeartbeatRequest>;
    /// What a member sends, in either protocol, as a change of what is known of it.
    struct MemberUpdate {
        std::string id;
        MemberMetadata metadata;
        std::optional<Assignment> owned;
        std::optional<int32_t> assignment_interval_ms;
    };
    /// What became of it.
    struct MemberOutcome {
        std::string id;
        CurrentAssignment before;
        CurrentAssignment current;
        bool is_classic = false;
    };
    Outcome<HeartbeatResponse> consumer_alive(const HeartbeatCall& call,
                                               const ConsumerGroupSettings& settings,
                                               std::vector<PartitionId>& written, Outbox& out);
    Outcome<GroupDraft> open_consumer_group(const std::string& group_id, bool may_create,
                                             Outbox& out);
    /// Who wants to be, or says to be, which member.
    struct Claim {
        const std::string& id;
        const std::optional<std::string>& instance_id;
        bool may_create = false;
        bool is_classic = false;
        int32_t epoch = joining_epoch;
        const std::optional<Assignment>& owned;
    };
    /// Whether the claim is right. A static member that comes back under another id replaces the
    /// former one in the draft.
    static Outcome<void> admit(GroupDraft& draft, const Claim& claim);
    static Outcome<void> admit_static(GroupDraft& draft, const Claim& claim);
    static void replace_static_member(GroupDraft& draft, const ConsumerMember& old,
                                      const std::string& new_id);
    Outcome<MemberOutcome> update_member(GroupDraft& draft, MemberUpdate update) const;
    struct SubscriptionChange {
        bool of_member = false;  // in its own words
        bool of_group = false;   // it, or the topics that match an expression
    };
    Outcome<bool> update_subscription(GroupDraft& draft, const MemberMetadata& before,
                                       const MemberMetadata& after) const;
    Outcome<SubscriptionChange> update_regexes(GroupDraft& draft, const MemberMetadata& before,
                                                const MemberMetadata& after) const;
    /// A new target if one is due; what the member is to have.
    Assignment update_target(GroupDraft& draft, const std::string& member_id,
                             std::optional<int32_t> interval_ms) const;
    ErrorCode write(const GroupDraft& draft);
    void renew_consumer_session(Group& group, const std::string& member_id, int64_t timeout_ms);
    void set_rebalance_timer(Group& group, const MemberOutcome& outcome);

    // --- shard_consumer_members.cpp: leaving, being fenced, being described
    using MemberIds = std::set<std::string, std::less<>>;
    Outcome<HeartbeatResponse> consumer_leave(const HeartbeatCall& call,
                                               std::vector<PartitionId>& written, Outbox& out);
    /// Removes members; the rest of the group may become a classic one.
    ErrorCode fence_members(const std::string& group_id, const MemberIds& ids,
                            std::string_view why, Outbox& out);
    void fire_consumer(Group& group, int64_t now_ms, Outbox& out);
    void load_consumer(Group& group, const ConsumerGroupSettings& settings);
    static int64_t earliest_consumer_deadline_ms(const ConsumerGroup& group);
    ErrorCode check_consumer_commit(const ConsumerGroup& group,
                                    const GroupCall<protocol::OffsetCommitRequest>& call,
                                    const protocol::OffsetCommitResponse& response) const;
    static ErrorCode check_consumer_fetch(
        const ConsumerGroup& group,
        const protocol::OffsetFetchRequest::OffsetFetchRequestGroup& request);

    // --- shard_consumer_classic.cpp: members of consumer groups that speak the classic protocol
    void join_consumer_group(Group& group, GroupCall<protocol::JoinGroupRequest>& call,
                             JoinReply& reply, Outbox& out);
    Outcome<protocol::JoinGroupResponse> join_as_classic(
        Group& group, const GroupCall<protocol::JoinGroupRequest>& call, const std::string& id,
        std::vector<PartitionId>& written, Outbox& out);
    void expect_to_join_again(Group& group, const ConsumerMember& member);
    protocol::SyncGroupResponse sync_consumer_group(Group& group,
                                                    const protocol::SyncGroupRequest& request);
    ErrorCode heartbeat_consumer_group(Group& group, const protocol::HeartbeatRequest& request);
    LeaveResult leave_consumer_group(Group& group, const protocol::LeaveGroupRequest& request,
                                     Outbox& out);

    // --- shard_migration.cpp: from one protocol to the other
    Outcome<GroupDraft> upgrade_to_consumer(Group& group, Outbox& out);
    /// Those of a group that has just been upgraded have none yet.
    void renew_classic_sessions(Group& group);
    bool may_downgrade(const ConsumerGroup& group, size_t members_left) const;
    /// Makes what is left of the draft a classic group, and writes it. GROUP_ID_NOT_FOUND: the
    /// members cannot be one.
    ErrorCode downgrade_to_classic(GroupDraft& draft, bool rebalance, Outbox& out);

    // --- shard_offsets.cpp
    ErrorCode check_commit(const GroupCall<protocol::OffsetCommitRequest>& call,
                           const protocol::OffsetCommitResponse& response) const;
    ErrorCode check_transactional_commit(const GroupCall<protocol::OffsetCommitRequest>& call,
                                         const protocol::OffsetCommitResponse& response) const;
    /// Of a group that is not there yet.
    ErrorCode may_create() const;
    void expire_offsets();
    /// Tombstones for what has expired; true when no offset is left.
    bool expired_offsets(const Group& group, int64_t now_ms,
                         std::vector<OffsetsRecord>& tombstones) const;

    struct TextHash {
        using is_transparent = void;
        size_t operator()(std::string_view text) const {
            return std::hash<std::string_view>{}(text);
        }
    };
    using Due = std::pair<int64_t, std::string>;

    Context context_;
    std::shared_ptr<const TopicImage> topics_ = std::make_shared<const TopicImage>();
    std::unordered_map<std::string, Group, TextHash, std::equal_to<>> groups_;
    /// The groups with offsets that are pending for a producer, by the partition they live in.
    std::map<std::pair<PartitionId, ProducerId>, std::set<std::string>> open_transactions_;
    /// An entry whose time is not its group's `queued_ms` is out of date and ignored.
    std::priority_queue<Due, std::vector<Due>, std::greater<>> deadlines_;
    int64_t next_expiry_check_ms_ = std::numeric_limits<int64_t>::max();
};

/// An assignment as members of the classic protocol read it, in the version of their subscription.
/// Throws MalformedMessage when that is none.
Bytes classic_assignment(const Assignment& assignment, ByteView subscription,
                         const TopicImage& topics);

/// What a client is told when the log refuses a write. A full or failing disk is a coordinator that
/// is not available: the client tries again, and finds it when there is room.
ErrorCode error_of_failed_append(ErrorCode error);

}  // namespace stoker::broker
