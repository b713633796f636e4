#include "bench/client/client_cases.hpp"

#include <cstdlib>
#include <stdexcept>

#include "bench/client/client_load.hpp"
#include "bench/wire/kafka_wire.hpp"

namespace stoker::bench {
namespace {

namespace fs = std::filesystem;

/// `load`: what is sent, and how; the rest is the limits'.
Block client_block(const BlockLimits& limits, const Server& server, ClientLoad load) {
    load.port = server.port();
    load.seconds = limits.seconds;
    load.records_max = limits.bytes / load.record_size;
    Block block = measured(server, load);
    block.cpu_s_per_gb = block.cpu_us * 1e3 / static_cast<double>(load.record_size);
    return block;
}

RatioCase against_mock(const Servers& servers, const BlockLimits& limits, RatioCase described,
                       size_t record_size) {
    described.unit = "msg/s";
    described.work = "record";
    described.peer = "mock cluster";
    described.target = 0.9;
    described.one_client_thread = false;
    described.a = [=](const fs::path& folder) {
        const Server server = start_broker(servers, folder / "data");
        const std::string topic = new_topic();
        create_topic(server.port(), {.name = topic});
        return client_block(limits, server, {.topic = topic, .record_size = record_size});
    };
    described.b = [=](const fs::path&) {
        const std::string topic = new_topic();
        const Server server = start_mock(servers, topic);
        return client_block(limits, server, {.topic = topic, .record_size = record_size});
    };
    return described;
}

/// The same client into the same broker, with a promise more and without it. The warm-up creates
/// the topic.
RatioCase against_itself(const Servers& servers, const BlockLimits& limits, RatioCase described,
                         const ClientLoad& with, const ClientLoad& without) {
    described.unit = "msg/s";
    described.work = "record";
    described.one_client_thread = false;
    const auto measure = [=](ClientLoad load) {
        return [=](const fs::path& folder) {
            const Server server = start_broker(servers, folder / "data");
            ClientLoad one = load;
            one.topic = new_topic();
            return client_block(limits, server, one);
        };
    };
    described.a = measure(with);
    described.b = measure(without);
    return described;
}

/// A broker whose only listener is SSL; its certificates are in `folder`/tls.
Server start_tls_broker(const Servers& servers, const fs::path& folder) {
    const std::string tls = (folder / "tls").string();
    const std::string init =
        "'" + servers.broker.string() + "' tls init '" + tls + "' >/dev/null";
    if (std::system(init.c_str()) != 0) throw std::runtime_error("no certificates: " + init);
    ServerCommand command = broker_command(servers, folder / "data",
                                           {"listeners=SSL://127.0.0.1:0", "ssl.keystore.type=PEM",
                                            "ssl.keystore.location=" + tls + "/server.pem"});
    command.ready = "ready at SSL://127.0.0.1:";
    return Server(command);
}

/// The same client into the same broker, with and without encryption.
RatioCase tls_against_plain(const Servers& servers, const BlockLimits& limits) {
    constexpr size_t record_size = 1024;
    RatioCase described{.name = "client-tls",
                        .what = "librdkafka over TLS, 1 KiB, acks=all, 1 partition",
                        .unit = "msg/s",
                        .work = "record",
                        .subject = "TLS",
                        .peer = "plain",
                        .target = 0.5,
                        .one_client_thread = false};
    // The warm-up creates the topic.
    described.a = [=](const fs::path& folder) {
        const Server server = start_tls_broker(servers, folder);
        return client_block(limits, server,
                            {.topic = new_topic(),
                             .record_size = record_size,
                             .ca_file = (folder / "tls" / "ca.pem").string()});
    };
    described.b = [=](const fs::path& folder) {
        const Server server = start_broker(servers, folder / "data");
        return client_block(limits, server, {.topic = new_topic(), .record_size = record_size});
    };
    return described;
}

constexpr size_t kibibyte = 1024;

// Without it librdkafka has as many requests under way as it likes, which is another matter.
constexpr int in_flight_of_idempotence = 5;

RatioCase idempotent_against_plain(const Servers& servers, const BlockLimits& limits) {
    ClientLoad load{.record_size = kibibyte, .in_flight_max = in_flight_of_idempotence};
    const ClientLoad without = load;
    load.idempotent = true;
    return against_itself(servers, limits,
                          {.name = "client-idempotent",
                           .what = "librdkafka with idempotence, 1 KiB, acks=all, 1 partition, "
                                   "5 requests in flight",
                           .subject = "idempotent",
                           .peer = "plain",
                           .target = 0.97},
                          load, without);
}

}  // namespace

std::vector<RatioCase> client_cases(const Servers& servers, const BlockLimits& limits) {
    auto small = against_mock(
        servers, limits,
        {.name = "client-100b",
         .what = "librdkafka, 100 B, acks=all, 1 partition, linger 50 ms"},
        100);
    auto large = against_mock(
        servers, limits,
        {.name = "client-1k", .what = "librdkafka, 1 KiB, acks=all, 1 partition, linger 50 ms"},
        1024);
    // Of an attached broker the CPU time is not known.
    if (!servers.attach_port) {
        small.on_the_way = {{.figure = {.name = "cpu-100b",
                                        .what = "the broker's CPU time a record of 100 B",
                                        .unit = "us",
                                        .target = 0.25},
                             .value = &Block::cpu_us}};
        large.on_the_way = {{.figure = {.name = "cpu-1k",
                                        .what = "the broker's CPU time a GB in records of 1 KiB",
                                        .unit = "s/GB",
                                        .target = 1.0},
                             .value = &Block::cpu_s_per_gb}};
    }
    std::vector<RatioCase> cases;
    cases.push_back(std::move(small));
    cases.push_back(std::move(large));
    if (servers.attach_port) return cases;
    cases.push_back(tls_against_plain(servers, limits));
    cases.push_back(idempotent_against_plain(servers, limits));
    return cases;
}

}  // namespace stoker::bench
