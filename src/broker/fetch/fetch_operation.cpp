#include "broker/fetch/fetch_operation.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "broker/broker.hpp"

namespace stoker::broker {

using protocol::FetchResponse;

namespace {

/// Bytes of records in one answer, whatever the client would take: what it costs to hold the slices
/// is small, but the frame's size is an int32.
constexpr size_t answer_size_max = 1 << 30;

constexpr int16_t first_version_with_leader = 16;  // KIP-951
constexpr int16_t first_version_with_topic_ids = 13;

FetchResponse::PartitionData failed(PartitionId id, ErrorCode error) {
    return {.partition_index = id,
            .error_code = error,
            .high_watermark = Offset{-1},
            .records = protocol::Records{}};
}

/// What the leader's log says no to has no list of aborted transactions, not even an empty one.
FetchResponse::PartitionData refused(PartitionId id, ErrorCode error) {
    FetchResponse::PartitionData data = failed(id, error);
    data.aborted_transactions.reset();
    return data;
}

/// What a client is told at once, and again: an error, or that its history is another one.
bool is_urgent(const FetchResponse::PartitionData& data) {
    return data.error_code != ErrorCode::none || data.diverging_epoch.epoch != LeaderEpoch::none;
}

}  // namespace

FetchOperation::FetchOperation(Broker& broker, uint64_t session_id, FetchPlan plan, Limits limits,
                               Reply<FetchResponse> reply)
    : broker_(broker),
      session_id_(session_id),
      plan_(std::move(plan)),
      limits_(limits),
      reply_(std::move(reply)) {}

void FetchOperation::start() { begin(MayBlock::no); }

void FetchOperation::begin(MayBlock may_block) {
    Reads reads = read_all(may_block);
    if (reads.would_block)
        return broker_.run_blocking([self = shared_from_this()] { self->begin(MayBlock::yes); });
    bool enough = reads.failed || std::cmp_greater_equal(reads.bytes, limits_.min_bytes) ||
                  limits_.max_wait_ms <= 0 || plan_.partitions.empty();
    if (enough) {
        answered_ = true;
        return answer(std::move(reads));
    }
    missing_bytes_ = limits_.min_bytes - int64_t(reads.bytes);
    wait();
    // What was appended between the read and the registration woke nobody.
    Reads again = read_all(may_block);
    if (again.would_block || std::cmp_greater_equal(again.bytes, limits_.min_bytes)) finish();
}

void FetchOperation::wait() {
    auto self = shared_from_this();
    // Whoever finishes it meanwhile waits until there is something to take back.
    const std::lock_guard registering(registration_);
    timer_ = broker_.timers().schedule(broker_.clock().monotonic_ms() + limits_.max_wait_ms,
                                       [self] { self->finish(); });
    broker_.waiting_fetches().add(session_id_, self);
    for (const FetchPartition& wanted : plan_.partitions)
        if (auto partition = resolve(wanted.key)) partition->add_waiter(self);
}

void FetchOperation::stop_waiting() {
    const std::lock_guard registering(registration_);
    if (timer_ == 0) return;
    broker_.timers().cancel(timer_);
    broker_.waiting_fetches().remove(session_id_);
    for (const FetchPartition& wanted : plan_.partitions)
        if (auto partition = resolve(wanted.key)) partition->remove_waiter(this);
}

void FetchOperation::data_arrived(size_t bytes) {
    auto arrived = int64_t(std::min<size_t>(bytes, std::numeric_limits<int32_t>::max()));
    if (missing_bytes_.fetch_sub(arrived) <= arrived) finish();
}

void FetchOperation::finish() {
    if (answered_.exchange(true)) return;
    auto self = shared_from_this();  // the timer and the partitions let go of it
    stop_waiting();
    Reads reads = read_all(MayBlock::no);
    if (!reads.would_block) return answer(std::move(reads));
    broker_.run_blocking([self] { self->answer(self->read_all(MayBlock::yes)); });
}

std::shared_ptr<Partition> FetchOperation::resolve(const FetchKey& key) const {
    auto topic = key.topic_id.is_zero() ? broker_.metadata().find(key.topic)
                                        : broker_.metadata().find(key.topic_id);
    return topic ? topic->partition(key.partition) : nullptr;
}

/// Why resolve() found nothing.
ErrorCode FetchOperation::unknown(const FetchKey& key) const {
    bool named = !key.topic.empty() || reply_.version() < first_version_with_topic_ids;
    if (named || broker_.metadata().find(key.topic_id))
        return ErrorCode::unknown_topic_or_partition;
    if (!plan_.session) return ErrorCode::unknown_topic_id;
    // A session remembers what the topic was called, and there may be another of that name by now.
    std::string name = plan_.session->lock()->name_of(key.topic_id);
    if (name.empty()) return ErrorCode::unknown_topic_id;
    auto other = broker_.metadata().find(name);
    return other && other->partition(key.partition) ? ErrorCode::inconsistent_topic_id
                                                    : ErrorCode::unknown_topic_or_partition;
}

FetchOperation::Reads FetchOperation::read_all(MayBlock may_block) {
    Reads reads;
    size_t budget = std::min<size_t>(size_t(std::max(limits_.max_bytes, 0)), answer_size_max);
    for (const FetchPartition& wanted : plan_.partitions) {
        ReadLimits limits{.bytes = budget - std::min(budget, reads.bytes),
                          .at_least_one_batch = reads.bytes == 0,
                          .may_block = may_block};
        reads.partitions.push_back(read(wanted, limits));
        reads.would_block = reads.partitions.back().would_block;
        if (reads.would_block) break;
        reads.bytes += reads.partitions.back().bytes;
        reads.failed |= is_urgent(reads.partitions.back().data);
    }
    return reads;
}

FetchOperation::PartitionRead FetchOperation::read(const FetchPartition& wanted,
                                                   const ReadLimits& limits) {
    PartitionRead read{.key = wanted.key};
    if (wanted.denied) {
        read.data = failed(wanted.key.partition, ErrorCode::topic_authorization_failed);
        return read;
    }
    read.partition = resolve(wanted.key);
    const auto& partition = read.partition;
    if (!partition) {
        ErrorCode error = unknown(wanted.key);
        read.data = error == ErrorCode::inconsistent_topic_id
                        ? refused(wanted.key.partition, error)
                        : failed(wanted.key.partition, error);
        return read;
    }
    // Any negative epoch of a Fetch means none, as upstream; elsewhere only -1 does.
    LeaderEpoch believed = std::max(wanted.current_leader_epoch, LeaderEpoch::none);
    ErrorCode stale = partition->check_epoch(believed);
    if (stale != ErrorCode::none) {
        read.data = refused(wanted.key.partition, stale);
        return read;
    }
    // Nobody follows this leader: who says so believes in another cluster. With its epoch it could
    // be ahead of this leader, for all that upstream knows.
    if (limits_.follower && believed != LeaderEpoch::none) {
        read.data = refused(wanted.key.partition, ErrorCode::unknown_leader_epoch);
        return read;
    }
    if (limits_.follower) {
        read.data = refused(wanted.key.partition, ErrorCode::not_leader_or_follower);
        if (reply_.version() >= first_version_with_leader)
            read.data.current_leader = {.leader_id = broker_.node_id(),
                                        .leader_epoch = partition->leader_epoch()};
        return read;
    }
    read_log(read, *partition, wanted, limits);
    return read;
}

/// KIP-595: a reader that says in which epoch its last record was written is told where the two
/// histories part. Nothing when it has read what is in this log.
std::optional<FetchResponse::PartitionData> FetchOperation::check_history(
    const Partition& partition, const storage::Log& log, const FetchPartition& wanted) {
    storage::EpochEnd end = partition.end_of_epoch(log, wanted.last_fetched_epoch);
    if (end.epoch == LeaderEpoch::none || wanted.fetch_offset < log.start_offset())
        return refused(wanted.key.partition, ErrorCode::offset_out_of_range);
    if (end.epoch == wanted.last_fetched_epoch && end.end >= wanted.fetch_offset)
        return std::nullopt;
    FetchResponse::PartitionData data = refused(wanted.key.partition, ErrorCode::none);
    data.high_watermark = log.high_watermark();
    data.last_stable_offset = log.last_stable_offset();
    data.log_start_offset = log.start_offset();
    data.diverging_epoch = {.epoch = end.epoch, .end_offset = end.end};
    return data;
}

void FetchOperation::read_log(PartitionRead& read, Partition& partition,
                              const FetchPartition& wanted, const ReadLimits& limits) {
    auto log = partition.log();
    if (!log) {
        read.data = failed(wanted.key.partition, log.error());
        return;
    }
    if (wanted.last_fetched_epoch > LeaderEpoch::none) {
        auto verdict = check_history(partition, **log, wanted);
        if (verdict) {
            read.data = std::move(*verdict);
            return;
        }
    }
    auto found = (*log)->read({
        .from = wanted.fetch_offset,
        .max_bytes = std::min<size_t>(limits.bytes, size_t(std::max(wanted.max_bytes, 0))),
        .at_least_one_batch = limits.at_least_one_batch,
        .up_to = limits_.read_committed ? (*log)->last_stable_offset() : (*log)->high_watermark(),
        .may_block = limits.may_block == MayBlock::yes,
    });
    if (!found) {
        read.data = refused(wanted.key.partition, found.error());
        return;
    }
    read.would_block = found->would_block;
    read.bytes = found->size;
    read.slices = std::move(found->slices);
    read.data = {
        .partition_index = wanted.key.partition,
        .high_watermark = (*log)->high_watermark(),
        .last_stable_offset = (*log)->last_stable_offset(),
        .log_start_offset = (*log)->start_offset(),
        .records =
            read.bytes > 0 ? protocol::Records{.external_size = read.bytes} : protocol::Records{},
    };
    if (!limits_.read_committed) return read.data.aborted_transactions.reset();
    if (read.bytes > 0) {
        name_aborted(read, **log, wanted.fetch_offset, found->next, limits.may_block);
    }
}

/// Whose records the reader must pass over; an empty list when there are none.
void FetchOperation::name_aborted(PartitionRead& read, const storage::Log& log, Offset from,
                                  Offset up_to, MayBlock may_block) {
    const auto aborted = log.aborted_transactions(from, up_to, may_block == MayBlock::yes);
    if (!aborted) {
        read.data = refused(read.key.partition, aborted.error());
        read.slices.clear();
        read.bytes = 0;
        return;
    }
    read.would_block |= !*aborted;
    if (!*aborted) return;
    for (const storage::AbortedTransaction& each : **aborted) {
        read.data.aborted_transactions->push_back(
            {.producer_id = each.producer, .first_offset = each.first});
    }
}

void FetchOperation::note_name(FetchSession& session, FetchPartition& partition) {
    const FetchKey& key = partition.key;
    auto topic = key.topic_id.is_zero() ? nullptr : broker_.metadata().find(key.topic_id);
    if (topic) session.learn_name(key.topic_id, topic->name);
    partition.named = topic != nullptr || key.topic_id.is_zero();
}

void FetchOperation::leave_out_old_news(Reads& reads) {
    auto session = plan_.session->lock();
    std::erase_if(reads.partitions, [&](const PartitionRead& read) {
        FetchPartition* told = session->find(read.key);
        if (told == nullptr) return false;
        bool error = read.data.error_code != ErrorCode::none;
        bool urgent = is_urgent(read.data);
        bool news = !plan_.incremental || read.bytes > 0 || urgent || told->told_error ||
                    told->told_high_watermark != read.data.high_watermark ||
                    told->told_log_start != read.data.log_start_offset;
        told->told_error = error;
        if (!told->named) note_name(*session, *told);
        told->told_high_watermark = read.data.high_watermark;
        told->told_log_start = read.data.log_start_offset;
        if (read.bytes > 0 && plan_.incremental) session->move_to_end(read.key);
        return !news;
    });
}

/// Once for each partition of a request, however often it was read until the answer.
void FetchOperation::count(const Reads& reads) {
    for (const PartitionRead& read : reads.partitions) {
        if (!read.partition) continue;
        PartitionCounters& counters = read.partition->counters();
        counters.fetch_requests.add();
        if (read.data.error_code != ErrorCode::none) counters.failed_fetch_requests.add();
        if (read.bytes > 0) counters.bytes_out.add(read.bytes);
    }
}

void FetchOperation::answer(Reads reads) {
    if (QuotaTicket* quota = reply_.quota(); quota && quota->throttle_fetch_ms(reads.bytes) > 0) {
        // Nothing yet, and what there is stays news. A session that has just begun is not told.
        FetchResponse later{.session_id = plan_.incremental ? plan_.session_id : 0};
        return std::move(reply_)(later);
    }
    count(reads);
    if (plan_.session) leave_out_old_news(reads);
    FetchResponse response{.session_id = plan_.session_id};
    std::vector<RecordSlices> slices;
    for (PartitionRead& read : reads.partitions) {
        auto& topics = response.responses;
        if (topics.empty() || topics.back().topic != read.key.topic ||
            topics.back().topic_id != read.key.topic_id)
            topics.push_back({.topic = read.key.topic, .topic_id = read.key.topic_id});
        topics.back().partitions.push_back(std::move(read.data));
        if (read.bytes > 0) slices.push_back(std::move(read.slices));
    }
    std::move(reply_).with_slices(response, std::move(slices));
}

}  // namespace stoker::broker
