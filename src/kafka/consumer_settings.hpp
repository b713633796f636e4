// The configuration of a consumer under Java's names, with Java's defaults and refusals.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "kafka/client_properties.hpp"

namespace stoker::kafka {

/// Where to begin without a committed offset (auto.offset.reset).
struct OffsetReset {
    enum class Kind { earliest, latest, none, by_duration };
    Kind kind = Kind::latest;
    /// by_duration: how long before now.
    int64_t duration_ms = 0;
};

/// The one assignor that lets members keep what they have while the group is joined again.
inline constexpr std::string_view cooperative_sticky = "cooperative-sticky";

struct ConsumerSettings {
    CommonSettings common;
    std::optional<std::string> group_id;
    std::optional<std::string> group_instance_id;
    /// group.protocol=consumer (KIP-848) instead of classic.
    bool consumer_protocol = false;
    std::optional<std::string> remote_assignor;
    /// Classic: by the names that the group protocol has for them ("range"), the preferred first.
    std::vector<std::string> assignors;
    /// Nothing but cooperative assignors: partitions are given up only when they go to others.
    bool cooperative() const {
        return assignors == std::vector<std::string>{std::string(cooperative_sticky)};
    }
    bool auto_commit = true;
    int64_t auto_commit_interval_ms = 5000;
    OffsetReset reset;
    bool read_committed = false;
    bool allow_auto_create_topics = true;
    bool check_crcs = true;
    bool exclude_internal_topics = true;
    int32_t fetch_min_bytes = 1;
    int32_t fetch_max_wait_ms = 500;
    int32_t fetch_max_bytes = 52'428'800;
    int32_t partition_max_bytes = 1'048'576;
    int32_t session_timeout_ms = 45'000;
    int32_t heartbeat_interval_ms = 3000;
    int32_t max_poll_interval_ms = 300'000;
    int32_t max_poll_records = 500;
    int64_t metadata_max_age_ms = 300'000;
    std::string rack;
    /// "Consumer clientId=c, groupId=g", which stands in brackets before log lines.
    std::string name;
};

/// Fails with Java's ConfigException.
Outcome<ConsumerSettings> read_consumer_settings(const ClientProperties& properties);

}  // namespace stoker::kafka
