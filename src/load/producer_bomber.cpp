#include "load/producer_bomber.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/random.hpp"
#include "load/message_generator.hpp"
#include "load/schedule.hpp"
#include "load/stamp.hpp"
#include "load/wall_time.hpp"

namespace stoker::load {

namespace {

using std::chrono::milliseconds;

/// The specification's max_block_ms: how long metadata or room in the buffer is waited for.
constexpr milliseconds block_max{10'000};
/// The specification's request_timeout_ms; as long again is waited for the last answers.
constexpr milliseconds flush_max{30'000};
/// How long after the end of the schedule messages that are due are still sent.
constexpr int64_t catch_up_max_ns = 1'000'000'000;
/// Messages between two looks at the delivery reports.
constexpr int64_t burst_max = 256;

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
    config.insert(config.end(), settings.begin(), settings.end());
    return config;
}

struct ProducerBomber::Worker {
    Worker(int index, uint64_t seed, size_t size_min) : index(index), generator(seed, size_min) {}

    int index;
    MessageGenerator generator;
    Schedule schedule{ScheduleOptions{}};
    uint64_t sequence = 0;
    std::vector<size_t> topics;  ///< the producer's numbers of them
    Guarded<ProducerStats> stats;
    std::unique_ptr<client::Producer> producer;
    std::jthread thread;  ///< last: joined before the rest goes
};

ProducerBomber::ProducerBomber(ProducerOptions options, const Clock& clock, Stop& stop)
    : options_(std::move(options)), clock_(clock), stop_(stop), topics_(options_.topics()) {
    run_id_ = Random().next();
    for (int i = 0; i < options_.num_threads; ++i)
        workers_.push_back(std::make_unique<Worker>(i, options_.seed + uint64_t(i),
                                                    size_t(options_.message_size_kb) * 1024));
}

ProducerBomber::~ProducerBomber() {
    stop_.request();
    join();
}

void ProducerBomber::join() {
    for (auto& worker : workers_)
        if (worker->thread.joinable()) worker->thread.join();
}

std::expected<void, std::string> ProducerBomber::start(const client::Stopped& interrupted) {
    for (auto& worker : workers_)
        if (auto connected = connect(*worker, interrupted); !connected) return connected;
    start_ns_ = clock_.monotonic_ns();
    start_wall_ns_ = wall_ns();
    running_ = options_.num_threads;
    for (auto& worker : workers_) {
        worker->schedule = Schedule({.messages_per_second = options_.messages_per_second,
                                     .duration_ns = options_.duration.count(),
                                     .start_ns = start_ns_,
                                     .thread = worker->index,
                                     .threads = options_.num_threads});
        worker->thread = std::jthread([this, &worker = *worker] {
            send(worker);
            finish(worker);
            int64_t now = clock_.monotonic_ns();
            if (--running_ == 0) end_ns_ = now;
        });
    }
    return {};
}

std::expected<void, std::string> ProducerBomber::connect(Worker& worker,
                                                         const client::Stopped& interrupted) {
    auto on_delivery = [this, &worker](const client::Delivery& delivery) {
        int64_t now = clock_.monotonic_ns();
        auto stats = worker.stats.lock();
        if (delivery.error) {
            ++stats->messages_failed;
            stats->last_error = rd_kafka_err2str(delivery.error);
            return;
        }
        ++stats->messages_sent;
        stats->bytes_sent += int64_t(delivery.value.size());
        stats->ack_us.record((now - start_ns_ - delivery.tag) / 1000);
    };
    auto on_error = [this, &worker](const client::Error& error) {
        worker.stats.lock()->last_error = error.text;
        if (is_refusal(error) || error.code == RD_KAFKA_RESP_ERR__FATAL) fail(error.text);
    };
    auto producer = client::Producer::create(producer_config(options_), {on_delivery, on_error});
    if (!producer) return std::unexpected(producer.error().text);
    worker.producer = std::move(*producer);
    auto why = [&](const client::Error& error, std::string_view hint) {
        return std::unexpected(
            fmt::format("{} ({}): {}", options_.bootstrap_servers, error.text, hint));
    };
    auto connected = worker.producer->connect(block_max, interrupted);
    if (!connected && is_refusal(connected.error()))
        return why(connected.error(), "check user, password and SASL mechanism");
    if (!connected)
        return why(connected.error(), "check that the servers run and the security protocol fits");
    for (auto& topic : topics_) worker.topics.push_back(worker.producer->topic(topic));
    auto there = worker.producer->await_topics(block_max, interrupted);
    if (!there) return why(there.error(), "create the topics, or allow the broker to do it");
    return {};
}

void ProducerBomber::send(Worker& worker) {
    const Schedule& schedule = worker.schedule;
    int64_t total = schedule.total();
    int64_t give_up_ns = schedule.end_ns() + catch_up_max_ns;
    int64_t next = 0;
    while (next < total && !stop_.requested()) {
        int64_t now = clock_.monotonic_ns();
        if (now > give_up_ns) break;
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
                       .tag = intended_ns - start_ns_});
}

void ProducerBomber::hand_over(Worker& worker, const client::Producer::Record& record) {
    auto code = worker.producer->produce(record);
    int64_t give_up_ns = clock_.monotonic_ns() + std::chrono::nanoseconds(block_max).count();
    while (code == RD_KAFKA_RESP_ERR__QUEUE_FULL && !stop_.requested() &&
           clock_.monotonic_ns() < give_up_ns) {
        worker.producer->poll(milliseconds(10));
        code = worker.producer->produce(record);
    }
    auto stats = worker.stats.lock();
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

ProducerStats ProducerBomber::stats() const {
    ProducerStats total;
    for (auto& worker : workers_) total.merge(*worker->stats.lock());
    return total;
}

ProducerRun ProducerBomber::run() const {
    int64_t end_ns = end_ns_ ? end_ns_.load() : clock_.monotonic_ns();
    return {.start_wall_us = start_wall_ns_ / 1000,
            .seconds = start_ns_ ? double(end_ns - start_ns_) / 1e9 : 0,
            .run_id = run_id_,
            .seed = options_.seed};
}

}  // namespace stoker::load
