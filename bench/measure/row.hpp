// A row of the table of results: what bench/report and the terminal show of a case.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "bench/measure/abba.hpp"
#include "bench/measure/absolute.hpp"

namespace stoker::bench {

struct Row {
    std::string name;
    std::string what;
    std::string unit;
    /// Of a ratio: who was compared, and the median of each in `unit`.
    struct Side {
        std::string name;
        double median = 0;
    };
    std::optional<Side> subject;
    std::optional<Side> peer;
    Estimate figure;  // the ratio; or the value, in `unit`
    double target = 0;
    bool at_least = false;  // or at most
    bool reached = false;
    bool steady = true;  // false: the machine was not, in some of what counts
    /// What the reader should know, as half a sentence each.
    std::vector<std::string> notes;
    nlohmann::json details;
};

std::vector<Row> rows_of(const RatioCase& ratio_case, const RatioResult& result);
std::vector<Row> rows_of(const AbsoluteCase& absolute_case, const AbsoluteResult& result);

nlohmann::json to_json(const Row& row);
/// The table for a terminal.
std::string to_text(const std::vector<Row>& rows);

}  // namespace stoker::bench
