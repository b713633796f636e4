// SenderStats: what is counted where messages are sent. Every producer has its own; they add up.
#pragma once

#include <cstdint>
#include <string>

#include "load/histogram.hpp"

namespace stoker::workload {

struct SenderStats {
    int64_t sent = 0;          ///< handed to the client
    int64_t acknowledged = 0;  ///< of transactions: committed
    int64_t failed = 0;        ///< the client gave up
    int64_t aborted = 0;       ///< with their transaction, on purpose
    int64_t unsent = 0;        ///< due, but the run was over
    int64_t unanswered = 0;    ///< neither acknowledged nor failed when patience ended
    int64_t bytes = 0;         ///< of keys and values that were acknowledged
    int64_t held_back_ns = 0;  ///< the client had no room, or did not come back
    std::string last_error;

    /// All in microseconds. What failed or was never sent counts with the time until it was given
    /// up: leaving the worst out would flatter the rest.
    load::Histogram response_us;  ///< from the intended send time to the acknowledgement
    load::Histogram service_us;   ///< from handing the message to the client to it
    load::Histogram slip_us;      ///< lateness of the generator itself
    load::Histogram held_us;      ///< lateness because the client was held back

    void merge(const SenderStats& other);
};

}  // namespace stoker::workload
