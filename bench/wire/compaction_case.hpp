// What compaction costs those who write meanwhile: the broker with its log cleaner at work, beside
// the broker without one.
#pragma once

#include "bench/measure/case.hpp"
#include "bench/wire/wire_cases.hpp"

namespace stoker::bench {

RatioCase compaction_case(const Servers& servers, const BlockLimits& limits);

}  // namespace stoker::bench
