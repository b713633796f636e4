#include "workload/sender/sender.hpp"

#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>

#include "base/short_slices.hpp"

namespace stoker::workload {
namespace {

constexpr int64_t millisecond_ns = 1'000'000;
/// Messages between two looks at the answers.
constexpr int burst_max = 256;
/// A call of the client that comes back sooner held nobody back.
constexpr int64_t held_min_ns = millisecond_ns;
constexpr int64_t look_interval_ns = 10 * millisecond_ns;
constexpr int64_t wait_max_ns = 20 * millisecond_ns;
/// Messages that are due so close to each other share a turn: a thread that woke up for each one
/// would do little else, and be let in later for it.
constexpr int64_t turn_min_ns = 20'000;
/// What a message costs beside key, value and headers: lengths, and its part of the batch's head.
constexpr size_t record_overhead = 40;
constexpr unsigned long timer_slack_ns = 1'000;
/// Connections are opened to every partition's leader, but not by thousands of messages.
constexpr size_t warm_up_max = 256;

template <class Rep, class Period>
int64_t nanoseconds(std::chrono::duration<Rep, Period> time) {
    return std::chrono::nanoseconds(time).count();
}

size_t size_of(const MadeMessage& message) {
    return (message.key ? message.key->size() : 0) + (message.value ? message.value->size() : 0);
}

}  // namespace

Sender::Sender(const Workload& workload, const ContentTables& tables, SenderOptions options,
               const Clock& clock, const std::atomic<bool>& stop)
    : workload_(workload),
      options_(std::move(options)),
      clock_(clock),
      stop_(stop),
      arrivals_(workload.phases, {.producer = options_.producer,
                                  .producers = workload.producers.count,
                                  .seed = options_.seed}),
      content_(workload.content, tables,
               {.topics = workload.topics.count,
                .partitions = workload.topics.partitions,
                .seed = options_.seed,
                .producer = options_.producer}),
      ledger_(workload.partitions()),
      random_(options_.seed + uint64_t(options_.producer)) {
    for (const auto& [name, value] : workload.content.headers)
        headers_.push_back({name, bytes_of(value)});
    headers_.push_back({seal_header, std::nullopt});
    for (const record::HeaderView& header : headers_)
        overhead_ += header.key.size() + (header.value ? header.value->size() : seal_size);
    overhead_ += record_overhead;
}

bool Sender::stopped() const { return stop_ || failure().has_value(); }

void Sender::fail(const std::string& why) {
    auto failure = failure_.lock();
    if (!*failure) *failure = why;
}

std::expected<void, std::string> Sender::connect() {
    ::prctl(PR_SET_TIMERSLACK, timer_slack_ns);
    ask_for_short_slices();
    thread_ = ::gettid();
    start_ns_ = clock_.monotonic_ns();
    start_wall_ns_ = clock_.wall_ms() * millisecond_ns;
    auto engine = options_.make(workload_.engine, options_.engine, clock_,
                                [this](const Delivered& delivered) { this->delivered(delivered); });
    if (!engine) return std::unexpected(engine.error());
    engine_ = std::move(*engine);
    auto ready = engine_->connect();
    if (ready && options_.engine.transactional) ready = engine_->begin();
    if (!ready) return ready;
    const bool every_one = workload_.partitions() <= warm_up_max;
    for (int32_t topic = 0; topic < workload_.topics.count; ++topic) {
        for (int32_t p = 0; p < (every_one ? workload_.topics.partitions : 1); ++p) {
            MadeMessage message{.topic = topic, .partition = p, .key = {}, .value = ByteView()};
            if (send(message, {.sent_ns = clock_.monotonic_ns(), .warm_up = true}) !=
                Engine::Taken::yes)
                return std::unexpected(engine_->refusal());
        }
    }
    const int64_t give_up_ns = clock_.monotonic_ns() + nanoseconds(workload_.limits.patience);
    while (free_.size() < slots_.size() && !stopped() && clock_.monotonic_ns() < give_up_ns)
        engine_->poll(clock_.monotonic_ns() + wait_max_ns);
    if (options_.engine.transactional) ready = engine_->commit();
    if (auto why = failure()) return std::unexpected(*why);
    if (free_.size() < slots_.size() && !stopped())
        return std::unexpected("no answer to the first message");
    return ready;
}

void Sender::run(int64_t start_ns, int64_t start_wall_ns) {
    start_ns_ = start_ns;
    start_wall_ns_ = start_wall_ns;
    const int64_t cpu_before_ns = thread_cpu_ns();
    time_ = std::make_unique<ThreadTime>();
    busy_before_ns_ = time_->busy_ns();
    looked_at_ns_ = clock_.monotonic_ns();
    const int64_t give_up_ns = start_ns + Arrivals::duration_ns(workload_.phases) +
                               nanoseconds(workload_.limits.catch_up);
    if (options_.engine.transactional) {
        if (auto begun = engine_->begin(); !begun) return fail(begun.error());
        transaction_ends_ns_ = start_ns + nanoseconds(workload_.producers.transactions->every);
    }
    next_ = arrivals_.next();
    while (next_ && !stopped() && clock_.monotonic_ns() < give_up_ns) turn();
    if (!stop_) give_up_unsent();
    finish();
    cpu_ns_ = thread_cpu_ns() - cpu_before_ns;
}

/// Nothing when no message is left in its phase; the times are the clock's.
std::optional<int64_t> Sender::next_due(int64_t now_ns) {
    while (next_ && next_->whenever) {
        if (now_ns < start_ns_ + arrivals_.phase_end_ns()) break;
        arrivals_.leave_phase();
        next_ = arrivals_.next();
    }
    if (!next_) return std::nullopt;
    return start_ns_ + next_->at_ns;
}

/// Sends what is due, lets the client work and waits until something is due again.
void Sender::turn() {
    const int64_t begin_ns = clock_.monotonic_ns();
    const bool is_full = !send_due(begin_ns);
    tell_sent();
    const int64_t sent_ns = clock_.monotonic_ns();
    const auto due_ns = next_due(sent_ns);
    if (!due_ns) return;
    if (options_.engine.transactional && begin_ns >= transaction_ends_ns_) end_transaction(false);
    const int64_t now_ns = options_.engine.transactional ? clock_.monotonic_ns() : sent_ns;
    const int64_t next_turn_ns = std::max(*due_ns, begin_ns + turn_min_ns);
    engine_->poll(is_full ? now_ns + wait_max_ns
                          : std::min(next_turn_ns, now_ns + wait_max_ns));
    account(begin_ns, *due_ns, clock_.monotonic_ns());
    if (auto why = engine_->fatal()) fail(*why);
}

/// False when the client has no room left. The clock is read once a message: what it said when the
/// last one was handed over is good enough to see that the next one is due.
bool Sender::send_due(int64_t now_ns) {
    const size_t window = engine_->window();
    for (int i = 0; i < burst_max; ++i) {
        const auto due_ns = next_due(now_ns);
        if (due_ns && *due_ns > now_ns) now_ns = clock_.monotonic_ns();
        if (!due_ns || *due_ns > now_ns) return true;
        if (outstanding_bytes_ >= window) return false;
        const bool whenever = next_->whenever;
        now_ns = send_one(whenever ? std::nullopt : due_ns, now_ns);
        if (!whenever) next_ = arrivals_.next();
    }
    return true;
}

/// What was handed over since the last time.
void Sender::tell_sent() {
    if (handed_over_.empty()) return;
    auto stats = stats_.lock();
    stats->sent += std::ssize(handed_over_);
    for (const Lateness& one : handed_over_) {
        stats->slip_us.record(one.slip_ns / 1000);
        stats->held_us.record(one.held_ns / 1000);
    }
    handed_over_.clear();
}

/// Returns when it was handed over, which is the intended time of one that has none.
int64_t Sender::send_one(std::optional<int64_t> due_ns, int64_t now_ns) {
    const int64_t wall_ms = (start_wall_ns_ + (now_ns - start_ns_)) / millisecond_ns;
    const MadeMessage message = content_.next(wall_ms);
    const int64_t sent_ns = clock_.monotonic_ns();
    const int64_t intended_ns = due_ns.value_or(sent_ns);
    Slot slot{.intended_ns = intended_ns,
              .sent_ns = sent_ns,
              .partition = uint32_t(message.topic * workload_.topics.partitions +
                                    message.partition),
              .size = uint32_t(size_of(message))};
    slot.sequence = ledger_.take_sequence(slot.partition);
    const int64_t late_ns = slot.sent_ns - intended_ns;
    const int64_t held_ns = std::min(late_ns, held_back_.since(intended_ns));
    Engine::Taken taken = send(message, slot);
    while (taken == Engine::Taken::no_room && !stopped()) {
        const int64_t begin_ns = clock_.monotonic_ns();
        engine_->poll(begin_ns + wait_max_ns);
        account(begin_ns, begin_ns, clock_.monotonic_ns());
        taken = send(message, slot);
    }
    if (taken != Engine::Taken::no_room)
        handed_over_.push_back({.slip_ns = late_ns - held_ns, .held_ns = held_ns});
    if (taken == Engine::Taken::yes) return sent_ns;
    ledger_.failed(slot.partition, slot.sequence);
    auto stats = stats_.lock();
    // Without room the run has ended while it waited.
    if (taken == Engine::Taken::no_room) ++stats->unsent;
    else ++stats->failed;
    if (taken == Engine::Taken::refused) stats->last_error = engine_->refusal();
    stats->response_us.record((clock_.monotonic_ns() - intended_ns) / 1000);
    return sent_ns;
}

Engine::Taken Sender::send(const MadeMessage& message, const Slot& slot) {
    const SealBytes seal = encode({.run = options_.run_id,
                                   .producer = slot.warm_up ? warm_up_producer
                                                            : uint32_t(options_.producer),
                                   .sequence = slot.sequence,
                                   .intended_wall_ns =
                                       start_wall_ns_ + (slot.intended_ns - start_ns_)},
                                  message.key, message.value);
    headers_.back().value = ByteView(seal);
    if (free_.empty()) {
        free_.push_back(int64_t(slots_.size()));
        slots_.emplace_back();
    }
    const int64_t tag = free_.back();
    free_.pop_back();
    slots_[size_t(tag)] = slot;
    outstanding_bytes_ += slot.size + overhead_;
    const auto taken = engine_->send({.topic = size_t(message.topic),
                                      .partition = message.partition,
                                      .key = message.key,
                                      .value = message.value,
                                      .headers = headers_,
                                      .timestamp_ms =
                                          (start_wall_ns_ + (slot.sent_ns - start_ns_)) /
                                          millisecond_ns,
                                      .tag = tag});
    if (taken != Engine::Taken::yes) {
        outstanding_bytes_ -= slot.size + overhead_;
        free_.push_back(tag);
    }
    return taken;
}

/// What of a turn the thread spent neither running nor ready to run, while messages were due, the
/// client held back. The answer is asked of the kernel only when a turn was long.
void Sender::account(int64_t begin_ns, int64_t due_ns, int64_t end_ns) {
    const bool is_long = end_ns - begin_ns >= held_min_ns;
    if (!is_long && end_ns - looked_at_ns_ < look_interval_ns) return;
    const int64_t busy_ns = time_->busy_ns();
    if (is_long) {
        const int64_t waited_ns =
            end_ns - std::max(begin_ns, due_ns) - (busy_ns - busy_before_ns_);
        if (waited_ns >= held_min_ns) {
            held_back_.add(end_ns - waited_ns, end_ns);
            stats_.lock()->held_back_ns += waited_ns;
        }
    }
    busy_before_ns_ = busy_ns;
    looked_at_ns_ = end_ns;
}

void Sender::delivered(const Delivered& delivered) {
    const int64_t now_ns = clock_.monotonic_ns();
    answered_ns_ = now_ns;
    auto stats = stats_.lock();
    int64_t offset = delivered.base_offset;
    for (const int64_t tag : delivered.tags) {
        const Slot slot = slots_[size_t(tag)];
        free_.push_back(tag);
        outstanding_bytes_ -= slot.size + overhead_;
        const Answer answer{slot, offset};
        if (offset >= 0) ++offset;
        if (slot.warm_up) {
            if (delivered.failure != nullptr) fail(*delivered.failure);
        } else if (delivered.failure != nullptr && is_aborting_) {
            ledger_.aborted(slot.partition, slot.sequence);
            ++stats->aborted;
        } else if (delivered.failure != nullptr) {
            ledger_.failed(slot.partition, slot.sequence);
            ++stats->failed;
            stats->last_error = *delivered.failure;
            stats->response_us.record((now_ns - slot.intended_ns) / 1000);
        } else if (options_.engine.transactional) {
            uncommitted_.push_back(answer);
        } else {
            acknowledged(answer, now_ns, *stats);
        }
    }
}

void Sender::acknowledged(const Answer& answer, int64_t now_ns, SenderStats& stats) {
    const Slot& slot = answer.slot;
    ledger_.acknowledged(slot.partition, slot.sequence, answer.offset);
    ++stats.acknowledged;
    stats.bytes += slot.size;
    stats.response_us.record((now_ns - slot.intended_ns) / 1000);
    stats.service_us.record((now_ns - slot.sent_ns) / 1000);
}

/// The messages of a transaction count as acknowledged when it is committed.
void Sender::end_transaction(bool is_last) {
    const bool aborts = random_.unit() < workload_.producers.transactions->aborts;
    is_aborting_ = aborts;
    const auto ended = aborts ? engine_->abort() : engine_->commit();
    is_aborting_ = false;
    if (ended || aborts) {
        settle(aborts);
        if (!ended) return fail(ended.error());
    } else {
        // What could not be committed is aborted, and the load goes on.
        const auto undone = engine_->abort();
        give_up_uncommitted(ended.error(), undone.has_value());
        if (!undone) return fail(undone.error());
    }
    if (is_last) return;
    if (auto begun = engine_->begin(); !begun) return fail(begun.error());
    transaction_ends_ns_ =
        clock_.monotonic_ns() + nanoseconds(workload_.producers.transactions->every);
}

void Sender::settle(bool aborted) {
    const int64_t now_ns = clock_.monotonic_ns();
    auto stats = stats_.lock();
    for (const Answer& answer : uncommitted_) {
        if (!aborted) {
            acknowledged(answer, now_ns, *stats);
            continue;
        }
        ledger_.aborted(answer.slot.partition, answer.slot.sequence);
        ++stats->aborted;
    }
    uncommitted_.clear();
}

/// Of a transaction that was not committed. When it is not known to have been aborted either, its
/// messages may be seen all the same.
void Sender::give_up_uncommitted(const std::string& why, bool undone) {
    const int64_t now_ns = clock_.monotonic_ns();
    auto stats = stats_.lock();
    for (const auto& [slot, offset] : uncommitted_) {
        if (undone) ledger_.aborted(slot.partition, slot.sequence);
        else ledger_.failed(slot.partition, slot.sequence);
        ++stats->failed;
        stats->last_error = why;
        stats->response_us.record((now_ns - slot.intended_ns) / 1000);
    }
    uncommitted_.clear();
}

/// What ought to have been sent by now counts with how late it already is.
void Sender::give_up_unsent() {
    const int64_t passed_ns = clock_.monotonic_ns() - start_ns_;
    auto stats = stats_.lock();
    for (; next_ && !next_->whenever && next_->at_ns <= passed_ns; next_ = arrivals_.next()) {
        ++stats->unsent;
        stats->response_us.record((passed_ns - next_->at_ns) / 1000);
    }
}

void Sender::finish() {
    const int64_t give_up_ns = clock_.monotonic_ns() + nanoseconds(workload_.limits.patience);
    while (free_.size() < slots_.size() && !engine_->fatal() &&
           clock_.monotonic_ns() < give_up_ns)
        engine_->poll(clock_.monotonic_ns() + wait_max_ns);
    if (options_.engine.transactional) {
        if (free_.size() == slots_.size()) end_transaction(true);
        else give_up_uncommitted("the transaction was not ended", false);
    }
    auto stats = stats_.lock();
    const int64_t now_ns = clock_.monotonic_ns();
    std::vector<bool> is_free(slots_.size());
    for (int64_t tag : free_) is_free[size_t(tag)] = true;
    for (size_t i = 0; i < slots_.size(); ++i) {
        if (is_free[i]) continue;
        ++stats->unanswered;
        stats->response_us.record((now_ns - slots_[i].intended_ns) / 1000);
    }
}

}  // namespace stoker::workload
