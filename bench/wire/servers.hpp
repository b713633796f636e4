// The servers that are compared, each started for one block: the broker, the floor, and
// librdkafka's mock cluster.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bench/measure/case.hpp"
#include "bench/measure/server_process.hpp"

namespace stoker::bench {

struct Servers {
    std::filesystem::path broker;        // the `stoker` binary
    std::filesystem::path floor_server;  // the stoker-floor-server binary
    std::filesystem::path mock_cluster;  // the stoker-mock-cluster binary
    /// A broker that runs already (Apache Kafka, say) instead of `broker`: its port.
    std::optional<uint16_t> attach_port;
    bool pinned = false;  // the server on core 0, the client on core 1
};

/// A process of ours, or one that runs already and of which nothing but its port is known.
class Server {
public:
    explicit Server(const ServerCommand& command)
        : process_(std::make_unique<ServerProcess>(command)), port_(process_->port()) {}
    explicit Server(uint16_t port) : port_(port) {}

    uint16_t port() const { return port_; }
    double cpu_seconds() const { return process_ ? process_->cpu_seconds() : 0; }
    double peak_memory_mib() const { return process_ ? process_->peak_memory_mib() : 0; }
    double memory_mib() const { return process_ ? process_->memory_mib() : 0; }
    double seconds_since_exec() const { return process_ ? process_->seconds_since_exec() : 0; }

private:
    std::unique_ptr<ServerProcess> process_;
    uint16_t port_;
};

/// `stoker broker` on any port with its data in `data`, and these settings (name=value).
ServerCommand broker_command(const Servers& servers, const std::filesystem::path& data,
                             const std::vector<std::string>& settings = {});
/// `stoker up` on any port with everything in `data`.
ServerCommand up_command(const Servers& servers, const std::filesystem::path& data);

Server start_broker(const Servers& servers, const std::filesystem::path& data,
                    const std::vector<std::string>& settings = {});
Server start_floor(const Servers& servers, const std::string& mode,
                   const std::filesystem::path& file);
/// Knows `topic`, with one partition.
Server start_mock(const Servers& servers, const std::string& topic);

/// A name that no block before has used: an attached broker keeps its topics.
std::string new_topic();

/// What a load cost server and client, from construction on.
class Cost {
public:
    explicit Cost(const Server& server);
    /// The server's CPU time so far.
    double server_seconds() const;
    double server_cores() const { return server_seconds() / wall_seconds(); }
    /// What this process used itself: the client.
    double client_cores() const;

private:
    double wall_seconds() const;

    const Server& server_;
    double server_begin_;
    double client_begin_;
    int64_t begin_ns_;
};

/// Runs a load of the kind that calls on_begin and on_end, and notes what both sides used between
/// the two. `load` is one of ClientLoad and PromiseLoad; run(load) gives rate() and records.
template <class Load>
Block measured(const Server& server, Load load) {
    std::optional<Cost> cost;
    Block block;
    load.on_begin = [&] { cost.emplace(server); };
    load.on_end = [&] {
        block.cpu_us = cost->server_seconds() * 1e6;
        block.server_cores = cost->server_cores();
        block.client_cores = cost->client_cores();
    };
    const auto outcome = run(load);
    block.value = outcome.rate();
    block.cpu_us /= static_cast<double>(outcome.records);
    block.memory_mib = server.peak_memory_mib();
    return block;
}

}  // namespace stoker::bench
