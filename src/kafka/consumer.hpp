// Java's consumer: reads partitions that it was given or that a group assigns to it, from where the
// group or the caller left off, and commits.
//
// No thread of its own: everything happens within poll(), which is to be called at least every
// session.timeout.ms; open_ahead() adds a thread that decompresses. Records are views that last
// until the next one is asked for, and positions are those of what was given out: nothing is
// committed that next() did not return.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "kafka/cluster.hpp"
#include "kafka/consumer_fetcher.hpp"
#include "kafka/consumer_membership.hpp"
#include "kafka/consumer_partition.hpp"
#include "kafka/consumer_settings.hpp"
#include "kafka/topic_metadata.hpp"
#include "kafka/wakeup.hpp"

namespace stoker::kafka {

/// ConsumerRebalanceListener: called from within poll() and close(), while what is revoked or lost
/// still has its position.
struct RebalanceListener {
    std::function<void(const std::vector<TopicPartition>&)> on_assigned{};
    std::function<void(const std::vector<TopicPartition>&)> on_revoked{};
    /// Others may have them already: nothing can be committed. Without it on_revoked is called.
    std::function<void(const std::vector<TopicPartition>&)> on_lost{};
};

/// OffsetCommitCallback, for what is committed in the background: null when it worked.
using OnCommit = std::function<void(const Failure*)>;

/// ListOffsets' names for the two ends of a log.
inline constexpr int64_t latest_timestamp = -1;
inline constexpr int64_t earliest_timestamp = -2;

class Consumer final : private MembershipHost {
public:
    /// Connects to nothing yet. `clock`, what `log` writes to and `wakeup` (may be null) must
    /// outlive the consumer.
    static Outcome<std::unique_ptr<Consumer>> create(const ClientProperties& properties, Log log,
                                                     const Clock& clock,
                                                     const Wakeup* wakeup = nullptr);

    /// Waits until a broker answers; otherwise the first poll() connects. The failure is why the
    /// last attempt did not succeed; one of authentication is not tried again.
    Outcome<void> connect(int64_t timeout_ms);
    /// From now on batches are checked and decompressed on a thread of their own, a little before
    /// next() comes to them.
    void open_ahead() { fetcher_.open_ahead(); }
    void on_commit(OnCommit told) { on_commit_ = std::move(told); }

    /// One of these comes first. Subscribing needs a group id.
    void subscribe(std::vector<std::string> topics, RebalanceListener listener = {});
    /// All topics that `matches` likes, internal ones apart.
    void subscribe(std::function<bool(const std::string&)> matches,
                   RebalanceListener listener = {});
    void assign(const std::vector<TopicPartition>& partitions);

    /// For partitions that are assigned.
    void seek(const TopicPartition& where, Offset offset);
    void seek_to(const TopicPartition& where, int64_t timestamp);

    /// Waits until next() has something or the time has passed; whether it has. Fails as Java's
    /// poll() throws, with a WakeupException after a wakeup.
    Outcome<bool> poll(int64_t timeout_ms);
    /// For a caller whom one record keeps busy: it stays a member of its group, and nothing else
    /// happens.
    void keep_alive();
    /// Null when poll() is needed. Throws KafkaException for what cannot be read.
    const ConsumerRecord* next() { return fetcher_.next(); }

    /// The positions of all, or these. Waits for the answer; retries what is retriable.
    Outcome<void> commit();
    Outcome<void> commit(const std::map<TopicPartition, OffsetAndEpoch>& offsets);
    /// Commits where auto commit is on, tells the listener, leaves the group. poll() no more.
    void close();

    std::vector<TopicPartition> assigned() const override;
    std::optional<Offset> position(const TopicPartition& where) const;
    /// Of all assigned partitions whose position was found out: what there is to commit.
    std::map<TopicPartition, OffsetAndEpoch> positions() const;
    /// For Producer::send_offsets_to_transaction(). It changes when the group is joined anew: to be
    /// asked for with each transaction. Fails without a group id.
    Outcome<ConsumerGroupMetadata> group_metadata() const;
    /// How many offsets each assigned partition has beyond its position. Partitions that no fetch
    /// was answered for yet are left out.
    std::map<TopicPartition, int64_t> lag() const;
    /// Connections that are open.
    size_t connections() const;
    /// What was fetched but not given out was not seen: its epoch is not to be committed.
    void forget_epochs();
    /// The end or the beginning of a partition, or the first offset of a time.
    Outcome<Offset> offset_for(const TopicPartition& where, int64_t timestamp, Deadline deadline);
    const ConsumerSettings& settings() const { return settings_; }

private:
    Consumer(ConsumerSettings settings, std::unique_ptr<Cluster> control,
             std::unique_ptr<Cluster> data, std::unique_ptr<Cluster> group, const Wakeup* wakeup);

    std::vector<std::string> subscribed() const override { return topics_; }
    TopicMetadata& metadata() override { return metadata_; }
    void want_metadata() override { wants_metadata_ = true; }
    void on_revoked(const std::vector<TopicPartition>& partitions, bool lost) override;
    void on_assigned(const std::vector<TopicPartition>& partitions) override;

    void join_group();
    Outcome<void> step(Deadline deadline);
    Outcome<void> refresh_metadata(Deadline deadline);
    void match_topics();
    void learn_leaders();
    Outcome<void> find_positions(Deadline deadline);
    Outcome<void> find_committed(Deadline deadline);
    Outcome<void> look_up_offsets(Deadline deadline);
    Outcome<void> take_offset(ConsumedPartition& partition, Outcome<OffsetAndEpoch> found);
    Outcome<void> reset(ConsumedPartition& partition);
    int64_t reset_timestamp() const;
    /// Of the group, with or without being a member.
    Outcome<Connection*> coordinator(Deadline deadline);
    void forget_coordinator();
    bool commits_by_itself() const;
    Outcome<void> commit_once(const std::vector<OffsetToCommit>& offsets, Deadline deadline);
    void auto_commit(bool waits);
    void last_commit(Deadline deadline);
    std::vector<OffsetToCommit> offsets_to_commit() const;
    int64_t wait_ms(int64_t left_ms) const;
    std::vector<int> sockets() const;

    ConsumerSettings settings_;
    /// Metadata and offsets; fetches; the group. Apart, because requests on one connection are
    /// answered in turn, and a fetch or a join may take long.
    std::unique_ptr<Cluster> control_;
    std::unique_ptr<Cluster> data_;
    std::unique_ptr<Cluster> group_;
    const Wakeup* wakeup_;
    TopicMetadata metadata_;
    ConsumerFetcher fetcher_;
    std::unique_ptr<Membership> membership_;
    RebalanceListener listener_;
    OnCommit on_commit_;
    std::function<bool(const std::string&)> matches_;
    std::vector<std::string> topics_;
    ConsumedPartitions partitions_;
    bool wants_metadata_ = true;
    int64_t metadata_retry_at_ms_ = 0;
    int64_t positions_retry_at_ms_ = 0;
    int64_t next_auto_commit_ms_ = 0;
};

}  // namespace stoker::kafka
