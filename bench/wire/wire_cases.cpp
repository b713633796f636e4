#include "bench/wire/wire_cases.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

#include "base/big_endian.hpp"
#include "base/bytes.hpp"
#include "bench/wire/compaction_case.hpp"
#include "bench/wire/fetch_load.hpp"
#include "bench/wire/kafka_wire.hpp"
#include "bench/wire/promise_cases.hpp"
#include "bench/wire/request_load.hpp"
#include "bench/measure/statistics.hpp"

namespace stoker::bench {
namespace {

namespace fs = std::filesystem;

constexpr size_t fetch_size = 1 << 20;        // max.partition.fetch.bytes
constexpr size_t fetch_batch_size = 16 << 10;
constexpr uint64_t fetch_log_size = 512 << 20;
constexpr double latency_rate = 10'000;
constexpr size_t latency_stretch = 1'000;

struct ProduceShape {
    size_t batch_size = 0;
    size_t record_size = 1024;
    size_t window = 5;
    size_t connections = 1;
    size_t partitions = 0;  // 0: one a connection
    bool disk = false;  // durability class
    std::string compression;  // the topic's; empty: as the producer sends it
    double rate = 0;    // open loop
    int io_threads = 0;  // 0: the broker's default
};

struct Wire {
    Servers servers;
    BlockLimits limits;
};

Block produce_block(const Wire& wire, const ProduceShape& shape, const Server& server,
                    std::vector<Bytes> requests, size_t payload,
                    std::function<bool(MutableByteView)> is_good) {
    RequestLoad load{.port = server.port(),
                     .requests = std::move(requests),
                     .connections = shape.connections,
                     .window = shape.window,
                     .rate = shape.rate,
                     .seconds = wire.limits.seconds,
                     .requests_max = wire.limits.bytes / payload,
                     .is_good = std::move(is_good)};
    const Cost cost(server);
    auto outcome = run(load);
    const double used = cost.server_seconds();
    const double server_cores = cost.server_cores(), client_cores = cost.client_cores();
    if (outcome.errors > 0) {
        throw std::runtime_error(fmt::format("{} requests failed", outcome.errors));
    }
    if (outcome.requests == 0) throw std::runtime_error("nothing was answered");
    Block block{.cpu_us = used * 1e6 / static_cast<double>(outcome.requests_total),
                .memory_mib = server.peak_memory_mib(),
                .server_cores = server_cores,
                .client_cores = client_cores};
    block.cpu_s_per_gb = block.cpu_us * 1e3 / static_cast<double>(payload);
    if (shape.rate > 0)
        block.value = typical_percentile(outcome.latencies_us, 99, latency_stretch);
    else if (shape.disk || payload < 1024) block.value = outcome.rate();
    else block.value = outcome.rate() * static_cast<double>(payload) / 1e6;
    return block;
}

Block produce_to_broker(const Wire& wire, const ProduceShape& shape,
                        const fs::path& folder) {
    std::vector<std::string> settings;
    if (shape.io_threads > 0) {
        settings.push_back(fmt::format("num.network.threads={}", shape.io_threads));
    }
    const Server server = start_broker(wire.servers, folder / "data", settings);
    const auto batch = make_batch(shape.batch_size, shape.record_size);
    const std::string topic = new_topic();
    const size_t partitions = shape.partitions == 0 ? shape.connections : shape.partitions;
    TopicSetup setup{.name = topic, .partitions = static_cast<int32_t>(partitions)};
    if (shape.disk) setup.configs["flush.messages"] = "1";
    if (!shape.compression.empty()) setup.configs["compression.type"] = shape.compression;
    create_topic(server.port(), setup);
    std::vector<Bytes> requests;
    for (size_t i = 0; i < partitions; ++i) {
        requests.push_back(produce_request(topic, static_cast<int32_t>(i), batch.bytes));
    }
    return produce_block(wire, shape, server, std::move(requests), batch.bytes.size(),
                         is_produced);
}

Block produce_to_floor(const Wire& wire, const ProduceShape& shape,
                       const fs::path& folder) {
    const Server server =
        start_floor(wire.servers, shape.disk ? "append-sync" : "append", folder / "log");
    const auto batch = make_batch(shape.batch_size, shape.record_size);
    Bytes request(4);
    store_big_endian(request.data(), static_cast<int32_t>(batch.bytes.size()));
    request.insert(request.end(), batch.bytes.begin(), batch.bytes.end());
    return produce_block(wire, shape, server, std::vector<Bytes>(shape.connections, request),
                         batch.bytes.size(),
                         [](MutableByteView reply) { return reply.size() == 8; });
}

Block fetch_block(const Wire& wire, const Server& server, FetchLoad load) {
    load.port = server.port();
    load.seconds = wire.limits.seconds;
    load.bytes_max = 4 * wire.limits.bytes;
    const Cost cost(server);
    const auto outcome = run(load);
    const double used = cost.server_seconds();
    return {.value = static_cast<double>(outcome.bytes) / outcome.seconds / 1e6,
            .cpu_us = used * 1e6 / static_cast<double>(outcome.requests),
            .cpu_s_per_gb = used * 1e9 / static_cast<double>(outcome.bytes),
            .memory_mib = server.peak_memory_mib(),
            .server_cores = cost.server_cores(),
            .client_cores = cost.client_cores()};
}

Block fetch_from_broker(const Wire& wire, const fs::path& folder) {
    const Server server = start_broker(wire.servers, folder / "data");
    const auto batch = make_batch(fetch_batch_size, 1024);
    const std::string topic = new_topic();
    // The probe is a batch of another size: it would shift every position.
    create_topic(server.port(), {.name = topic, .probe = false});
    const uint64_t batches = fetch_log_size / batch.bytes.size();
    RequestLoad fill{.port = server.port(),
                     .requests = {produce_request(topic, 0, batch.bytes)},
                     .window = 5,
                     .seconds = 300,
                     .requests_max = batches,
                     .is_good = is_produced};
    if (run(fill).errors > 0) throw std::runtime_error("the log could not be filled");
    const auto offset_of = [&](uint64_t position) {
        return static_cast<int64_t>(position / batch.bytes.size()) * batch.records;
    };
    return fetch_block(wire, server,
                       {.log_size = batches * batch.bytes.size(),
                        .request =
                            [&](uint64_t position) {
                                return fetch_request(topic, offset_of(position), fetch_size);
                            },
                        // A batch that does not fit is cut off and asked for again.
                        .progress =
                            [&](MutableByteView reply) {
                                const size_t size = fetched_size(reply);
                                return size - size % batch.bytes.size();
                            }});
}

Block fetch_from_floor(const Wire& wire, const fs::path& folder) {
    const fs::path file = folder / "log";
    {
        std::ofstream log(file, std::ios::binary);
        const auto batch = make_batch(fetch_batch_size, 1024);
        for (uint64_t size = 0; size < fetch_log_size; size += batch.bytes.size()) {
            log.write(reinterpret_cast<const char*>(batch.bytes.data()),
                      static_cast<std::streamsize>(batch.bytes.size()));
        }
    }
    const Server server = start_floor(wire.servers, "serve", file);
    return fetch_block(
        wire, server,
        {.log_size = fetch_log_size - fetch_size,
         .request =
             [](uint64_t position) {
                 Bytes request(20);
                 store_big_endian<int32_t>(request.data(), 16);
                 store_big_endian(request.data() + 4, static_cast<int64_t>(position));
                 store_big_endian(request.data() + 12, static_cast<int64_t>(fetch_size));
                 return request;
             },
         .progress = [](MutableByteView reply) { return reply.size(); }});
}

RatioCase against_floor(const Wire& wire, RatioCase described, ProduceShape shape) {
    described.a = [=](const fs::path& folder) { return produce_to_broker(wire, shape, folder); };
    described.b = [=](const fs::path& folder) { return produce_to_floor(wire, shape, folder); };
    return described;
}

RatioCase scaling(const Wire& wire, RatioCase described, ProduceShape shape) {
    described.subject = "2 io threads";
    described.peer = "1 io thread";
    described.a = [=](const fs::path& folder) mutable {
        shape.io_threads = 2;
        return produce_to_broker(wire, shape, folder);
    };
    described.b = [=](const fs::path& folder) mutable {
        shape.io_threads = 1;
        return produce_to_broker(wire, shape, folder);
    };
    return described;
}

RatioCase many_partitions(const Wire& wire) {
    const auto block = [=](size_t partitions) {
        return [=](const fs::path& folder) {
            const ProduceShape shape{.batch_size = 16 << 10, .partitions = partitions};
            return produce_to_broker(wire, shape, folder);
        };
    };
    return {.name = "partitions-10k",
            .what = "batches of 16 KiB to 10,000 partitions in turn, beside one",
            .unit = "MB/s",
            .subject = "10,000 partitions",
            .peer = "1 partition",
            .target = 0.5,
            .a = block(10'000),
            .b = block(1)};
}

RatioCase fetch_hot(const Wire& wire) {
    return {.name = "fetch-hot",
            .what = "catch-up fetch of 1 MiB at a time, in the page cache",
            .unit = "MB/s",
            .target = 0.8,
            .a = [=](const fs::path& folder) { return fetch_from_broker(wire, folder); },
            .b = [=](const fs::path& folder) { return fetch_from_floor(wire, folder); }};
}

}  // namespace

std::vector<RatioCase> wire_cases(const Servers& servers, const BlockLimits& limits) {
    const Wire wire{servers, limits};
    std::vector<RatioCase> cases;
    const auto produce = [&](std::string name, std::string what, size_t size) {
        cases.push_back(against_floor(
            wire, {.name = std::move(name), .what = std::move(what), .unit = "MB/s", .target = 0.7},
            {.batch_size = size}));
    };
    produce("produce-1k", "pre-encoded batches of 1 KiB, window 5", 1 << 10);
    produce("produce-16k", "pre-encoded batches of 16 KiB, window 5", 16 << 10);
    produce("produce-64k", "pre-encoded batches of 64 KiB, window 5", 64 << 10);
    produce("produce-1m", "pre-encoded batches of 1 MiB, window 5", 1 << 20);
    const ProduceShape small{.batch_size = 200, .record_size = 100};
    auto disk = small;
    disk.disk = true;
    disk.window = 64;
    cases.push_back(against_floor(wire,
                                  {.name = "produce-disk",
                                   .what = "class disk (fdatasync before the ack), 64 in flight",
                                   .unit = "req/s",
                                   .target = 0.7},
                                  disk));
    cases.push_back(fetch_hot(wire));
    if (!servers.attach_port) cases.push_back(many_partitions(wire));
    auto paced = small;
    paced.rate = latency_rate;
    cases.push_back(against_floor(wire,
                                  {.name = "ack-10k",
                                   .what = "p99 of the ack within a tenth of a second, "
                                           "at 10,000 messages a second, open loop",
                                   .unit = "us",
                                   .target = 1.5,
                                   .at_least = false,
                                   .client_spins = true},
                                  paced));
    if (!servers.attach_port) {
        cases.push_back(compaction_case(servers, limits));
        std::ranges::move(promise_cases(servers, limits), std::back_inserter(cases));
    }
    // Io threads are given at the start, which an attached broker has behind it; and on one core
    // they would have nothing to win.
    if (servers.attach_port || servers.pinned) return cases;
    cases.push_back(scaling(wire,
                            {.name = "scale-64k",
                             .what = "8 connections, 64 KiB batches, 1 to 2 io threads",
                             .unit = "MB/s",
                             .target = 1.6},
                            {.batch_size = 64 << 10, .connections = 8}));
    // What the broker alone does outweighs the client, which shares its cores.
    cases.push_back(scaling(wire,
                            {.name = "scale-compress",
                             .what = "8 connections, 64 KiB batches that the broker compresses "
                                     "(zstd), 1 to 2 io threads",
                             .unit = "MB/s",
                             .target = 1.6},
                            {.batch_size = 64 << 10, .connections = 8, .compression = "zstd"}));
    auto many = small;
    many.connections = 8;
    many.window = 16;
    cases.push_back(scaling(wire,
                            {.name = "scale-small",
                             .what = "8 connections, a small message a request, 1 to 2 io threads",
                             .unit = "req/s",
                             .target = 1.6},
                            many));
    return cases;
}

}  // namespace stoker::bench
