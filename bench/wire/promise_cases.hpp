// What idempotence and transactions cost: the same producers into the same broker, with a promise
// more and without it.
#pragma once

#include <vector>

#include "bench/measure/case.hpp"
#include "bench/wire/wire_cases.hpp"
#include "bench/wire/servers.hpp"

namespace stoker::bench {

std::vector<RatioCase> promise_cases(const Servers& servers, const BlockLimits& limits);

}  // namespace stoker::bench
