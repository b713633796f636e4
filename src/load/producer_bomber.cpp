#include "load/producer_bomber.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/random.hpp"
#include "load/message_generator.hpp"
#include "load/processor_use.hpp"
#include "load/schedule.hpp"
#include "load/stamp.hpp"
#include "load/trouble.hpp"
#include "load/wall_time.hpp"

namespace stoker::load {

namespace {

using std::chrono::milliseconds;

/// The specification's request_timeout_ms; as long again is waited for the last answers.
constexpr milliseconds flush_max{30'000};
/// How long after the end of the schedule messages that are due are still sent.
constexpr int64_t catch_up_max_ns = 1'000'000'000;
/// Messages between two looks at the delivery reports.
constexpr int64_t burst_max = 256;
/// How often an interruption is looked for between two attempts.
constexpr milliseconds interruption_step{50};
/// How often a thread notes what it has used of a processor.
constexpr int64_t accounting_interval_ns = 100'000'000;

std::string value_of(const client::Config& config, std::string_view name) {
    std::string value;
    for (auto& [key, text] : config)
        if (key == name) value = text;
    return value;
}

/// librdkafka refuses idempotence with fewer acknowledgements than all, and without retries.
void drop_impossible_idempotence(client::Config& config) {
    const std::string acks = value_of(config, "acks");
    const bool waits_for_all = acks == "all" || acks == "-1";
    if (!waits_for_all || value_of(config, "retries") == "0")
        config.emplace_back("enable.idempotence", "false");
}

/// gzip's usual level, 6, costs more than all else that a message costs here; level 3 a third of
/// it, for an eighth more bytes. A load generator takes that, unless it was told which.
void choose_gzip_level(client::Config& config) {
    const bool is_gzip = value_of(config, "compression.type") == "gzip";
    if (is_gzip && value_of(config, "compression.level").empty())
        config.emplace_back("compression.level", "3");
}

}  // namespace

client::Config producer_config(const ProducerOptions& options) {
    client::Config settings{
        {"client.id", "producer-bomber"},
        {"acks", "all"},
        {"retries", "3"},
        {"retry.backoff.ms", "100"},
        {"request.timeout.ms", "30000"},
        {"message.timeout.ms", "120000"},
        {"compression.type", "gzip"},
        {"batch.size", "16384"},
        {"linger.ms", "10"},
        // The buffer is 32 MB; the number of messages must not be what limits it.
        {"queue.buffering.max.kbytes", "32768"},
        {"queue.buffering.max.messages", "1000000"},
        {"message.max.bytes", "1048576"},
        {"enable.idempotence", "true"},
        {"max.in.flight.requests.per.connection", "5"},
        // The partition that Apache Kafka's own client chooses for a key.
        {"partitioner", "murmur2_random"},
    };
    auto config = client::connection_config(options.bootstrap_servers, options.security);
    if (options.metrics_port) config.emplace_back("statistics.interval.ms", "1000");
    config.insert(config.end(), settings.begin(), settings.end());
    for (auto* more : {&options.config.producer, &options.command_config})
        config.insert(config.end(), more->begin(), more->end());
    drop_impossible_idempotence(config);
    choose_gzip_level(config);
    return config;
}

struct ProducerBomber::Worker {
    Worker(int index, uint64_t seed, const ProducerOptions& options)
        : index(index), generator(seed, options.message_size, options.config.templates) {}

