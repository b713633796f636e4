// The configuration of a producer under Java's names, with Java's defaults and refusals.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "kafka/client_properties.hpp"
#include "record/compression.hpp"

namespace stoker::kafka {

struct ProducerSettings {
    CommonSettings common;
    /// -1: all in-sync replicas; 1: the leader; 0: nobody answers.
    int16_t acks = -1;
    size_t batch_size = 16'384;
    int64_t linger_ms = 5;
    record::Codec codec = record::Codec::none;
    int level = record::default_level;
    size_t buffer_memory = 32 * 1024 * 1024;
    int64_t max_block_ms = 60'000;
    size_t max_request_size = 1'048'576;
    size_t in_flight_max = 5;
    int64_t delivery_timeout_ms = 120'000;
    int64_t metadata_max_age_ms = 300'000;
    bool idempotent = true;
    /// Only for an idempotent one.
    std::optional<std::string> transactional_id{};
    int32_t transaction_timeout_ms = 60'000;
    bool ignores_keys = false;
};

/// Fails with Java's ConfigException.
Outcome<ProducerSettings> read_producer_settings(const ClientProperties& properties);

}  // namespace stoker::kafka
