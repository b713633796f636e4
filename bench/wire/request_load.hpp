// Sends a few requests over and over, and measures: closed loop with a window, or open
// loop at a rate. It costs as little as a client can, so that the server is what is measured.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "base/bytes.hpp"

namespace stoker::bench {

struct RequestLoad {
    uint16_t port = 0;
    /// With their size prefix. Connection i of n sends requests i, i + n, i + 2n … in turn, all of
    /// one size, and then begins anew.
    std::vector<Bytes> requests;
    size_t connections = 1;
    /// Closed loop: requests that a connection has under way.
    size_t window = 1;
    /// Open loop, when not 0: requests a second over all connections, sent when they are due
    /// whatever has been answered; latency counts from when a request was due.
    double rate = 0;
    /// Open loop: it sleeps until a request is due or an answer comes, as clients do, and so leaves
    /// its core to others; else it looks all the time, which costs a core and no wake-up times.
    bool sleeps = false;
    /// It ends with whichever comes first. The first part is not measured.
    double seconds = 1;
    uint64_t requests_max = UINT64_MAX;
    double warm_up_share = 0.05;
    /// Is this reply (without its size) a good one? Else it is counted as an error.
    std::function<bool(MutableByteView reply)> is_good;
};

struct RequestOutcome {
    uint64_t requests_total = 0;  // answered in all
    uint64_t requests = 0;        // answered in the measured part
    uint64_t errors = 0;          // in all
    double seconds = 0;           // of the measured part
    std::vector<double> latencies_us;  // of requests that began in the measured part
    double rate() const { return static_cast<double>(requests) / seconds; }
};

/// Throws std::runtime_error when the server goes away or stops answering for 30 s.
RequestOutcome run(const RequestLoad& load);

}  // namespace stoker::bench
