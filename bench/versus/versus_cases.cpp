#include "bench/versus/versus_cases.hpp"

#include <optional>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

#include "base/clock.hpp"
#include "bench/client/client_load.hpp"
#include "bench/measure/statistics.hpp"
#include "bench/versus/group_load.hpp"
#include "bench/versus/paced_load.hpp"
#include "bench/versus/reader.hpp"
#include "bench/wire/kafka_wire.hpp"
#include "bench/wire/request_load.hpp"

namespace stoker::bench {
namespace {

constexpr int32_t many_partitions = 12;
constexpr size_t small = 100, large = 1024;
constexpr size_t stored_batch_size = 64 << 10;
constexpr size_t latency_stretch = 1'000;  // a second of paced records

// Of Stoker over the peer. Faster is more than 1; where librdkafka is what limits everybody there
// is no faster, so that a light peer is reached within the measurement's own scatter.
constexpr double faster = 1, as_fast = 0.95, cpu_of_kafka = 1.0 / 3, wait_of_kafka = 0.5;

std::map<std::string, double> targets(double kafka, double light) {
    return {{apache_kafka_name, kafka}, {kfake_name, light}};
}

/// A topic that goes with the block. Deleting it is not measured.
class BlockTopic {
public:
    BlockTopic(const Contender& contender, int32_t partitions, bool durable = false)
        : port_(contender.server.port()), name_(new_topic()) {
        TopicSetup setup{.name = name_, .partitions = partitions, .configs = {}};
        if (durable && contender.subject.knows_topic_configs) {
            setup.configs["flush.messages"] = "1";
        }
        create_topic(port_, setup);
    }
    /// Not in the destructor: it may fail.
    void remove() const { delete_topic(port_, name_); }
    const std::string& name() const { return name_; }

private:
    uint16_t port_;
    std::string name_;
};

struct ProduceShape {
    std::string name;
    size_t record_size = small;
    int32_t partitions = 1;
    bool durable = false;
};

VersusMeasured produce(const Contender& contender, const VersusLimits& limits,
                       const ProduceShape& shape) {
    const BlockTopic topic(contender, shape.partitions, shape.durable);
    std::optional<Cost> cost;
    VersusMeasured measured;
    double server_seconds = 0;
    const auto outcome = run({.port = contender.server.port(),
                              .topic = topic.name(),
                              .all_partitions = shape.partitions > 1,
                              .record_size = shape.record_size,
                              .seconds = limits.seconds,
                              .records_max = limits.bytes / shape.record_size,
                              .on_begin = [&] { cost.emplace(contender.server); },
                              .on_end =
                                  [&] {
                                      server_seconds = cost->server_seconds();
                                      measured.server_cores = cost->server_cores();
                                      measured.client_cores = cost->client_cores();
                                  }});
    topic.remove();
    measured.values = {outcome.rate(),
                       server_seconds * 1e6 / static_cast<double>(outcome.records)};
    return measured;
}

VersusCase produce_case(const VersusLimits& limits, const ProduceShape& shape) {
    const std::string what = fmt::format(
        "librdkafka, {}, {} partition{}, acks=all, linger 50 ms{}",
        shape.record_size == small ? "100 B" : "1 KiB", shape.partitions,
        shape.partitions > 1 ? "s" : "", shape.durable ? ", flush.messages=1" : "");
    const double wanted = shape.record_size == large && !shape.durable ? 1.5 : faster;
    return {.name = shape.name,
            .figures = {{.name = shape.name,
                         .what = "produce: " + what,
                         .unit = "msg/s",
                         .more_is_better = true,
                         .targets = targets(wanted, as_fast)},
                        {.name = shape.name + "-cpu",
                         .what = "the broker's CPU time a record",
                         .unit = "us",
                         .targets = targets(cpu_of_kafka, faster)}},
            .durable = shape.durable,
            .heavy = true,
            .measure = [=](const Contender& c) { return produce(c, limits, shape); }};
}

/// Always the same batches, whoever stores them.
uint64_t fill(const Contender& contender, const std::string& topic, size_t record_size,
              uint64_t size) {
    const auto batch = make_batch(stored_batch_size, record_size);
    const uint64_t batches = size / batch.bytes.size() + 1;
    const auto outcome = run({.port = contender.server.port(),
                              .requests = {produce_request(topic, 0, batch.bytes)},
                              .window = 5,
                              .seconds = 300,
                              .requests_max = batches,
                              .is_good = is_produced});
    if (outcome.errors > 0) throw std::runtime_error("the log could not be filled");
    return batches * static_cast<uint64_t>(batch.records);
}

VersusMeasured read_all(const Contender& contender, const std::string& topic, uint64_t stored) {
    const SystemClock clock;
    uint64_t read = 0, measured_from = 0;
    int64_t begin_ns = 0;
    std::optional<Cost> cost;
    Reader reader(contender.server.port(), topic, 0);
    while (read < stored) {
        reader.read([&](const rd_kafka_message_t&) { ++read; });
        if (cost || read == 0) continue;
        // From here on nothing is looked up any more.
        measured_from = read;
        begin_ns = clock.monotonic_ns();
        cost.emplace(contender.server);
    }
    const double seconds = static_cast<double>(clock.monotonic_ns() - begin_ns) / 1e9;
    const auto records = static_cast<double>(read - measured_from);
    return {.values = {records / seconds, cost->server_seconds() * 1e6 / records},
            .server_cores = cost->server_cores(),
            .client_cores = cost->client_cores()};
}

VersusMeasured consume(const Contender& contender, size_t record_size, uint64_t log_size) {
    const BlockTopic topic(contender, 1);
    const uint64_t stored = fill(contender, topic.name(), record_size, log_size);
    auto measured = read_all(contender, topic.name(), stored);
    topic.remove();
    return measured;
}

VersusCase consume_case(const VersusLimits& limits, const std::string& name, size_t record_size) {
    return {.name = name,
            .figures = {{.name = name,
                         .what = fmt::format("consume: librdkafka catches up, {}, 1 partition",
                                             record_size == small ? "100 B" : "1 KiB"),
                         .unit = "msg/s",
                         .more_is_better = true,
                         .targets = targets(faster, as_fast)},
                        {.name = name + "-cpu",
                         .what = "the broker's CPU time a record",
                         .unit = "us",
                         .targets = targets(cpu_of_kafka, faster)}},
            .heavy = true,
            .measure = [=, size = limits.log_size](const Contender& c) {
                return consume(c, record_size, size);
            }};
}

VersusMeasured paced(const Contender& contender, double seconds, bool durable, bool end_to_end) {
    const BlockTopic topic(contender, 1, durable);
    auto outcome = run(PacedLoad{.port = contender.server.port(),
                                 .topic = topic.name(),
                                 .record_size = small,
                                 .seconds = seconds,
                                 .consume = end_to_end});
    topic.remove();
    const auto& latencies = end_to_end ? outcome.consumed_us : outcome.acknowledged_us;
    return {.values = {typical_percentile(latencies, 50, latency_stretch),
                       typical_percentile(latencies, 99, latency_stretch)}};
}

VersusCase paced_case(const VersusLimits& limits, const std::string& name, bool durable,
                      bool end_to_end) {
    const std::string what =
        fmt::format("{}, 100 B at 1,000 msg/s, linger 0, acks=all{}",
                    end_to_end ? "from due to consumed" : "from due to acknowledged",
                    durable ? ", flush.messages=1" : "");
    return {.name = name,
            .figures = {{.name = name + "-p50",
                         .what = what + ", median",
                         .unit = "us",
                         .targets = targets(faster, faster)},
                        {.name = name + "-p99",
                         .what = what + ", 99 % of a second",
                         .unit = "us",
                         .targets = targets(wait_of_kafka, faster)}},
            .durable = durable,
            .measure = [=, seconds = limits.paced_seconds](const Contender& c) {
                return paced(c, seconds, durable, end_to_end);
            }};
}

VersusCase rebalance_case(const VersusLimits& limits) {
    return {.name = "rebalance",
            .figures = {{.name = "rebalance",
                         .what = "a second member joins until both have 6 of 12 partitions, "
                                 "classic protocol, heartbeats every 20 ms",
                         .unit = "ms",
                         .targets = targets(faster, faster)}},
            .measure = [joins = limits.joins](const Contender& c) {
                const BlockTopic topic(c, many_partitions);
                auto times = run(GroupLoad{.port = c.server.port(),
                                           .topic = topic.name(),
                                           .partitions = many_partitions,
                                           .joins = joins});
                topic.remove();
                return VersusMeasured{.values = {median(std::move(times))}};
            }};
}

}  // namespace

std::vector<VersusCase> load_cases(const VersusLimits& limits) {
    return {produce_case(limits, {.name = "produce-100b"}),
            produce_case(limits, {.name = "produce-100b-12", .partitions = many_partitions}),
            produce_case(limits, {.name = "produce-1k", .record_size = large}),
            produce_case(limits, {.name = "produce-1k-12",
                                  .record_size = large,
                                  .partitions = many_partitions}),
            produce_case(limits, {.name = "produce-100b-durable", .durable = true}),
            produce_case(limits, {.name = "produce-1k-durable",
                                  .record_size = large,
                                  .durable = true}),
            consume_case(limits, "consume-100b", small),
            consume_case(limits, "consume-1k", large),
            paced_case(limits, "ack", false, false),
            paced_case(limits, "end-to-end", false, true),
            paced_case(limits, "ack-durable", true, false),
            paced_case(limits, "end-to-end-durable", true, true),
            rebalance_case(limits)};
}

VersusFigure start_figure() {
    return {.name = "start",
            .what = "exec to the first answered Metadata, empty data folder",
            .unit = "ms",
            .targets = targets(1.0 / 50, faster)};
}

VersusFigure memory_idle_figure() {
    return {.name = "memory-idle",
            .what = "memory (Rss) at rest after the start",
            .unit = "MiB",
            .targets = targets(1.0 / 20, faster)};
}

VersusFigure memory_loaded_figure() {
    return {.name = "memory-loaded",
            .what = "memory (Rss) at rest after all loads of the round",
            .unit = "MiB",
            .targets = targets(faster, faster)};
}

void warm_up(const Contender& contender, const VersusLimits& limits) {
    VersusLimits shorter = limits;
    shorter.seconds = limits.warm_up_seconds / 2;
    produce(contender, shorter, {.name = "warm-up", .partitions = many_partitions});
    produce(contender, shorter, {.name = "warm-up", .record_size = large});
    consume(contender, small, limits.log_size / 4);
    paced(contender, 1, false, true);
}

}  // namespace stoker::bench
