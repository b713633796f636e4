#include "bench/wire/promise_cases.hpp"

#include <utility>

#include "bench/wire/kafka_wire.hpp"
#include "bench/wire/promise_load.hpp"

namespace stoker::bench {
namespace {

namespace fs = std::filesystem;

// While one waits for its commit the others go on, so that the broker never waits for clients.
constexpr int32_t producers = 4;

Block block(const Servers& servers, const BlockLimits& limits, Promise promise,
            const fs::path& folder) {
    const Server server = start_broker(servers, folder / "data");
    const std::string topic = new_topic();
    create_topic(server.port(), {.name = topic, .partitions = producers});
    return measured(server, PromiseLoad{.port = server.port(),
                                        .topic = topic,
                                        .promise = promise,
                                        .producers = producers,
                                        .seconds = limits.seconds,
                                        .bytes_max = limits.bytes});
}

RatioCase against_plain(const Servers& servers, const BlockLimits& limits, RatioCase described,
                        Promise promise) {
    described.unit = "msg/s";
    described.work = "record";
    described.peer = "plain";
    described.one_client_thread = false;
    const auto measure = [=](Promise one) {
        return [=](const fs::path& folder) { return block(servers, limits, one, folder); };
    };
    described.a = measure(promise);
    described.b = measure(Promise::none);
    return described;
}

}  // namespace

std::vector<RatioCase> promise_cases(const Servers& servers, const BlockLimits& limits) {
    std::vector<RatioCase> cases;
    cases.push_back(against_plain(servers, limits,
                                  {.name = "idempotence",
                                   .what = "4 producers, batches of 16 KiB, window 5, idempotent",
                                   .subject = "idempotent",
                                   .target = 0.97},
                                  Promise::idempotence));
    cases.push_back(against_plain(servers, limits,
                                  {.name = "transactions",
                                   .what = "4 producers, batches of 16 KiB, window 5, "
                                           "a commit after every 1,000 records of 1 KiB",
                                   .subject = "transactions",
                                   .target = 0.95},
                                  Promise::transactions));
    return cases;
}

}  // namespace stoker::bench
