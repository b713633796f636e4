#include "bench/wire/compaction_case.hpp"

#include <stdexcept>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "base/random.hpp"
#include "bench/measure/statistics.hpp"
#include "bench/wire/kafka_wire.hpp"
#include "bench/wire/request_load.hpp"
#include "record/builder.hpp"

namespace stoker::bench {
namespace {

namespace fs = std::filesystem;

constexpr int64_t timestamp_ms = 1'700'000'000'000;
// The clean part: each round copies all of it, so that the cleaner never rests for long.
constexpr int fill_batches = 4'096;
constexpr int fill_batch_records = 128;
constexpr size_t value_size = 150;
// What is written meanwhile makes a segment dirty about once a second.
constexpr int load_keys = 1'000;
constexpr double load_rate = 10'000;
constexpr size_t latency_stretch = 1'000;

Bytes keyed_batch(Random& random, const std::string& prefix, int first, int records) {
    Bytes value(value_size);
    for (auto& byte : value) byte = static_cast<std::byte>(random.next());
    record::BatchBuilder builder({});
    for (int i = first; i < first + records; ++i) {
        // Of one size, as RequestLoad wants its requests.
        const std::string key = fmt::format("{} {:07}", prefix, i);
        builder.append(timestamp_ms, bytes_of(key), value);
    }
    return std::move(builder).build();
}

std::vector<Bytes> requests(const std::string& topic, const std::string& prefix, int batches,
                            int records) {
    Random random(1);
    std::vector<Bytes> all;
    for (int i = 0; i < batches; ++i) {
        all.push_back(produce_request(topic, 0, keyed_batch(random, prefix, i * records, records)));
    }
    return all;
}

Block block(const Servers& servers, const BlockLimits& limits, bool compacting,
            const fs::path& folder) {
    const Server server = start_broker(
        servers, folder / "data",
        {"log.cleaner.backoff.ms=1", fmt::format("log.cleaner.enable={}", compacting)});
    const std::string topic = new_topic();
    create_topic(server.port(), {.name = topic,
                                 .configs = {{"cleanup.policy", "compact"},
                                             {"segment.bytes", "2097152"},
                                             {"min.cleanable.dirty.ratio", "0"},
                                             {"file.delete.delay.ms", "1000"}},
                                 .probe = false});  // which has no key
    const RequestLoad fill{.port = server.port(),
                           .requests = requests(topic, "clean", fill_batches, fill_batch_records),
                           .window = 5,
                           .seconds = 300,
                           .requests_max = fill_batches,
                           .is_good = is_produced};
    if (run(fill).errors > 0) throw std::runtime_error("the log could not be filled");
    const RequestLoad load{.port = server.port(),
                           .requests = requests(topic, "dirty", load_keys, 1),
                           .window = 5,
                           .rate = load_rate,
                           .sleeps = true,
                           .seconds = limits.seconds,
                           .is_good = is_produced};
    const Cost cost(server);
    auto outcome = run(load);
    const double used = cost.server_seconds();
    if (outcome.errors > 0 || outcome.requests == 0) {
        throw std::runtime_error(fmt::format("{} requests failed", outcome.errors));
    }
    return {.value = typical_percentile(outcome.latencies_us, 99, latency_stretch),
            .cpu_us = used * 1e6 / static_cast<double>(outcome.requests_total),
            .memory_mib = server.peak_memory_mib(),
            .server_cores = cost.server_cores(),
            .client_cores = cost.client_cores()};
}

}  // namespace

RatioCase compaction_case(const Servers& servers, const BlockLimits& limits) {
    return {.name = "compaction",
            .what = "p99 of the ack within a tenth of a second, at 10,000 messages a second into "
                    "a log of 90 MB that is compacted all the time, beside the same without a "
                    "cleaner; the client sleeps when it has nothing to do",
            .unit = "us",
            .subject = "compacting",
            .peer = "not compacting",
            .target = 1.3,
            .at_least = false,
            .a = [=](const fs::path& folder) { return block(servers, limits, true, folder); },
            .b = [=](const fs::path& folder) { return block(servers, limits, false, folder); }};
}

}  // namespace stoker::bench
