// What has gone through a partition, counted where it happens; metrics add it up by topic.
#pragma once

#include <cstdint>

#include "metrics/instruments.hpp"

namespace stoker::broker {

/// Since the partition was opened by this process. Any thread.
struct PartitionCounters {
    metrics::Counter messages_in;  // records, those that the broker itself writes too
    metrics::Counter bytes_in;
    metrics::Counter bytes_out;
    metrics::Counter bytes_rejected;            // of batches that were too large
    metrics::Counter produce_requests;          // batches that were to be appended
    metrics::Counter failed_produce_requests;   // those that were refused, for whatever reason
    metrics::Counter fetch_requests;            // a request counts with each of its partitions
    metrics::Counter failed_fetch_requests;
};

/// The same, added up.
struct TrafficTotals {
    uint64_t messages_in = 0;
    uint64_t bytes_in = 0;
    uint64_t bytes_out = 0;
    uint64_t bytes_rejected = 0;
    uint64_t produce_requests = 0;
    uint64_t failed_produce_requests = 0;
    uint64_t fetch_requests = 0;
    uint64_t failed_fetch_requests = 0;

    void add(const PartitionCounters& counters) {
        messages_in += counters.messages_in.value();
        bytes_in += counters.bytes_in.value();
        bytes_out += counters.bytes_out.value();
        bytes_rejected += counters.bytes_rejected.value();
        produce_requests += counters.produce_requests.value();
        failed_produce_requests += counters.failed_produce_requests.value();
        fetch_requests += counters.fetch_requests.value();
        failed_fetch_requests += counters.failed_fetch_requests.value();
    }
    void add(const TrafficTotals& more) {
        messages_in += more.messages_in;
        bytes_in += more.bytes_in;
        bytes_out += more.bytes_out;
        bytes_rejected += more.bytes_rejected;
        produce_requests += more.produce_requests;
        failed_produce_requests += more.failed_produce_requests;
        fetch_requests += more.fetch_requests;
        failed_fetch_requests += more.failed_fetch_requests;
    }
};

}  // namespace stoker::broker
