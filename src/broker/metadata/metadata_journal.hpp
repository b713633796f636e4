// The cluster metadata log, `__cluster_metadata-0`, in Apache Kafka's own records: what a KRaft
// quorum of one node writes, so that kafka-dump-log reads it and a one-node Apache Kafka can take
// the folder up (KIP-500, KIP-595, KIP-853).
//
// Each start of the broker is a new leader epoch and begins with a LeaderChange control batch; the
// epoch is also kept in the quorum-state file. One writer at a time: its owner has the lock.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "protocol/record_frame.hpp"
#include "storage/log.hpp"
#include "storage/log_manager.hpp"

namespace stoker::broker {

class MetadataJournal {
public:
    /// Voters are in the log, not in a configuration (KIP-853).
    static constexpr int16_t kraft_version = 1;

    struct Options {
        int32_t node_id = 1;
        /// Where a controller of this node would listen; only written down, never opened.
        std::string controller_host = "localhost";
        uint16_t controller_port = 9093;
    };

    /// The error is a sentence that says what to do.
    static std::expected<std::unique_ptr<MetadataJournal>, std::string> open(
        storage::LogManager& logs, Clock& clock, Options options);

    /// Visits every record from the start, or from the latest snapshot when the log does not reach
    /// back that far. Throws MalformedMessage when one of them holds something that is none.
    void replay(const std::function<void(const protocol::StoredMessage&)>& visit);
    /// Starts the next leader epoch: after replay, before append.
    Result<void> begin_epoch();
    /// One batch, all or nothing. Each of `records` is framed (encode_metadata_record).
    Result<Offset> append(std::span<const Bytes> records);
    /// From now on all is synced before append returns; at once, what was appended before.
    Result<void> wait_for_disk();

    bool empty() const;
    Offset end_offset() const;
    LeaderEpoch leader_epoch() const { return epoch_; }

private:
    MetadataJournal(storage::LogManager& logs, std::shared_ptr<storage::Log> log, Clock& clock,
                    Options options);

    struct Snapshot;
    std::optional<Snapshot> latest_snapshot() const;
    Result<Offset> append_batch(Bytes batch);
    Result<void> write_quorum_state();
    void report_gap(Offset expected, Offset found) const;

    storage::LogManager& logs_;
    std::shared_ptr<storage::Log> log_;
    Clock& clock_;
    Options options_;
    LeaderEpoch epoch_ = LeaderEpoch::none;
    bool waits_for_disk_ = false;
};

}  // namespace stoker::broker
