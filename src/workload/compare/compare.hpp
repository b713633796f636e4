// Compare: whether run B is worse than run A, or only happens to look so. Each second of a run is a
// sample; the difference of the medians is drawn again and again from the samples themselves (a
// bootstrap), and the middle 95 % of what comes out is what the difference may be.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "load/json.hpp"

namespace stoker::workload {

/// What one or several reports of the same load say, second by second.
struct Samples {
    std::vector<double> messages_per_second;
    std::vector<double> response_p50_us;
    std::vector<double> response_p99_us;
    int runs = 0;
    /// Lost, duplicated, reordered, corrupted …, and what was not acknowledged.
    int64_t findings = 0;
    std::string workload{};
};

/// Of a file with a report of --json on each line; other lines are passed over. The error is a
/// sentence: no report, or one without times.
std::expected<Samples, std::string> read_samples(const std::string& path);
std::expected<Samples, std::string> samples_of(std::string_view text, const std::string& name);

enum class Judgement : uint8_t { same, better, worse, unclear };
std::string_view name(Judgement judgement);

/// B against A; percent of A.
struct Difference {
    std::string_view metric;
    double a = 0;  ///< medians
    double b = 0;
    double change = 0;
    double low = 0;  ///< the interval of confidence
    double high = 0;
    Judgement judgement = Judgement::same;
};

struct CompareOptions {
    double confidence = 0.95;
    /// Changes of so many percent are no change.
    double tolerance = 5;
    uint64_t seed = 1;
};

std::vector<Difference> compare(const Samples& a, const Samples& b, const CompareOptions& options);

/// Something is worse for sure, or B has findings that A has not.
bool is_worse(const Samples& a, const Samples& b, const std::vector<Difference>& differences);

load::Json compare_json(const std::vector<Difference>& differences, bool worse);
std::string compare_text(const std::vector<Difference>& differences);

}  // namespace stoker::workload