    int index;
    MessageGenerator generator;
    Schedule schedule{ScheduleOptions{}};
    uint64_t sequence = 0;
    std::vector<size_t> topics;  ///< the producer's numbers of them
    int64_t answered_ns = 0;     ///< when the last acknowledgement came
    int64_t accounted_ns = 0;
    std::atomic<int64_t> sent_until_ns = 0;  ///< when it stopped sending
    Guarded<ProducerStats> stats;
    Guarded<client::Statistics> statistics;
    std::unique_ptr<client::Producer> producer;
    std::jthread thread;  ///< last: joined before the rest goes
};

ProducerBomber::ProducerBomber(ProducerOptions options, const Clock& clock, Stop& stop)
    : options_(std::move(options)), clock_(clock), stop_(stop), topics_(options_.topics()) {
    run_id_ = Random().next();
    for (int i = 0; i < options_.num_threads; ++i)
        workers_.push_back(std::make_unique<Worker>(i, options_.seed + uint64_t(i), options_));
}

ProducerBomber::~ProducerBomber() {
    stop_.request();
    join();
}

void ProducerBomber::join() {
    for (auto& worker : workers_)
        if (worker->thread.joinable()) worker->thread.join();
}

std::expected<void, std::string> ProducerBomber::start(const client::Stopped& interrupted,
                                                       const Notice& notice) {
    for (auto& worker : workers_) {
        auto ready = connect(*worker, interrupted, notice);
        if (ready) ready = prepare_topics(*worker, interrupted);
        if (!ready) return ready;
    }
    start_ns_ = clock_.monotonic_ns();
    start_wall_ns_ = wall_ns();
    running_ = options_.num_threads;
    for (auto& worker : workers_) {
        worker->answered_ns = start_ns_;
        worker->schedule = Schedule({.messages_per_second = options_.messages_per_second,
                                     .duration_ns = options_.duration.count(),
                                     .start_ns = start_ns_,
                                     .thread = worker->index,
                                     .threads = options_.num_threads});
    }
    for (auto& worker : workers_)
        worker->thread = std::jthread([this, &worker = *worker] {
            send(worker);
            worker.sent_until_ns = clock_.monotonic_ns();
            finish(worker);
            int64_t now = clock_.monotonic_ns();
            if (--running_ == 0) end_ns_ = now;
        });
    return {};
}

std::expected<void, std::string> ProducerBomber::connect(Worker& worker,
                                                         const client::Stopped& interrupted,
                                                         const Notice& notice) {
    const ConnectRetry& retry = options_.config.retry;
    const auto timeout = std::min(retry.attempt_timeout, options_.config.block_max);
    for (int attempt = 1;; ++attempt) {
        if (auto made = make_producer(worker); !made) return made;
        auto connected = worker.producer->connect(timeout, interrupted);
        if (connected) return {};
        const std::string why = explain(options_.bootstrap_servers, connected.error());
        if (is_refusal(connected.error()) || interrupted()) return std::unexpected(why);
        if (retry.is_last(attempt))
            return std::unexpected(fmt::format("{} (attempt {} of {})", why, attempt,
                                               retry.attempts_max));
        const auto delay = retry.delay_after(attempt);
        if (notice)
            notice(fmt::format("attempt {}: {}; again in {:.1f} s", attempt, why,
                               double(delay.count()) / 1000));
        const int64_t again_ns = clock_.monotonic_ns() + std::chrono::nanoseconds(delay).count();
        while (!interrupted() && clock_.monotonic_ns() < again_ns)
            stop_.wait_for(std::min(interruption_step, delay));
    }
}

std::expected<void, std::string> ProducerBomber::make_producer(Worker& worker) {
    auto on_delivery = [this, &worker](const client::Delivery& delivery) {
        delivered(worker, delivery);
    };
    auto on_error = [this, &worker](const client::Error& error) {
        worker.stats.lock()->last_error = error.text;
        if (error.code == RD_KAFKA_RESP_ERR__FATAL) fail(error.text);
        if (is_refusal(error)) fail(explain(options_.bootstrap_servers, error));
    };
    auto on_statistics = [&worker](const client::Statistics& told) {
        *worker.statistics.lock() = told;
    };
    auto producer = client::Producer::create(producer_config(options_),
                                             {on_delivery, on_error, on_statistics});
    if (!producer) return std::unexpected(producer.error().text);
    worker.producer = std::move(*producer);
    return {};
}

std::expected<void, std::string> ProducerBomber::prepare_topics(
    Worker& worker, const client::Stopped& interrupted) {
    const auto block_max = options_.config.block_max;
    const auto why = [&](const client::Error& error, std::string_view remedy) {
        const bool refused = cause_of(error) == client::Cause::permission;
        return std::unexpected(
            refused ? explain(options_.bootstrap_servers, error)
                    : fmt::format("{}: {}: {}", options_.bootstrap_servers, error.text, remedy));
    };
    if (options_.num_partitions > 0 && worker.index == 0) {
        auto made = worker.producer->create_topics(topics_, options_.num_partitions, block_max);
        if (!made) return why(made.error(), "make the topics, and leave --num-partitions out");
    }
    for (auto& topic : topics_) worker.topics.push_back(worker.producer->topic(topic));
    auto there = worker.producer->await_topics(block_max, interrupted);
    if (!there)
        return why(there.error(), "make the topics (--num-partitions), or let the broker do it");
    if (options_.partitions.empty()) return {};
    const int32_t last = options_.partitions.back();
    if (last < worker.producer->partitions_min()) return {};
    return std::unexpected(fmt::format("--partitions names {}, and a topic has only {} partitions",
                                       last, worker.producer->partitions_min()));
}

void ProducerBomber::delivered(Worker& worker, const client::Delivery& delivery) {
    const int64_t now = clock_.monotonic_ns();
    auto stats = worker.stats.lock();
    if (delivery.error) {
        ++stats->messages_failed;
        stats->last_error = rd_kafka_err2str(delivery.error);
        return;
    }
    ++stats->messages_sent;
    stats->bytes_sent += int64_t(delivery.value.size());
    const int64_t since_ns = start_ns_ + delivery.tag;
    stats->ack_us.record((now - since_ns) / 1000);
    const int64_t silence_us = (now - std::max(worker.answered_ns, since_ns)) / 1000;
    stats->silence_max_us = std::max(stats->silence_max_us, silence_us);
    worker.answered_ns = now;
}

void ProducerBomber::send(Worker& worker) {
    const Schedule& schedule = worker.schedule;
    int64_t total = schedule.total();
    int64_t give_up_ns = schedule.end_ns() + catch_up_max_ns;
    int64_t next = 0;
    while (next < total && !stop_.requested()) {
        int64_t now = clock_.monotonic_ns();
        if (now > give_up_ns) break;
        if (now - worker.accounted_ns > accounting_interval_ns) {
            worker.accounted_ns = now;
            worker.stats.lock()->processor_ns_max = thread_processor_ns();
        }
        int64_t until = std::min(schedule.due(now), next + burst_max);
        for (; next < until; ++next) send_one(worker, next);
        if (next >= total) break;
        // A message is at most a tick of a millisecond late; at 1,000 a second and more that is one
        // wake-up for several messages.
        int64_t early_ns = schedule.intended_ns(next) - clock_.monotonic_ns();
        int64_t tick_ms = std::clamp<int64_t>((early_ns + 999'999) / 1'000'000, 0, 100);
        worker.producer->poll(milliseconds(tick_ms));
    }
    if (!stop_.requested()) worker.stats.lock()->messages_unsent += total - next;
}

void ProducerBomber::send_one(Worker& worker, int64_t n) {
    int64_t intended_ns = worker.schedule.intended_ns(n);
    int64_t late_ns = clock_.monotonic_ns() - intended_ns;
    size_t topic = size_t(worker.schedule.global(n)) % topics_.size();
    auto message = worker.generator.next(wall_ns() / 1000);
    auto stamp = encode({.run = run_id_,
                         .producer = uint32_t(worker.index),
                         .sequence = worker.sequence,
                         .intended_wall_ns = start_wall_ns_ + (intended_ns - start_ns_)});
    client::Header header{stamp_header, stamp};
    {
        auto stats = worker.stats.lock();
        stats->lateness_max_us = std::max(stats->lateness_max_us, late_ns / 1000);
        stats->messages_late += late_ns > ProducerStats::late_ns;
        if (n < int64_t(topics_.size())) stats->topics_created.insert(topics_[topic]);
    }
    hand_over(worker, {.topic = worker.topics[topic],
                       .key = message.key,
                       .value = message.value,
                       .headers = {&header, options_.verify ? 1u : 0u},
                       .tag = intended_ns - start_ns_,
                       .partition = partition_of(worker.schedule.global(n))});
}

int32_t ProducerBomber::partition_of(int64_t message) const {
    if (options_.partitions.empty()) return -1;
    // The topics take turns, and after each round of them the partitions do.
    const auto round = uint64_t(message) / topics_.size();
    return options_.partitions[round % options_.partitions.size()];
}

void ProducerBomber::hand_over(Worker& worker, const client::Producer::Record& record) {
    auto code = worker.producer->produce(record);
    int64_t blocked_ns = 0;
    if (code == RD_KAFKA_RESP_ERR__QUEUE_FULL) {
        const int64_t begin_ns = clock_.monotonic_ns();
        const int64_t block_ns = std::chrono::nanoseconds(options_.config.block_max).count();
        while (code == RD_KAFKA_RESP_ERR__QUEUE_FULL && !stop_.requested() &&
               blocked_ns < block_ns) {
            worker.producer->poll(milliseconds(10));
            code = worker.producer->produce(record);
            blocked_ns = clock_.monotonic_ns() - begin_ns;
        }
    }
    auto stats = worker.stats.lock();
    stats->blocked_ns += blocked_ns;
    if (!code) {
        ++worker.sequence;
        ++stats->messages_queued;
        return;
    }
    ++stats->messages_failed;
    stats->last_error = rd_kafka_err2str(code);
}

void ProducerBomber::finish(Worker& worker) {
    int64_t give_up_ns = clock_.monotonic_ns() + std::chrono::nanoseconds(flush_max).count();
    while (!worker.producer->flush(milliseconds(100)) && clock_.monotonic_ns() < give_up_ns) {
        if (failure()) break;
    }
    if (worker.producer->outstanding() == 0) return;
    worker.producer->purge();
    worker.producer->flush(milliseconds(1000));
}

void ProducerBomber::fail(const std::string& why) {
    auto failure = failure_.lock();
    if (!*failure) *failure = why;
    stop_.request();
}

client::Statistics ProducerBomber::statistics() const {
    client::Statistics total;
    for (auto& worker : workers_) total.add(*worker->statistics.lock());
    return total;
}

ProducerStats ProducerBomber::stats() const {
    ProducerStats total;
    for (auto& worker : workers_) total.merge(*worker->stats.lock());
    return total;
}

ProducerRun ProducerBomber::run() const {
    if (start_ns_ == 0) return {.run_id = run_id_, .seed = options_.seed};
    const int64_t end_ns = end_ns_ ? end_ns_.load() : clock_.monotonic_ns();
    int64_t due = 0;
    int64_t sent_until_ns = 0;
    for (auto& worker : workers_) {
        const int64_t until_ns = worker->sent_until_ns ? worker->sent_until_ns.load() : end_ns;
        due += worker->schedule.due(until_ns);
        sent_until_ns = std::max(sent_until_ns, until_ns);
    }
    const int64_t planned_ns = std::min(sent_until_ns - start_ns_, options_.duration.count());
    return {.start_wall_us = start_wall_ns_ / 1000,
            .seconds = double(end_ns - start_ns_) / 1e9,
            .planned_seconds = double(planned_ns) / 1e9,
            .messages_due = due,
            .threads = options_.num_threads,
            .run_id = run_id_,
            .seed = options_.seed};
}

}  // namespace stoker::load
