// Reads a log from its beginning to its end over one connection, one request at a time, as a
// consumer that catches up does; at the end it begins again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

#include "base/bytes.hpp"

namespace stoker::bench {

struct FetchLoad {
    uint16_t port = 0;
    uint64_t log_size = 0;
    /// The request, with its size prefix, for what lies at this position.
    std::function<Bytes(uint64_t position)> request;
    /// How far the reply brings the reader.
    std::function<size_t(MutableByteView reply)> progress;
    double seconds = 1;
    uint64_t bytes_max = UINT64_MAX;
};

struct FetchOutcome {
    uint64_t bytes = 0;
    uint64_t requests = 0;
    double seconds = 0;
};

/// Throws std::runtime_error when the server goes away or makes no progress.
FetchOutcome run(const FetchLoad& load);

}  // namespace stoker::bench
