// Slo: the highest rate that a cluster takes while a percentile of the response time stays below a
// limit. Each rate is tried with a run of its own: doubled until one fails, and narrowed down
// between the last good one and that.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "load/json.hpp"
#include "workload/report/verdict.hpp"
#include "workload/run/run.hpp"

namespace stoker::workload {

struct Slo {
    double percentile = 99;
    std::chrono::microseconds limit{0};
    std::string text{};
};

/// "p99<20ms", "p99.9 < 1s".
std::expected<Slo, std::string> parse_slo(std::string_view text);

struct SloTrial {
    double rate = 0;
    bool held = false;
    int64_t percentile_us = 0;
    Verdict verdict;
};

struct SloResult {
    std::vector<SloTrial> trials;
    double highest_rate = 0;  ///< that held; 0: none did
    /// A rate that did not hold is known, so that the highest one is no mere lower bound.
    bool bounded = false;
    /// Neither the cluster nor the service level: a finding, no connection.
    std::string failure;
    /// Why nothing is known of faster rates: the generator is no faster.
    std::string generator_limit{};

    Status status() const;
};

struct SloOptions {
    double start_rate = 100;
    double rate_max = 10'000'000;
    /// The search ends when the bounds are within such a part of each other.
    double precision = 0.05;
};

/// `run` tries a rate. An error ends the search.
using TryRate = std::function<std::expected<SloTrial, std::string>(double rate)>;
SloResult search_rate(const SloOptions& options, const TryRate& run);

/// What a run's result says of the service level.
SloTrial slo_trial(const Slo& slo, double rate, const Workload& workload, const RunResult& result);

load::Json slo_json(const Slo& slo, const SloResult& result);
std::string slo_text(const Slo& slo, const SloResult& result);

}  // namespace stoker::workload
