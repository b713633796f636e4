// The cases about the broker's life rather than its speed: how fast it is there, how much memory it
// takes, and how fast it is back after kill -9.
#pragma once

#include <filesystem>
#include <vector>

#include "bench/measure/case.hpp"
#include "bench/wire/servers.hpp"

namespace stoker::bench {

std::vector<AbsoluteCase> start_cases(const Servers& servers);
std::vector<AbsoluteCase> memory_cases(const Servers& servers);

/// Recovery of a log of `log_size` bytes. The log is written once, in `folder`, when the first
/// block is measured, and removed with the last copy of the case.
RatioCase recovery_case(const Servers& servers, const std::filesystem::path& folder,
                        uint64_t log_size);

}  // namespace stoker::bench
