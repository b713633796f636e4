// The cases with librdkafka: the same client into the broker and into librdkafka's mock cluster.
#pragma once

#include <vector>

#include "bench/measure/case.hpp"
#include "bench/wire/servers.hpp"
#include "bench/wire/wire_cases.hpp"

namespace stoker::bench {

std::vector<RatioCase> client_cases(const Servers& servers, const BlockLimits& limits);

}  // namespace stoker::bench
