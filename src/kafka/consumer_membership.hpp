// What a consumer's membership in a group is to it, whichever protocol the group speaks.
//
// No thread: step() sends heartbeats when they are due, so that a caller who polls at least every
// session.timeout.ms stays a member. One request to the coordinator is in flight at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "kafka/cluster.hpp"
#include "kafka/consumer_offsets.hpp"
#include "kafka/consumer_settings.hpp"
#include "kafka/topic_metadata.hpp"
#include "kafka/topic_partition.hpp"

namespace stoker::kafka {

/// The consumer, as its membership sees it.
class MembershipHost {
public:
    virtual ~MembershipHost() = default;
    /// The topics to read, in the order of their names.
    virtual std::vector<std::string> subscribed() const = 0;
    virtual TopicMetadata& metadata() = 0;
    virtual void want_metadata() = 0;
    /// These are no longer ours. Not `lost`: their offsets can still be committed.
    virtual void on_revoked(const std::vector<TopicPartition>& partitions, bool lost) = 0;
    /// All that are ours from now on.
    virtual void on_assigned(const std::vector<TopicPartition>& partitions) = 0;
    virtual std::vector<TopicPartition> assigned() const = 0;
};

class Membership {
public:
    virtual ~Membership() = default;
    /// Moves on without waiting for the group; the failure is one that Java's poll() throws.
    virtual Outcome<void> step(int64_t now_ms, Deadline deadline) = 0;
    /// For a caller who cannot take part in a rebalance now: heartbeats, and nothing else changes.
    virtual void keep_alive(int64_t now_ms) = 0;
    /// Of the request in flight; -1 without one.
    virtual int socket() const = 0;
    /// When step() is needed though nothing arrives.
    virtual int64_t due_in_ms(int64_t now_ms) const = 0;
    /// The connection to the coordinator with nothing in flight.
    virtual Outcome<Connection*> coordinator(Deadline deadline) = 0;
    virtual void forget_coordinator() = 0;
    virtual ConsumerGroupMetadata group_metadata() const = 0;
    virtual void leave(Deadline deadline) = 0;
};

/// All must outlive what is made. The cluster is the membership's own: nobody else sends on its
/// connections.
std::unique_ptr<Membership> make_classic_membership(Cluster& cluster, MembershipHost& host,
                                                    const ConsumerSettings& settings);
std::unique_ptr<Membership> make_consumer_membership(Cluster& cluster, MembershipHost& host,
                                                     const ConsumerSettings& settings);

/// The way to the coordinator that both protocols share: one request in flight.
class CoordinatorLink {
public:
    CoordinatorLink(Cluster& cluster, const ConsumerSettings& settings)
        : cluster_(cluster), settings_(settings) {}

    /// Looks the coordinator up and connects; retriable failures are the caller's to wait for.
    Outcome<Connection*> connect(Deadline deadline);
    void forget();
    /// The connection is closed: what was in flight is given up.
    void drop();

    template <protocol::Message Request>
    Outcome<void> ask(const Request& request, int64_t timeout_ms, int64_t now_ms) {
        auto id = connection_->send(request, cluster_.deadline(timeout_ms));
        if (!id) {
            drop();
            return failed(id.error());
        }
        in_flight_ = true;
        give_up_at_ms_ = now_ms + timeout_ms;
        return {};
    }
    /// Nothing while the answer is on its way.
    Outcome<std::optional<Answer>> take(int64_t now_ms);
    /// Waits for the answer.
    Outcome<Answer> wait(Deadline deadline);
    bool in_flight() const { return in_flight_; }
    int socket() const { return in_flight_ && connection_ ? connection_->socket() : -1; }
    bool connected() const { return connection_ != nullptr && connection_->is_open(); }
    Connection* connection() const { return connection_; }
    const Cluster& cluster() const { return cluster_; }

private:
    Cluster& cluster_;
    const ConsumerSettings& settings_;
    Connection* connection_ = nullptr;
    bool in_flight_ = false;
    int64_t give_up_at_ms_ = 0;
};

}  // namespace stoker::kafka
