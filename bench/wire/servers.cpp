#include "bench/wire/servers.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <random>

#include <fmt/format.h>

#include "base/clock.hpp"

namespace stoker::bench {
namespace {

namespace fs = std::filesystem;

std::optional<int> core_of(const Servers& servers) {
    return servers.pinned ? std::optional(0) : std::nullopt;
}

double own_cpu_seconds() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

}  // namespace

ServerCommand broker_command(const Servers& servers, const fs::path& data,
                             const std::vector<std::string>& settings) {
    std::vector<std::string> arguments{servers.broker.string(), "broker", "--log-level", "warn"};
    const auto add = [&](const std::string& setting) {
        arguments.insert(arguments.end(), {"--override", setting});
    };
    add("listeners=PLAINTEXT://127.0.0.1:0");
    add("log.dirs=" + data.string());
    for (const auto& setting : settings) add(setting);
    return {.arguments = std::move(arguments),
            .ready = "ready at PLAINTEXT://127.0.0.1:",
            .core = core_of(servers)};
}

ServerCommand up_command(const Servers& servers, const fs::path& data) {
    return {.arguments = {servers.broker.string(), "up", "--log-level", "warn", "--port", "0",
                          "--exporter-port", "0", "--data-dir", data.string()},
            .ready = "ready at PLAINTEXT://127.0.0.1:",
            .core = core_of(servers)};
}

Server start_broker(const Servers& servers, const fs::path& data,
                    const std::vector<std::string>& settings) {
    if (servers.attach_port) return Server(*servers.attach_port);
    return Server(broker_command(servers, data, settings));
}

Server start_floor(const Servers& servers, const std::string& mode, const fs::path& file) {
    return Server(ServerCommand{.arguments = {servers.floor_server.string(), mode, file.string()},
                                .ready = "floor ready at ",
                                .core = core_of(servers)});
}

Server start_mock(const Servers& servers, const std::string& topic) {
    return Server(ServerCommand{.arguments = {servers.mock_cluster.string(), topic},
                                .ready = "mock ready at ",
                                .core = core_of(servers)});
}

std::string new_topic() {
    static std::atomic<int> number = 0;
    static const auto run = std::random_device{}();
    return fmt::format("bench-{:08x}-{}", run, ++number);
}

Cost::Cost(const Server& server)
    : server_(server),
      server_begin_(server.cpu_seconds()),
      client_begin_(own_cpu_seconds()),
      begin_ns_(SystemClock().monotonic_ns()) {}

double Cost::server_seconds() const { return server_.cpu_seconds() - server_begin_; }

double Cost::client_cores() const { return (own_cpu_seconds() - client_begin_) / wall_seconds(); }

double Cost::wall_seconds() const {
    return std::max(1e-9, static_cast<double>(SystemClock().monotonic_ns() - begin_ns_) / 1e9);
}

}  // namespace stoker::bench
