// JSON as the programs print it: keys in the order in which they were written.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

#include "load/histogram.hpp"

namespace stoker::load {

using Json = nlohmann::ordered_json;

/// One line; text that is not UTF-8 (a topic name, a type that somebody made up) is mended.
std::string line_of(const Json& json);

/// {"count", "mean", "p50", "p90", "p99", "p99.9", "max"} of a histogram of microseconds,
/// in milliseconds.
Json milliseconds_json(const Histogram& microseconds);

/// Rounded to so many decimals, so that figures read well.
double rounded(double value, int decimals);

}  // namespace stoker::load
