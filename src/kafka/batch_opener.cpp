#include "kafka/batch_opener.hpp"

#include <utility>

namespace stoker::kafka {
namespace {

constexpr size_t decompressed_max = 1u << 30;

}  // namespace

OpenedBatch open_batch(const record::BatchView& batch, bool check_crc) {
    if (check_crc && !record::validate(batch.bytes, record::Origin::log)) {
        return std::unexpected(BatchDamage::checksum);
    }
    auto records = record::RecordReader::open(batch, decompressed_max);
    if (!records) return std::unexpected(BatchDamage::compression);
    return std::move(*records);
}

/// Whoever changes `state` from waiting to opening opens it; the reader alone takes or drops.
class BatchOpener::Batch {
public:
    enum class State { waiting, opening, open, gone };

    Batch(const record::BatchView& view, std::shared_ptr<const void> owner)
        : view(view), owner(std::move(owner)) {}

    bool claim(State next) {
        State expected = State::waiting;
        return state.compare_exchange_strong(expected, next);
    }

    const record::BatchView view;
    const std::shared_ptr<const void> owner;
    std::atomic<State> state = State::waiting;
    std::optional<OpenedBatch> opened;  ///< by the thread
};

using State = BatchOpener::Batch::State;

BatchOpener::~BatchOpener() {
    {
        const std::lock_guard lock(mutex_);
        ends_ = true;
    }
    changed_.notify_one();
    if (thread_.joinable()) thread_.join();
}

BatchOpener::Ticket BatchOpener::add(const record::BatchView& batch,
                                     std::shared_ptr<const void> owner) {
    auto ticket = std::make_shared<Batch>(batch, std::move(owner));
    {
        const std::lock_guard lock(mutex_);
        waiting_.push_back(ticket);
    }
    changed_.notify_one();
    if (!thread_.joinable()) thread_ = std::thread([this] { work(); });
    return ticket;
}

void BatchOpener::work() {
    std::unique_lock lock(mutex_);
    for (;;) {
        changed_.wait(lock, [this] { return ends_ || (!waiting_.empty() && !rests_); });
        if (ends_) return;
        const Ticket ticket = std::move(waiting_.front());
        waiting_.pop_front();
        if (!ticket->claim(State::opening)) continue;
        ahead_ += ticket->view.bytes.size();
        rests_ = ahead_ >= ahead_max;
        lock.unlock();
        ticket->opened.emplace(open_batch(ticket->view, check_crcs_));
        ticket->state = State::open;
        ticket->state.notify_one();
        lock.lock();
    }
}

OpenedBatch BatchOpener::take(const Ticket& ticket) {
    if (ticket->claim(State::gone)) return open_batch(ticket->view, check_crcs_);
    ticket->state.wait(State::opening);
    forget(*ticket);
    return std::move(*ticket->opened);
}

void BatchOpener::drop(const Ticket& ticket) {
    if (!ticket->claim(State::gone)) forget(*ticket);
}

void BatchOpener::forget(const Batch& batch) {
    bool wakes = false;
    {
        const std::lock_guard lock(mutex_);
        ahead_ -= batch.view.bytes.size();
        wakes = rests_ && ahead_ <= ahead_max / 2;
        rests_ = rests_ && !wakes;
    }
    if (wakes) changed_.notify_one();
}

}  // namespace stoker::kafka
