// One Fetch that may have to wait: it reads its partitions, and when they hold less than min_bytes
// it waits for appends to them until max_wait_ms have passed (long poll, KIP-74, KIP-227).
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "broker/fetch/fetch_session.hpp"
#include "broker/partition.hpp"
#include "broker/request.hpp"
#include "broker/timers.hpp"

namespace stoker::broker {

class Broker;

/// Kept alive by the partitions and the timer that wait for it. The first of data, time-out and
/// closed connection answers; any thread. What is not in the page cache is looked up on a thread
/// that may wait for the disk.
class FetchOperation final : public DataWaiter,
                             public std::enable_shared_from_this<FetchOperation> {
public:
    struct Limits {
        int32_t max_wait_ms = 0;
        int32_t min_bytes = 0;
        int32_t max_bytes = 0;
        bool read_committed = false;
        bool follower = false;  // of a replicated partition: there are none
    };

    FetchOperation(Broker& broker, uint64_t session_id, FetchPlan plan, Limits limits,
                   Reply<protocol::FetchResponse> reply);

    /// Answers at once when there is enough, else waits. Once.
    void start();
    void data_arrived(size_t bytes) override;
    bool read_committed() const override { return limits_.read_committed; }
    /// Answers with what is there.
    void finish();

private:
    enum class MayBlock : bool { no, yes };
    struct ReadLimits {
        size_t bytes = 0;
        bool at_least_one_batch = false;
        MayBlock may_block = MayBlock::no;
    };
    /// What one partition gives, in the order of the plan.
    struct PartitionRead {
        FetchKey key;
        std::shared_ptr<Partition> partition{};  // null when there is none
        protocol::FetchResponse::PartitionData data{};
        RecordSlices slices{};
        size_t bytes = 0;
        bool would_block = false;
    };
    struct Reads {
        std::vector<PartitionRead> partitions;
        size_t bytes = 0;
        bool failed = false;       // an error is news: it does not wait
        bool would_block = false;  // given up: only with MayBlock::no
    };

    void begin(MayBlock may_block);
    Reads read_all(MayBlock may_block);
    PartitionRead read(const FetchPartition& wanted, const ReadLimits& limits);
    static std::optional<protocol::FetchResponse::PartitionData> check_history(
        const Partition& partition, const storage::Log& log, const FetchPartition& wanted);
    void read_log(PartitionRead& read, Partition& partition, const FetchPartition& wanted,
                  const ReadLimits& limits);
    void name_aborted(PartitionRead& read, const storage::Log& log, Offset from, Offset up_to,
                      MayBlock may_block);
    std::shared_ptr<Partition> resolve(const FetchKey& key) const;
    ErrorCode unknown(const FetchKey& key) const;
    void wait();
    void stop_waiting();
    void answer(Reads reads);
    static void count(const Reads& reads);
    /// What the topic of an id is called, while it is there.
    void note_name(FetchSession& session, FetchPartition& partition);
    /// Keeps what is news to the client's session, and notes what it is told.
    void leave_out_old_news(Reads& reads);

    Broker& broker_;
    uint64_t session_id_;  // the connection's, not the fetch session's
    FetchPlan plan_;
    Limits limits_;
    Reply<protocol::FetchResponse> reply_;
    std::atomic<int64_t> missing_bytes_ = 0;
    std::atomic<bool> answered_ = false;
    std::mutex registration_;
    Timers::Id timer_ = 0;  // guarded by registration_
};

}  // namespace stoker::broker
