// A producer with librdkafka that does nothing but produce: one and the same record again and
// again, as fast as the library takes it. What it reaches with librdkafka's own mock cluster is
// what the library can do.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

namespace stoker::bench {

struct ClientLoad {
    uint16_t port = 0;
    std::string topic;  // there already
    /// Over all partitions, as librdkafka's default partitioner spreads them; else partition 0.
    bool all_partitions = false;
    size_t record_size = 100;
    /// TLS, when this names the certificates that are trusted.
    std::string ca_file{};
    int linger_ms = 50;
    /// Requests under way to the broker; 0: librdkafka's own limit, which is none to speak of.
    int in_flight_max = 0;
    bool idempotent = false;
    /// It ends with whichever comes first.
    double seconds = 1;
    uint64_t records_max = UINT64_MAX;
    /// Called when the connection is warm and measuring begins, and again when it ends.
    std::function<void()> on_begin;
    std::function<void()> on_end;
};

struct ClientOutcome {
    uint64_t records = 0;  // acknowledged in the measured part
    double seconds = 0;    // from its first record to its last acknowledgement
    double rate() const { return static_cast<double>(records) / seconds; }
};

/// acks=all. Throws std::runtime_error when a record is not acknowledged.
ClientOutcome run(const ClientLoad& load);

}  // namespace stoker::bench
