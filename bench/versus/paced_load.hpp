// One record at a time at a steady rate, with librdkafka and without lingering: how long until it
// is acknowledged, and how long until a consumer has it. Latency counts from when a record was
// due, so that a server that stalls pays for every record that had to wait.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace stoker::bench {

struct PacedLoad {
    uint16_t port = 0;
    std::string topic;  // there already; partition 0 is used
    size_t record_size = 100;
    double rate = 1'000;  // records a second
    double seconds = 2;
    /// Of the records, the first ones that are not measured.
    double warm_up_share = 0.2;
    /// Has a consumer read them as well.
    bool consume = false;
};

/// Of the measured records.
struct PacedOutcome {
    std::vector<double> acknowledged_us;
    std::vector<double> consumed_us;  // empty without a consumer
};

/// acks=all. Throws std::runtime_error when a record is not acknowledged, or not consumed.
PacedOutcome run(const PacedLoad& load);

}  // namespace stoker::bench
