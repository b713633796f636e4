// The cases in which one and the same thin client sends pre-encoded requests to the broker and to
// the floor, or to the broker with one io thread and with two.
#pragma once

#include <cstdint>
#include <vector>

#include "bench/measure/case.hpp"
#include "bench/wire/servers.hpp"

namespace stoker::bench {

struct BlockLimits {
    double seconds = 5;
    uint64_t bytes = 1 << 30;  // written at most
};

std::vector<RatioCase> wire_cases(const Servers& servers, const BlockLimits& limits);

}  // namespace stoker::bench
