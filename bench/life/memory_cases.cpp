// How much of the machine's memory the broker has, as the kernel counts it (Rss, the program's own
// pages included), when it has nothing to do.
#include <chrono>
#include <stdexcept>
#include <thread>

#include "bench/life/life_cases.hpp"
#include "bench/measure/server_process.hpp"
#include "bench/wire/kafka_wire.hpp"
#include "bench/wire/request_load.hpp"
#include "bench/wire/socket.hpp"

namespace stoker::bench {
namespace {

namespace fs = std::filesystem;

/// Longer than the broker's slowest regular work takes to come round (a second), twice.
constexpr std::chrono::milliseconds rest(2'500);
constexpr int32_t partitions = 1'000;
constexpr uint64_t through_bytes = 1'000'000'000;
constexpr size_t batch_size = 16 << 10;
constexpr int32_t fetch_size = 1 << 20;

double memory_at_rest(const ServerProcess& server) {
    std::this_thread::sleep_for(rest);
    return server.memory_mib();
}

std::vector<std::vector<double>> measure_partitions(const Servers& servers,
                                                    const fs::path& folder) {
    const ServerProcess server(broker_command(servers, folder / "data"));
    ask_metadata(server.port());
    const double idle = memory_at_rest(server);
    create_topic(server.port(), {.name = "many", .partitions = partitions, .probe = false});
    if (ask_metadata(server.port()) != partitions) {
        throw std::runtime_error("the topic is not there");
    }
    const double created = memory_at_rest(server);
    write_to_each(server.port(), "many", partitions);
    const double written = memory_at_rest(server);
    const auto kib_each = [&](double mib) { return (mib - idle) * 1024 / partitions; };
    return {{idle}, {kib_each(created)}, {kib_each(written)}};
}

/// Reads the topic once, from its beginning to its end.
uint64_t fetch_all(uint16_t port, const std::string& topic, const EncodedBatch& batch) {
    Socket socket(port);
    Bytes buffer;
    const int64_t end = ask_end_offset(port, topic);
    int64_t offset = 0;
    uint64_t fetched = 0;
    while (offset < end) {
        socket.send_all(fetch_request(topic, offset, fetch_size));
        const size_t batches = fetched_size(socket.receive_frame(buffer)) / batch.bytes.size();
        if (batches == 0) throw std::runtime_error("a fetch brought nothing");
        offset += static_cast<int64_t>(batches) * batch.records;
        fetched += batches * batch.bytes.size();
    }
    return fetched;
}

std::vector<std::vector<double>> measure_through(const Servers& servers, const fs::path& folder) {
    const ServerProcess server(broker_command(servers, folder / "data"));
    const std::string topic = "through";
    const auto batch = make_batch(batch_size, 1024);
    // A probe would be a batch of another size.
    create_topic(server.port(), {.name = topic, .probe = false});
    const uint64_t batches = through_bytes / batch.bytes.size() + 1;
    const auto outcome = run({.port = server.port(),
                              .requests = {produce_request(topic, 0, batch.bytes)},
                              .window = 5,
                              .seconds = 300,
                              .requests_max = batches,
                              .is_good = is_produced});
    if (outcome.errors > 0) throw std::runtime_error("the log could not be filled");
    if (fetch_all(server.port(), topic, batch) < through_bytes) {
        throw std::runtime_error("less came out than went in");
    }
    return {{memory_at_rest(server)}};
}

}  // namespace

std::vector<AbsoluteCase> memory_cases(const Servers& servers) {
    return {{.name = "memory-partitions",
             .figures = {{.name = "memory-idle",
                          .what = "memory of an idle broker",
                          .unit = "MiB",
                          .target = 9},
                         {.name = "memory-created",
                          .what = "memory a partition, of 1,000 merely created",
                          .unit = "KiB",
                          .target = 16},
                         {.name = "memory-written",
                          .what = "memory a partition, of 1,000 written to once",
                          .unit = "KiB",
                          .target = 16}},
             .rounds = 5,
             .rounds_quick = 2,
             .measure =
                 [=](const fs::path& folder) { return measure_partitions(servers, folder); }},
            {.name = "memory-1gb",
             .figures = {{.name = "memory-1gb",
                          .what = "memory after 1 GB was produced and fetched",
                          .unit = "MiB",
                          .target = 18}},
             .rounds = 5,
             .rounds_quick = 1,
             .measure = [=](const fs::path& folder) { return measure_through(servers, folder); }}};
}

}  // namespace stoker::bench
