// The servers that are compared: Stoker, Apache Kafka and, when there is one, a light peer. Each
// is a process of its own on ports of the system's choice, with its files in a folder of its own.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "bench/wire/servers.hpp"

namespace stoker::bench {

struct Subject {
    using Start = std::function<Server(const std::filesystem::path& folder)>;

    std::string name;
    std::string description;  // version and flags, for the reader
    Start start;
    /// What takes the load of the durable class, where that is not the same server.
    Start start_durable = {};
    /// A topic's flush.messages is what makes it durable.
    bool knows_topic_configs = true;
};

inline constexpr auto stoker_name = "stoker";
inline constexpr auto apache_kafka_name = "apache-kafka";
inline constexpr auto kfake_name = "kfake";

Subject stoker_subject(const std::filesystem::path& binary);

struct ApacheKafka {
    std::filesystem::path libs;    // the folder with its jars
    std::filesystem::path folder;  // where its formatted data directory is kept for every start
    std::string heap = "512m";
};
/// Formats a data directory, which takes some seconds. Throws std::runtime_error.
Subject apache_kafka_subject(const ApacheKafka& kafka);

/// In memory, as kfake is by default; the durable class goes to a second one with files.
Subject kfake_subject(const std::filesystem::path& binary);

/// Returns when a Metadata request is answered by a broker that knows itself. Throws
/// std::runtime_error after half a minute.
void await_first_answer(uint16_t port);

/// Of Apache Kafka's jars in `libs`: "4.3.0". Empty when there are none.
std::string kafka_version(const std::filesystem::path& libs);
/// server.properties of a single node, as the release has it but for folders and ports.
std::string kafka_properties(const std::filesystem::path& data, uint16_t port,
                             uint16_t controller_port);

}  // namespace stoker::bench
