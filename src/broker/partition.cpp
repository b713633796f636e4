#include "broker/partition.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "net/turn.hpp"

namespace stoker::broker {

using storage::Log;

namespace {

constexpr size_t all_there_is = std::numeric_limits<size_t>::max();

void count(PartitionCounters& counters, const Result<storage::AppendResult>& appended,
           size_t bytes) {
    if (!appended) return counters.failed_produce_requests.add();
    if (appended->duplicate) return;
    counters.bytes_in.add(bytes);
    counters.messages_in.add(uint64_t(raw(appended->last_offset) - raw(appended->base_offset)) + 1);
}

}  // namespace

Partition::Partition(storage::LogManager& logs, std::string topic, const Uuid& topic_id,
                     PartitionId id, LeaderEpoch leader_epoch)
    : logs_(logs),
      partition_{std::move(topic), id},
      topic_id_(topic_id),
      leader_epoch_(leader_epoch) {}

ErrorCode Partition::check_epoch(LeaderEpoch believed) const {
    if (believed == LeaderEpoch::none || believed == leader_epoch_) return ErrorCode::none;
    return believed < leader_epoch_ ? ErrorCode::fenced_leader_epoch
                                    : ErrorCode::unknown_leader_epoch;
}

storage::EpochEnd Partition::end_of_epoch(const Log& log, LeaderEpoch epoch) const {
    if (epoch == leader_epoch_) return {epoch, log.end_offset()};
    storage::EpochEnd found = log.end_of_epoch(epoch);
    bool unknowable = epoch == LeaderEpoch::none || epoch > leader_epoch_;
    if (found.epoch != LeaderEpoch::none || unknowable) return found;
    LeaderEpoch latest = log.latest_epoch();
    return {latest == LeaderEpoch::none ? epoch : latest, log.end_offset()};
}

Result<std::shared_ptr<Log>> Partition::log() {
    auto opened = opened_.lock();
    if (opened->retired) return fail(ErrorCode::unknown_topic_or_partition);
    if (opened->log) return opened->log;
    auto log = open(opened->config);
    if (!log) return fail(log.error());
    (*log)->set_high_watermark_listener([weak = weak_from_this()] {
        if (auto self = weak.lock()) self->high_watermark_moved();
    });
    opened->log = *log;
    return *log;
}

Result<std::shared_ptr<Log>> Partition::open(const storage::LogConfig& config) {
    if (logs_.contains(partition_)) {
        if (logs_.is_of_topic(partition_, topic_id_)) {
            logs_.set_config(partition_, config);
            return logs_.get(partition_);
        }
        // Left behind by a topic of the same name, when the process ended between its deletion and
        // that of its files; or the metadata log has lost that topic, and its records with it.
        if (auto done = logs_.set_aside(partition_); !done) return fail(done.error());
    }
    return logs_.create(partition_, topic_id_, config);
}

Offset Partition::log_start() {
    auto log = this->log();
    return log ? (*log)->start_offset() : Offset{-1};
}

bool Partition::exists() const {
    return logs_.contains(partition_) && logs_.is_of_topic(partition_, topic_id_);
}

void Partition::set_log_config(const storage::LogConfig& config) {
    auto opened = opened_.lock();
    opened->config = config;
    // Retention and compaction look at logs that nobody has opened yet, too.
    if (opened->log) opened->log->update_config(config);
    else logs_.set_config(partition_, config);
}

Result<storage::AppendResult> Partition::append(MutableByteView batches,
                                                storage::AppendOptions options) {
    counters_.produce_requests.add();
    if (gathering_) append_gathered();  // what came before stays before
    return append_now(batches, options);
}

Result<storage::AppendResult> Partition::append_now(MutableByteView batches,
                                                    storage::AppendOptions options) {
    auto log = this->log();
    if (!log) return fail(log.error());
    options.epoch = leader_epoch_;
    options.leave_flush_to_caller = true;
    const Offset stable = (*log)->last_stable_offset();
    auto appended = (*log)->append(batches, options);
    count(counters_, appended, batches.size());
    if (appended && !appended->duplicate && (*log)->high_watermark() > appended->last_offset) {
        // A marker makes readable what was there before.
        size_t stable_bytes = 0;
        if ((*log)->last_stable_offset() > stable)
            stable_bytes = stable == appended->base_offset ? batches.size() : all_there_is;
        wake_fetches(batches.size(), stable_bytes);
    }
    if (appended && appended->flush_due) request_flush(*log);
    return appended;
}

void Partition::append_with_turn(ByteView batch, const storage::AppendOptions& options,
                                 std::shared_ptr<AppendListener> listener, size_t ticket) {
    counters_.produce_requests.add();
    bool first = false;
    bool full = false;
    {
        auto gathered = gathered_.lock();
        first = gathered->empty();
        gathered->add(batch, options, std::move(listener), ticket);
        full = gathered->full();
        gathering_ = true;
    }
    if (full) return append_gathered();
    if (first) net::after_turn([self = shared_from_this()](bool) { self->append_gathered(); });
}

void Partition::append_gathered() {
    GatheredAppends work;
    {
        std::lock_guard appending(appending_);
        {
            auto gathered = gathered_.lock();
            if (gathered->empty()) return;
            std::swap(work, *gathered);
        }
        storage::AppendOptions options = work.options();
        options.separate = true;
        auto whole = append_now(work.bytes(), options);
        const bool all_alike = work.items().size() == 1 || (whole && !whole->duplicate);
        if (all_alike) work.share(whole);
        else append_one_by_one(work);
        auto gathered = gathered_.lock();
        gathering_ = !gathered->empty();
    }
    tell_appended(std::move(work.items()));
    work.clear();
    auto gathered = gathered_.lock();
    if (gathered->empty()) std::swap(work, *gathered);  // its memory
}

/// What has to wait for the disk waits as one: one sync decides on all of it.
void Partition::tell_appended(std::vector<GatheredAppends::Item> items) {
    Offset end{};
    for (auto& item : items) {
        item.listener->appended(*this, item.ticket, item.result);
        if (item.result && !item.result->committed) {
            end = std::max(end, item.result->last_offset + 1);
            continue;
        }
        if (item.result) item.listener->durable(item.ticket, ErrorCode::none);
        item.listener.reset();
    }
    if (end == Offset{}) return;
    when_durable(end, [items = std::move(items)](ErrorCode error) {
        for (const auto& item : items)
            if (item.listener) item.listener->durable(item.ticket, error);
    });
}

/// One of them is a duplicate or was refused: each gets what it deserves.
void Partition::append_one_by_one(GatheredAppends& gathered) {
    for (auto& item : gathered.items()) {
        item.result = append_now(gathered.bytes_of(item), gathered.options());
    }
}

/// One sync for all that this turn of the io thread appends.
void Partition::request_flush(const std::shared_ptr<Log>& log) {
    if (flush_due_.exchange(true)) return;
    net::after_turn([self = shared_from_this(), log](bool alone) {
        self->flush_due_ = false;
        if (!alone || !log->flush_if_quick()) log->request_flush();
        self->settle_acks();  // a sync may have come in between
    });
}

void Partition::when_durable(Offset offset, std::move_only_function<void(ErrorCode)> done) {
    auto log = this->log();
    if (!log) return done(log.error());
    if ((*log)->high_watermark() >= offset) return done(ErrorCode::none);
    pending_acks_.lock()->push_back({offset, std::move(done)});
    request_flush(*log);
}

void Partition::high_watermark_moved() {
    settle_acks();
    wake_fetches(all_there_is);
}

void Partition::settle_acks() {
    auto log = this->log();
    ErrorCode error = log ? ErrorCode::none : log.error();
    if (logs_.directory().offline()) error = ErrorCode::kafka_storage_error;
    std::vector<PendingAck> settled;
    {
        auto pending = pending_acks_.lock();
        auto waits = [&](const PendingAck& ack) {
            return error == ErrorCode::none && (*log)->high_watermark() < ack.offset;
        };
        auto done = std::ranges::stable_partition(*pending, waits);
        settled.assign(std::move_iterator(done.begin()), std::move_iterator(done.end()));
        pending->erase(done.begin(), done.end());
    }
    if (settled.empty()) return;
    const net::WakeOnce wake;
    for (PendingAck& ack : settled) ack.done(error);
}

void Partition::add_waiter(std::shared_ptr<DataWaiter> waiter) {
    waiters_.lock()->push_back(std::move(waiter));
}

void Partition::remove_waiter(const DataWaiter* waiter) {
    auto waiters = waiters_.lock();
    std::erase_if(*waiters, [&](const auto& known) { return known.get() == waiter; });
}

void Partition::wake_fetches(size_t bytes) { wake_fetches(bytes, bytes); }

void Partition::wake_fetches(size_t bytes, size_t stable_bytes) {
    std::vector<std::shared_ptr<DataWaiter>> waiters;
    {
        auto locked = waiters_.lock();
        if (locked->empty()) return;
        waiters = *locked;
    }
    for (const auto& waiter : waiters) {
        const size_t readable = waiter->read_committed() ? stable_bytes : bytes;
        if (readable > 0) waiter->data_arrived(readable);
    }
}

void Partition::retire() {
    {
        auto opened = opened_.lock();
        opened->retired = true;
        opened->log.reset();
    }
    if (exists())
        (void)logs_.remove(partition_);  // what cannot be removed now is a stray at the next start
    settle_acks();
    wake_fetches(all_there_is);
}

}  // namespace stoker::broker
