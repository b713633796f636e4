#include "load/consumer_bomber.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "base/random.hpp"
#include "load/consumer_settings.hpp"
#include "load/message_processor.hpp"
#include "load/trouble.hpp"
#include "load/wall_time.hpp"

namespace stoker::load {

namespace {

using std::chrono::milliseconds;

/// The poll's time-out is waited for in shorter steps, so that a stop is heard.
constexpr milliseconds poll_step{200};
/// The client has no thread for its group: it is asked so often, however long a record takes.
constexpr int64_t poll_interval_ns = 500'000'000;
constexpr milliseconds keep_alive_interval{1'000};
/// The first try of an attempt to connect; the next ones take longer, and a stop is heard between.
constexpr milliseconds first_try{1'000};
constexpr milliseconds failure_pause{100};
constexpr int64_t tell_interval_ns = 20'000'000;
constexpr int64_t lag_interval_ns = 1'000'000'000;
/// What the client says again and again, of a topic that does not exist yet, is told so often.
constexpr int64_t same_log_interval_ns = 30'000'000'000;
constexpr size_t events_max = 1'000;

std::string_view value_of(const kafka::ConsumerRecord& record) {
    return record.view.value ? text_of(*record.view.value) : std::string_view();
}

/// Moves a count over.
void add(std::map<std::string, int64_t, std::less<>>& counts, const std::string& name,
         int64_t& count) {
    if (count > 0) counts[name] += std::exchange(count, 0);
}

/// "[2026-11-21 07:55:48,513] WARN [Consumer …] text (logger)" without what stands around the text.
std::string_view text_of_log_line(std::string_view line) {
    for (int brackets = 0; brackets < 2; ++brackets)
        if (const size_t end = line.find("] "); end != line.npos) line.remove_prefix(end + 2);
    return line.substr(0, line.rfind(" ("));
}

std::string without_digits(std::string_view text) {
    std::string rest;
    std::ranges::copy_if(text, std::back_inserter(rest), [](char c) { return c < '0' || c > '9'; });
    return rest;
}

}  // namespace

struct ConsumerBomber::Worker {
    Worker(int index, uint64_t seed, const ProcessingRules& rules)
        : index(index), random(seed), processor(rules),
          of_type(processor.type_names().size()), alerts_of_type(of_type.size()) {}

    /// Messages come in rows of one topic.
    void count_topic(const std::string& topic) {
        if (topic != last_topic) {
            add(fresh.by_topic, last_topic, of_last_topic);
            last_topic = topic;
        }
        ++of_last_topic;
    }
    /// What was counted since the last time, complete.
    ConsumerStats take_fresh() {
        add(fresh.by_topic, last_topic, of_last_topic);
        for (size_t type = 0; type < of_type.size(); ++type) {
            add(fresh.by_type, processor.type_names()[type], of_type[type]);
            add(fresh.alerts, processor.type_names()[type], alerts_of_type[type]);
        }
        return std::exchange(fresh, {});
    }

    int index;
    Random random;
    MessageProcessor processor;
    Guarded<ConsumerStats> stats;
    ConsumerStats fresh;  ///< what `stats` lacks, but for the next four
    std::string last_topic;
    int64_t of_last_topic = 0;
    std::vector<int64_t> of_type;
    std::vector<int64_t> alerts_of_type;
    std::vector<std::pair<Stamp, int64_t>> notes;  ///< stamps and when they were seen
    int64_t unstamped = 0;
    int64_t wall_offset_ns = 0;  ///< of the wall clock to the monotonic one, at the last poll
    int64_t polled_ns = 0;
    int64_t told_ns = 0;
    int64_t lag_asked_ns = 0;
    std::string logged;  ///< the last line, without its numbers
    int64_t logged_ns = 0;
    std::unique_ptr<kafka::Consumer> consumer;
    std::jthread thread;  ///< last: joined before the rest goes
};

ConsumerBomber::ConsumerBomber(ConsumerOptions options, const Clock& clock, Stop& stop)
    : options_(std::move(options)), clock_(clock), stop_(stop) {
    for (int i = 0; i < options_.num_consumers; ++i)
        workers_.push_back(
            std::make_unique<Worker>(i, options_.seed + uint64_t(i), options_.config.rules));
}

ConsumerBomber::~ConsumerBomber() {
    stop_.request();
    join();
}

void ConsumerBomber::start() {
    start_ns_ = clock_.monotonic_ns();
    start_wall_ns_ = wall_ns();
    running_ = options_.num_consumers;
    for (auto& worker : workers_)
        worker->thread = std::jthread([this, &worker = *worker] {
            work(worker);
            --running_;
        });
}

void ConsumerBomber::join() {
    for (auto& worker : workers_)
        if (worker->thread.joinable()) worker->thread.join();
}

void ConsumerBomber::work(Worker& worker) try {
    const auto delay = options_.config.consumer_startup_delay * worker.index;
    if (stop_.wait_for(delay) || !connect(worker)) return;
    consume(worker);
    end_ns_ = clock_.monotonic_ns();  // leaving the group is not part of the rates
    tell(worker);
    worker.stats.lock()->lag = worker.consumer->lag();
    worker.consumer->close();
} catch (const std::exception& error) {
    fail(error.what());
}

kafka::Outcome<void> ConsumerBomber::make_consumer(Worker& worker) {
    const auto log = [this, &worker](std::string_view line) {
        const std::string_view text = text_of_log_line(line);
        const int64_t now = clock_.monotonic_ns();
        std::string kind = without_digits(text);
        if (kind == worker.logged && now - worker.logged_ns < same_log_interval_ns) return;
        worker.logged = std::move(kind);
        worker.logged_ns = now;
        event(fmt::format("consumer {}: {}", worker.index, text));
    };
    auto made = kafka::Consumer::create(consumer_properties(options_), kafka::Log(clock_, log),
                                        clock_);
    if (!made) return kafka::failed(made.error());
    worker.consumer = std::move(*made);
    worker.consumer->open_ahead();
    worker.consumer->on_commit([&worker](const kafka::Failure* failure) {
        auto stats = worker.stats.lock();
        ++(failure ? stats->failed_commits : stats->commits);
    });
    return {};
}

void ConsumerBomber::moved(Worker& worker, bool came,
                           const std::vector<kafka::TopicPartition>& partitions) {
    event(fmt::format("consumer {}: {} partitions {}", worker.index, partitions.size(),
                      came ? "assigned" : "taken away"));
    auto stats = worker.stats.lock();
    if (came) ++stats->rebalances;
    if (came) stats->lag.clear();
    stats->partitions_assigned += came ? std::ssize(partitions) : -std::ssize(partitions);
    stats->consumers_assigned = stats->partitions_assigned > 0;
}

/// By the group, or the partitions that were named, which the consumers deal out among themselves.
void ConsumerBomber::begin(Worker& worker) {
    if (options_.partitions.empty())
        return worker.consumer->subscribe(
            options_.topics(),
            {.on_assigned = [&](const auto& partitions) { moved(worker, true, partitions); },
             .on_revoked = [&](const auto& partitions) { moved(worker, false, partitions); }});
    std::vector<kafka::TopicPartition> mine;
    int turn = 0;
    for (const std::string& topic : options_.topics())
        for (int32_t partition : options_.partitions)
            if (turn++ % options_.num_consumers == worker.index) mine.push_back({topic, partition});
    worker.consumer->assign(mine);
    moved(worker, true, mine);
}

/// One attempt. A peer that says nothing is tried again with more patience, up to the attempt's.
kafka::Outcome<void> ConsumerBomber::reach(Worker& worker) {
    auto left = options_.config.retry.attempt_timeout;
    for (auto patience = std::min(first_try, left);; patience = std::min(2 * patience, left)) {
        if (auto made = make_consumer(worker); !made) return made;
        auto connected = worker.consumer->connect(patience.count());
        left -= patience;
        if (connected || stop_.requested() || left.count() <= 0) return connected;
        if (!connected.error().text().contains("timed out")) return connected;
    }
}

bool ConsumerBomber::connect(Worker& worker) {
    const ConnectRetry& retry = options_.config.retry;
    for (int attempt = 1; !stop_.requested(); ++attempt) {
        const auto connected = reach(worker);
        if (connected) return begin(worker), true;
        if (stop_.requested()) break;
        const kafka::Failure& failure = connected.error();
        const std::string why = explain(options_.bootstrap_servers, failure);
        if (is_refusal(failure)) return fail(why), false;
        if (is_setting(failure)) return fail(words_of(failure)), false;
        if (retry.is_last(attempt))
            return fail(fmt::format("{} (attempt {} of {})", why, attempt, retry.attempts_max)),
                   false;
        const auto delay = retry.delay_after(attempt);
        event(fmt::format("consumer {}: attempt {}: {}; again in {:.1f} s", worker.index, attempt,
                          why, double(delay.count()) / 1000),
              true);
        stop_.wait_for(delay);
    }
    return false;
}

void ConsumerBomber::consume(Worker& worker) {
    while (!stop_.requested()) {
        const auto patience = std::min(options_.config.poll_timeout, poll_step);
        const auto polled = worker.consumer->poll(patience.count());
        const int64_t now = worker.polled_ns = clock_.monotonic_ns();
        worker.wall_offset_ns = wall_ns() - now;
        if (!polled) handle_failure(worker, polled.error());
        else if (*polled) read_records(worker);
        if (now - worker.told_ns >= tell_interval_ns) tell(worker);
    }
}

void ConsumerBomber::read_records(Worker& worker) try {
    int64_t now = worker.polled_ns;
    for (int i = 0; i < options_.config.max_poll_records && !stop_.requested(); ++i) {
        const kafka::ConsumerRecord* record = worker.consumer->next();
        if (record == nullptr) return;
        now = handle(worker, *record, now);
        if (now - worker.told_ns >= tell_interval_ns) tell(worker);
        if (now - worker.polled_ns >= poll_interval_ns) return;
    }
} catch (const kafka::KafkaException& error) {
    handle_failure(worker, error.failure());
}

/// From `begin`, when the one before it was done, to what is returned: a look at the clock costs
/// as much as a tenth of the work.
int64_t ConsumerBomber::handle(Worker& worker, const kafka::ConsumerRecord& record,
                               int64_t begin) {
    const std::string_view value = value_of(record);
    ConsumerStats& stats = worker.fresh;
    ++stats.messages_consumed;
    stats.bytes_consumed += int64_t(value.size());
    worker.count_topic(record.where->topic);
    if (options_.verify) note(worker, record, begin);
    const auto done = worker.processor.process(value);
    if (!done) {
        refuse(worker, record, done.error());
        return begin;
    }
    simulate_business(worker);
    const int64_t end = clock_.monotonic_ns();
    ++stats.messages_processed;
    stats.bytes_processed += int64_t(value.size());
    stats.processing_ns += end - begin;
    ++worker.of_type[done->type];
    worker.alerts_of_type[done->type] += done->alert;
    if (done->time_us)
        stats.age_us.record(
            std::max<int64_t>((end + worker.wall_offset_ns) / 1000 - *done->time_us, 0));
    return end;
}

void ConsumerBomber::refuse(Worker& worker, const kafka::ConsumerRecord& record,
                            const std::string& clause) {
    const std::string why = fmt::format("{} [{}] at offset {}: {}", record.where->topic,
                                        record.where->partition, raw(record.view.offset), clause);
    event(fmt::format("consumer {}: {}", worker.index, why));
    ++worker.fresh.messages_failed;
    ++worker.fresh.processing_errors;
    worker.fresh.last_error = why;
}

/// What cannot be read counts as a failed message, and the consumer goes on behind it.
void ConsumerBomber::handle_failure(Worker& worker, const kafka::Failure& failure) {
    const std::string text = words_of(failure);
    event(fmt::format("consumer {}: {}", worker.index, text));
    ++worker.fresh.messages_failed;
    worker.fresh.last_error = text;
    if (is_refusal(failure)) fail(explain(options_.bootstrap_servers, failure));
    stop_.wait_for(failure_pause);
}

void ConsumerBomber::simulate_business(Worker& worker) {
    const ProcessingRules& rules = options_.config.rules;
    std::chrono::microseconds delay;
    if (options_.processing_delay)
        delay = *options_.processing_delay;
    else
        delay = rules.delay_min +
                std::chrono::microseconds(worker.random.below(
                    uint64_t((rules.delay_max - rules.delay_min).count()) + 1));
    for (; delay > keep_alive_interval; delay -= keep_alive_interval) {
        if (stop_.wait_for(keep_alive_interval)) return;
        worker.consumer->keep_alive();
    }
    if (delay.count() > 0) stop_.wait_for(delay);
}

void ConsumerBomber::note(Worker& worker, const kafka::ConsumerRecord& record, int64_t now_ns) {
    std::optional<Stamp> stamp;
    for (const record::HeaderView& header : record.view.headers)
        if (header.key == stamp_header && header.value) stamp = decode_stamp(*header.value);
    if (stamp) worker.notes.emplace_back(*stamp, now_ns + worker.wall_offset_ns);
    else ++worker.unstamped;
}

/// What others see.
void ConsumerBomber::tell(Worker& worker) {
    const int64_t now = worker.told_ns = clock_.monotonic_ns();
    if (!worker.notes.empty() || worker.unstamped > 0) {
        auto verification = verification_.lock();
        for (auto& [stamp, seen_ns] : worker.notes) verification->record(stamp, seen_ns);
        for (; worker.unstamped > 0; --worker.unstamped) verification->record_unstamped();
        worker.notes.clear();
    }
    auto stats = worker.stats.lock();
    stats->merge(worker.take_fresh());
    stats->connections = int64_t(worker.consumer->connections());
    if (now - worker.lag_asked_ns < lag_interval_ns) return;
    worker.lag_asked_ns = now;
    stats->lag = worker.consumer->lag();
}

void ConsumerBomber::event(std::string text, bool always) {
    auto events = events_.lock();
    if (events->kept.size() < events_max)
        events->kept.push_back({.text = std::move(text), .always = always});
    else
        ++events->dropped;
}

std::vector<ConsumerBomber::Event> ConsumerBomber::take_events() {
    auto events = events_.lock();
    std::vector<Event> result = std::exchange(events->kept, {});
    if (const int64_t dropped = std::exchange(events->dropped, 0))
        result.push_back({.text = fmt::format("{} more like these", dropped)});
    return result;
}

void ConsumerBomber::fail(const std::string& why) {
    auto failure = failure_.lock();
    if (!*failure) *failure = why;
    stop_.request();
}

ConsumerStats ConsumerBomber::stats() const {
    ConsumerStats total;
    for (auto& worker : workers_) total.merge(*worker->stats.lock());
    return total;
}

ConsumerRun ConsumerBomber::run() const {
    int64_t end_ns = end_ns_ ? end_ns_.load() : clock_.monotonic_ns();
    return {.start_wall_us = start_wall_ns_ / 1000,
            .seconds = start_ns_ ? double(end_ns - start_ns_) / 1e9 : 0};
}

std::optional<Json> ConsumerBomber::verified() const {
    if (!options_.verify) return {};
    return verified_json(*verification_.lock());
}

}  // namespace stoker::load
