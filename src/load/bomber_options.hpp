// What the two bombers can be told, with the names, variables and defaults of their specification.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "client/config.hpp"
#include "load/bomber_config.hpp"
#include "load/layered_options.hpp"

namespace stoker::load {

struct BomberOptions {
    std::string bootstrap_servers;
    client::Security security;
    client::Config command_config;  ///< in librdkafka's names; the last word
    /// The same file as it stands, for a client that knows Java's names.
    std::map<std::string, std::string> java_properties{};
    BomberConfig config;
    std::string topic_prefix;
    int num_topics = 0;
    std::chrono::nanoseconds duration{};
    /// Of every topic: these and no others. Empty: all of them.
    std::vector<int32_t> partitions{};
    uint64_t seed = 0;  ///< of everything random; from the system unless --seed is given
    bool verbose = false;
    bool json = false;      ///< the last line on stdout is one JSON object
    bool progress = false;  ///< instead of reports: one JSON object a second on stdout
    bool verify = false;
    std::optional<uint16_t> metrics_port;  ///< of /metrics; 0: any
    std::vector<std::string> warnings{};

    /// "{prefix}.generated-data-{number, two digits}.json", from 1.
    std::vector<std::string> topics() const;
};

struct ProducerOptions : BomberOptions {
    int64_t messages_per_second = 0;
    int num_threads = 0;
    size_t message_size = 0;  ///< bytes; 0: as long as they come, about 0.3 KB
    int num_partitions = 0;   ///< of topics that are missing; 0: the broker makes them as it likes
};

struct ConsumerOptions : BomberOptions {
    std::string consumer_group;
    int num_consumers = 0;
    std::string auto_offset_reset;
    /// Nothing: 1 to 50 ms at random, as specified.
    std::optional<std::chrono::milliseconds> processing_delay;
};

std::expected<ProducerOptions, EarlyExit> parse_producer_options(int argc, const char* const* argv,
                                                                 Environment environment);
std::expected<ConsumerOptions, EarlyExit> parse_consumer_options(int argc, const char* const* argv,
                                                                 Environment environment);

}  // namespace stoker::load
