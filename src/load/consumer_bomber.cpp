#include "load/consumer_bomber.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/random.hpp"
#include "load/message_processor.hpp"
#include "load/trouble.hpp"
#include "load/wall_time.hpp"

namespace stoker::load {

namespace {

using std::chrono::milliseconds;

/// The poll's time-out is waited for in shorter steps, so that a stop is heard.
constexpr milliseconds poll_step{200};
constexpr int64_t lag_interval_ns = 1'000'000'000;
constexpr size_t events_max = 1'000;

}  // namespace

client::Config consumer_config(const ConsumerOptions& options) {
    client::Config settings{
        {"client.id", "consumer-bomber"},
        {"group.id", options.consumer_group},
        {"auto.offset.reset", options.auto_offset_reset},
        {"enable.auto.commit", "true"},
        {"auto.commit.interval.ms", "1000"},
        {"session.timeout.ms", "30000"},
        {"heartbeat.interval.ms", "3000"},
        {"max.poll.interval.ms", "300000"},
        {"fetch.min.bytes", "1"},
        {"fetch.wait.max.ms", "500"},
        {"max.partition.fetch.bytes", "1048576"},
        {"check.crcs", "true"},
        {"partition.assignment.strategy", "roundrobin,range"},
        // No divisor of the 3 s for which a coordinator gathers the members: a
        // refresh at that very moment would send librdkafka back to joining.
        {"topic.metadata.refresh.interval.ms", "1300"},
    };
    auto config = client::connection_config(options.bootstrap_servers, options.security);
    if (options.metrics_port) config.emplace_back("statistics.interval.ms", "1000");
    config.insert(config.end(), settings.begin(), settings.end());
    for (auto* more : {&options.config.consumer, &options.command_config})
        config.insert(config.end(), more->begin(), more->end());
    return config;
}

struct ConsumerBomber::Worker {
    Worker(int index, uint64_t seed, const ProcessingRules& rules)
        : index(index), random(seed), processor(rules) {}

