// The table of bench/versus: what each server came to, and Stoker in terms of each of the others.
// Ratios are of the same round, in which the servers took turns, so that drift hits all alike.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "bench/measure/statistics.hpp"

namespace stoker::bench {

struct VersusFigure {
    std::string name;
    std::string what;
    std::string unit;
    bool more_is_better = false;
    /// Of the first subject's value over the peer's, by the peer's name: at least where more is
    /// better, else at most.
    std::map<std::string, double> targets;
};

/// What a figure was in one round, by the subject's name. A subject that cannot is not there.
using VersusRound = std::map<std::string, double>;

struct VersusRow {
    struct Side {
        std::string name;
        Estimate median;
        std::vector<double> samples;  // one a round
    };
    struct Comparison {
        std::string peer;
        Estimate ratio;
        std::optional<double> target;
        bool reached = false;  // the whole interval is on the right side of the target
    };
    VersusFigure figure;
    std::vector<Side> sides;  // in the order of the subjects
    std::vector<Comparison> comparisons;
    bool steady = true;  // false: the machine was not, in some of the rounds
    std::vector<std::string> notes;
};

/// The first of `subjects` is compared to each of the others. No figure may be missing of it.
VersusRow compare(const VersusFigure& figure, const std::vector<std::string>& subjects,
                  const std::vector<VersusRound>& rounds);

nlohmann::json to_json(const VersusRow& row);
/// The table for a terminal.
std::string to_text(const std::vector<VersusRow>& rows, const std::vector<std::string>& subjects);

/// 0 1 2, 1 2 0, 2 0 1, …: in the turn-th of `turns`, who comes when.
std::vector<size_t> order_of_turn(size_t subjects, size_t turn);

}  // namespace stoker::bench
