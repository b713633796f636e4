// What stoker-bench-wire measures: each case is the same load on two servers.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace stoker::bench {

struct WireOptions {
    std::filesystem::path broker;        // the `stoker` binary
    std::filesystem::path floor_server;  // the stoker-floor-server binary
    /// A broker that runs already (Apache Kafka, say) instead of `broker`: its port.
    std::optional<uint16_t> attach_port;
    double block_seconds = 5;
    uint64_t block_bytes = 1 << 30;
    bool pinned = false;  // the server on core 0, the client on core 1
};

/// One measurement of one server.
struct Block {
    double value = 0;         // in the case's unit
    double cpu_us = 0;        // the server's CPU time a request
    double cpu_s_per_gb = 0;  // and a GB (10^9 bytes) of payload; 0 where it says nothing
    double memory_mib = 0;    // the server's peak
};

struct WireCase {
    std::string name;
    std::string what;
    std::string unit;
    std::string subject = "broker";  // what `a` measures
    std::string peer = "floor";      // what `b` measures
    double target = 0;               // of a / b
    bool at_least = true;            // or at most
    /// Measures one block with files in an empty folder.
    std::function<Block(const std::filesystem::path&)> a;
    std::function<Block(const std::filesystem::path&)> b;
};

std::vector<WireCase> wire_cases(const WireOptions& options);

}  // namespace stoker::bench
