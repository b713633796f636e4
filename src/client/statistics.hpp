// What a librdkafka instance tells about itself every statistics.interval.ms, as far as metrics
// need it. librdkafka's document says the same as JSON (its STATISTICS.md); times there are
// microseconds.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

namespace stoker::client {

/// How long something took, of late.
struct RecentTimes {
    int64_t count = 0;
    int64_t sum_us = 0;
    int64_t max_us = 0;

    void add(const RecentTimes& more);
};

/// Of one instance, or of several together.
struct Statistics {
    int64_t bytes_sent = 0;        // to brokers, since the start
    int64_t requests_retried = 0;  // since the start
    int64_t requests_in_flight = 0;
    int64_t connections = 0;
    RecentTimes round_trip;        // of requests
    RecentTimes queued;            // records, before they are sent
    int64_t batches = 0;           // of late
    int64_t batch_bytes = 0;       // of them

    void add(const Statistics& more);
};

/// Called on the thread that polls.
using OnStatistics = std::function<void(const Statistics&)>;

/// What the document does not have, or has in another form than a whole number, is 0.
Statistics parse_statistics(std::string_view json);

}  // namespace stoker::client