    int index;
    Random random;
    MessageProcessor processor;
    Guarded<ConsumerStats> stats;
    Guarded<client::Statistics> statistics;
    std::vector<std::pair<Stamp, int64_t>> notes;  ///< stamps and when they were seen
    int64_t unstamped = 0;
    int64_t lag_asked_ns = 0;
    std::unique_ptr<client::Consumer> consumer;
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

void ConsumerBomber::work(Worker& worker) {
    const auto delay = options_.config.consumer_startup_delay * worker.index;
    if (stop_.wait_for(delay) || !connect(worker)) return;
    consume(worker);
    end_ns_ = clock_.monotonic_ns();  // leaving the group is not part of the rates
    auto lag = worker.consumer->lag();
    worker.stats.lock()->lag = std::move(lag);
    worker.consumer->close();
    flush_notes(worker);
}

client::Outcome<std::unique_ptr<client::Consumer>> ConsumerBomber::make_consumer(Worker& worker) {
    auto on_error = [this, &worker](const client::Error& error) {
        event(fmt::format("consumer {}: {}", worker.index, error.text));
        worker.stats.lock()->last_error = error.text;
        if (is_refusal(error)) fail(explain(options_.bootstrap_servers, error));
    };
    auto on_assignment = [this, &worker](bool came, const auto& partitions) {
        event(fmt::format("consumer {}: {} partitions {}", worker.index, partitions.size(),
                          came ? "assigned" : "taken away"));
        auto stats = worker.stats.lock();
        if (came) stats->lag.clear();
        stats->partitions_assigned += came ? std::ssize(partitions) : -std::ssize(partitions);
        stats->consumers_assigned = stats->partitions_assigned > 0;
    };
    auto on_statistics = [&worker](const client::Statistics& told) {
        *worker.statistics.lock() = told;
    };
    auto on_commit = [&worker](bool succeeded) {
        auto stats = worker.stats.lock();
        ++(succeeded ? stats->commits : stats->failed_commits);
    };
    return client::Consumer::create(consumer_config(options_),
                                    {on_error, on_assignment, on_statistics, on_commit});
}

/// By the group, or the partitions that were named, which the consumers deal out among themselves.
client::Outcome<void> ConsumerBomber::begin(Worker& worker, client::Consumer& consumer) {
    if (options_.partitions.empty()) return consumer.subscribe(options_.topics());
    std::vector<client::TopicPartition> mine;
    int turn = 0;
    for (const std::string& topic : options_.topics())
        for (int32_t partition : options_.partitions)
            if (turn++ % options_.num_consumers == worker.index) mine.push_back({topic, partition});
    return consumer.assign(mine);
}

bool ConsumerBomber::connect(Worker& worker) {
    const ConnectRetry& retry = options_.config.retry;
    for (int attempt = 1; !stop_.requested(); ++attempt) {
        auto consumer = make_consumer(worker);
        if (!consumer) return fail(consumer.error().text), false;
        auto connected =
            (*consumer)->connect(retry.attempt_timeout, [this] { return stop_.requested(); });
        if (connected) connected = begin(worker, **consumer);
        if (connected) {
            worker.consumer = std::move(*consumer);
            return true;
        }
        if (stop_.requested()) break;
        const std::string why = explain(options_.bootstrap_servers, connected.error());
        if (is_refusal(connected.error())) return fail(why), false;
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
        for (int i = 0; i < options_.config.max_poll_records && !stop_.requested(); ++i) {
            auto message = worker.consumer->poll(i == 0 ? patience : milliseconds(0));
            if (!message) break;
            handle(worker, *message);
        }
        flush_notes(worker);
        int64_t now = clock_.monotonic_ns();
        if (now - worker.lag_asked_ns < lag_interval_ns) continue;
        worker.lag_asked_ns = now;
        auto lag = worker.consumer->lag();
        worker.stats.lock()->lag = std::move(lag);
    }
}

void ConsumerBomber::handle(Worker& worker, const client::Message& message) {
    if (message.error()) return handle_error(worker, message);
    {
        auto stats = worker.stats.lock();
        ++stats->messages_consumed;
        stats->bytes_consumed += int64_t(message.value().size());
        auto topic = stats->by_topic.find(message.topic());
        if (topic == stats->by_topic.end())
            topic = stats->by_topic.emplace(message.topic(), 0).first;
        ++topic->second;
    }
    if (options_.verify) note(worker, message);
    process(worker, message);
    worker.consumer->store(message);
}

void ConsumerBomber::handle_error(Worker& worker, const client::Message& message) {
    client::Error error{message.error(), std::string(message.value())};
    if (message.has_topic()) error.text = fmt::format("{}: {}", message.topic(), error.text);
    event(fmt::format("consumer {}: {}", worker.index, error.text));
    // A topic that does not exist yet is waited for.
    if (error.code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART ||
        error.code == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC)
        return;
    {
        auto stats = worker.stats.lock();
        ++stats->messages_failed;
        stats->last_error = error.text;
    }
    if (is_refusal(error)) fail(explain(options_.bootstrap_servers, error));
}

void ConsumerBomber::process(Worker& worker, const client::Message& message) {
    int64_t begin = clock_.monotonic_ns();
    auto done = worker.processor.process(message.value());
    if (!done) {
        const std::string why = fmt::format("{} [{}] at offset {}: {}", message.topic(),
                                            message.partition(), message.offset(), done.error());
        event(fmt::format("consumer {}: {}", worker.index, why));
        auto stats = worker.stats.lock();
        ++stats->messages_failed;
        ++stats->processing_errors;
        stats->last_error = why;
        return;
    }
    simulate_business(worker);
    int64_t took = clock_.monotonic_ns() - begin;
    const auto count = [&done](auto& counts) {
        auto at = counts.find(done->type);
        if (at == counts.end()) at = counts.emplace(done->type, 0).first;
        ++at->second;
    };
    auto stats = worker.stats.lock();
    ++stats->messages_processed;
    stats->bytes_processed += int64_t(message.value().size());
    stats->processing_ns += took;
    count(stats->by_type);
    if (done->alert) count(stats->alerts);
    if (done->time_us)
        stats->age_us.record(std::max<int64_t>(wall_ns() / 1000 - *done->time_us, 0));
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
    if (delay.count() > 0) stop_.wait_for(delay);
}

void ConsumerBomber::note(Worker& worker, const client::Message& message) {
    auto header = message.header(stamp_header);
    auto stamp = header ? decode_stamp(*header) : std::nullopt;
    if (stamp)
        worker.notes.emplace_back(*stamp, wall_ns());
    else
        ++worker.unstamped;
}

void ConsumerBomber::flush_notes(Worker& worker) {
    if (worker.notes.empty() && worker.unstamped == 0) return;
    auto verification = verification_.lock();
    for (auto& [stamp, seen_ns] : worker.notes) verification->record(stamp, seen_ns);
    for (; worker.unstamped > 0; --worker.unstamped) verification->record_unstamped();
    worker.notes.clear();
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

client::Statistics ConsumerBomber::statistics() const {
    client::Statistics total;
    for (auto& worker : workers_) total.add(*worker->statistics.lock());
    return total;
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
