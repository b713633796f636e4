// GroupCoordinator: the consumer groups of this broker and the offsets that they commit.
//
// It answers the APIs 8, 9 and 11 to 16, 42, 47, 68 and 69 for groups of the classic protocol and
// of the consumer protocol (KIP-848), which share one namespace. What must survive goes to
// __consumer_offsets in Apache Kafka's own records before it is answered; after a restart the log
// is replayed (`apply` for every record, then `on_loaded` once), and
// state(replay(log)) == live state. The listener opens after that, so no client ever hears
// COORDINATOR_LOAD_IN_PROGRESS or NOT_COORDINATOR.
//
// Use: construct, apply…, on_loaded, then requests from any thread and `tick` every now and then.
// Nothing blocks: a JoinGroup or SyncGroup that has to wait keeps its reply.
//
// Threads: any. The groups are split over shards by their partition of __consumer_offsets, one
// mutex a shard ("group" in the lock order of docs/ARCHITECTURE.md: the topic directory is asked
// before it is taken, the log is appended to under it). Replies and the durability hook are called
// without a lock held, on the thread that made the call or the tick; a reply may call the
// coordinator again.
#pragma once

#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/clock.hpp"
#include "base/guarded.hpp"
#include "base/random.hpp"
#include "base/uuid.hpp"
#include "broker/group/group_shard.hpp"
#include "broker/group/outbox.hpp"
#include "protocol/messages/28_txn_offset_commit.hpp"
#include "protocol/messages/42_delete_groups.hpp"

namespace stoker::broker {

template <class Response>
using GroupReply = std::move_only_function<void(Response)>;

/// What the coordinator asks about topics. An empty function: topics have no ids, and every
/// partition exists.
struct TopicDirectory {
    std::function<std::optional<std::string>(const Uuid&)> name_of;
    std::function<std::optional<Uuid>(std::string_view)> id_of;
    std::function<bool(std::string_view, PartitionId)> has_partition;
};

class GroupCoordinator {
public:
    struct Environment {
        Appender append;
        /// Empty: what is appended is durable enough.
        WhenDurable when_durable = {};
        TopicDirectory topics = {};
        /// What members of consumer groups can be assigned. Empty: there are no topics. Called
        /// without a lock held, for every request of a member and every tick.
        TopicImageSource topic_image = {};
        /// The configuration of one group; empty: no group has any. Called without a lock held,
        /// and while the log is loaded.
        GroupShard::SettingsOf group_settings = {};
    };

    GroupCoordinator(Clock& clock, Random& random, const GroupConfig& config,
                     Environment environment);
    GroupCoordinator(const GroupCoordinator&) = delete;
    GroupCoordinator& operator=(const GroupCoordinator&) = delete;

    // --- The log
    /// Takes in a record of __consumer_offsets, in the order of its partition. Records of newer
    /// kinds of groups are passed over. CORRUPT_MESSAGE or UNSUPPORTED_VERSION: not taken in.
    ErrorCode apply(ByteView key, std::optional<ByteView> value, const RecordOrigin& origin = {});
    /// The same of the marker that ends a producer's transaction in a partition.
    void apply_end(PartitionId partition, ProducerId producer, bool committed);
    /// Everything has been replayed (an empty log, too): members get their full session time.
    void on_loaded();
    /// The persistent state as text, sorted: for tests and for people.
    std::string dump() const;

    // --- Time
    /// Fires what is due: sessions, rebalances, expiry of offsets.
    void tick();
    /// Monotonic milliseconds of the next thing to fire.
    int64_t next_deadline_ms() const;

    // --- Membership
    void join(GroupCall<protocol::JoinGroupRequest> call, JoinReply reply);
    void sync(GroupCall<protocol::SyncGroupRequest> call, SyncReply reply);
    void heartbeat(const GroupCall<protocol::HeartbeatRequest>& call,
                   GroupReply<protocol::HeartbeatResponse> reply);
    void leave(GroupCall<protocol::LeaveGroupRequest> call,
               GroupReply<protocol::LeaveGroupResponse> reply);

    /// KIP-848: joining, leaving and all that lies between. Answers at once.
    void consumer_group_heartbeat(
        GroupCall<protocol::ConsumerGroupHeartbeatRequest> call,
        GroupReply<protocol::ConsumerGroupHeartbeatResponse> reply);

    // --- Offsets
    void commit_offsets(GroupCall<protocol::OffsetCommitRequest> call,
                        GroupReply<protocol::OffsetCommitResponse> reply);
    /// In a transaction that the transaction coordinator knows of: see OffsetsProducer.
    void commit_in_transaction(GroupCall<protocol::TxnOffsetCommitRequest> call,
                               storage::VerificationGuard verification,
                               GroupReply<protocol::TxnOffsetCommitResponse> reply);
    /// Has `append` write the marker that ends a producer's transaction, and takes it in: no other
    /// record of the partition's groups comes in between. Any thread.
    Result<Offset> end_transaction(PartitionId partition, ProducerId producer, bool committed,
                                   const std::function<Result<Offset>()>& append);
    void fetch_offsets(GroupCall<protocol::OffsetFetchRequest> call,
                       GroupReply<protocol::OffsetFetchResponse> reply);
    void delete_offsets(const GroupCall<protocol::OffsetDeleteRequest>& call,
                        GroupReply<protocol::OffsetDeleteResponse> reply);
    /// A topic is gone: so are the offsets that were committed for it.
    void on_topic_deleted(std::string_view topic, const Uuid& id);

    // --- Administration
    void list_groups(const GroupCall<protocol::ListGroupsRequest>& call,
                     GroupReply<protocol::ListGroupsResponse> reply);
    void describe_groups(const GroupCall<protocol::DescribeGroupsRequest>& call,
                         GroupReply<protocol::DescribeGroupsResponse> reply);
    /// One answer a group, in the order of the request. Who may see what is the caller's matter.
    void consumer_group_describe(
        const GroupCall<protocol::ConsumerGroupDescribeRequest>& call,
        GroupReply<protocol::ConsumerGroupDescribeResponse> reply);
    void delete_groups(const GroupCall<protocol::DeleteGroupsRequest>& call,
                       GroupReply<protocol::DeleteGroupsResponse> reply);

    /// The partition of __consumer_offsets that a group lives in (FindCoordinator needs none).
    PartitionId partition_of(std::string_view group_id) const;

private:
    static constexpr int32_t shard_count = 16;

    Guarded<GroupShard>& shard_of(PartitionId partition);
    Guarded<GroupShard>& shard_of(std::string_view group_id);
    const Guarded<GroupShard>& shard_of(std::string_view group_id) const;
    std::shared_ptr<const TopicImage> topics_now() const;
    /// A shard that knows the topics of this moment.
    Guarded<GroupShard>::Lock<GroupShard> shard_with_topics(std::string_view group_id);
    protocol::OffsetCommitResponse resolve_topics(protocol::OffsetCommitRequest& request,
                                                  int16_t version) const;
    void commit_offsets(GroupCall<protocol::OffsetCommitRequest> call,
                        const OffsetsProducer& producer,
                        GroupReply<protocol::OffsetCommitResponse> reply);
    protocol::OffsetFetchResponse::OffsetFetchResponseGroup fetch_group(
        protocol::OffsetFetchRequest::OffsetFetchRequestGroup request, int16_t version,
        bool require_stable) const;

    const GroupConfig config_;
    const Environment environment_;
    std::deque<Guarded<GroupShard>> shards_;
};

}  // namespace stoker::broker
