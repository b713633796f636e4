#include "workload/file/load_section.hpp"

#include <fmt/format.h>

#include <charconv>
#include <filesystem>
#include <fstream>

namespace stoker::workload {
namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;

constexpr size_t phases_max = 1000;
constexpr size_t replay_max = 10'000'000;
constexpr Range<double> rates{0.001, 100'000'000};
constexpr Range<double> rates_or_none{0, 100'000'000};
/// A month.
constexpr Range<nanoseconds> times{1ms, 720h};

double seconds(nanoseconds time) { return double(time.count()) / 1e9; }

template <class T>
T needed(Mapping& from, const char* key, std::optional<T> value) {
    if (value) return *value;
    from.complain(fmt::format("{} is missing", key));
}

double needed_time(Mapping& from, const char* key) {
    return seconds(needed(from, key, from.time(key, times)));
}

double needed_rate(Mapping& from, const char* key, Range<double> range = rates) {
    return needed(from, key, from.number(key, range));
}

std::vector<Phase> read_steps(Mapping& from) {
    const auto list = from.node("rates");
    if (!list || !list->IsSequence() || list->size() == 0 || list->size() > phases_max)
        from.complain("steps need rates: [100, 200, 400]");
    const double each = needed_time(from, "each");
    std::vector<Phase> steps;
    for (const auto& rate : *list)
        steps.push_back({.duration_s = each, .rate = number_of(rate, "rates", rates)});
    return steps;
}

Phase read_sine(Mapping& from) {
    Phase phase{.shape = Shape::sine, .rate = needed_rate(from, "rate")};
    phase.amplitude = needed_rate(from, "amplitude", rates_or_none);
    if (phase.amplitude > phase.rate) from.complain("amplitude", "is at most the rate");
    phase.period_s = needed_time(from, "period");
    phase.duration_s = needed_time(from, "for");
    return phase;
}

Phase read_bursts(Mapping& from) {
    Phase phase{.shape = Shape::bursts};
    phase.rate = from.number("rate", rates_or_none).value_or(0);
    phase.to = needed_rate(from, "burst");
    phase.burst_s = needed_time(from, "burst_for");
    phase.period_s = needed_time(from, "every");
    if (phase.burst_s > phase.period_s) from.complain("burst_for", "is at most 'every'");
    phase.duration_s = needed_time(from, "for");
    return phase;
}

Phase read_ramp(Mapping& from) {
    Phase phase{.shape = Shape::ramp};
    phase.rate = needed_rate(from, "from", rates_or_none);
    phase.to = needed_rate(from, "to", rates_or_none);
    if (phase.rate + phase.to <= 0) from.complain("to", "is more than 0, or 'from' is");
    phase.duration_s = needed_time(from, "for");
    return phase;
}

/// One time a line, in seconds, ascending; what follows a comma or a blank is passed over.
std::vector<double> read_times(Mapping& from, const std::string& path) {
    std::ifstream file(path);
    if (!file) from.complain("file", path + " cannot be read");
    std::vector<double> all;
    size_t number = 0;
    for (std::string line; std::getline(file, line);) {
        ++number;
        if (line.empty() || line.starts_with('#')) continue;
        double value = 0;
        const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), value);
        const bool ends_well = *end == '\0' || *end == ',' || *end == ' ' || *end == '\r';
        if (error != std::errc() || !ends_well || (!all.empty() && value < all.back()))
            from.complain("file", fmt::format("{}:{}: give a time in seconds, not before the one "
                                              "above it",
                                              path, number));
        if (all.size() >= replay_max) from.complain("file", path + " has more than 10000000 lines");
        all.push_back(value);
    }
    if (all.empty()) from.complain("file", path + " has no times");
    return all;
}

Phase read_replay(Mapping& from, const std::string& folder) {
    Phase phase{.shape = Shape::replay};
    const std::filesystem::path path = needed(from, "file", from.text("file"));
    const double speed = from.number("speed", {0.001, 1'000'000}).value_or(1);
    phase.times_s = read_times(from, path.is_absolute() ? path.string()
                                                        : (folder / path).string());
    const double first = phase.times_s.front();
    for (double& time : phase.times_s) time = (time - first) / speed;
    // A moment more, so that the last one is within.
    phase.duration_s = phase.times_s.back() + 1e-3;
    return phase;
}

/// As the file names them; two are no Shape of their own.
enum class Word : size_t { constant, steps, ramp, sine, bursts, poisson, replay, max };

std::vector<Phase> read_shape(Word word, Mapping& from, const std::string& folder) {
    switch (word) {
        case Word::steps: return read_steps(from);
        case Word::ramp: return {read_ramp(from)};
        case Word::sine: return {read_sine(from)};
        case Word::bursts: return {read_bursts(from)};
        case Word::replay: return {read_replay(from, folder)};
        case Word::max: return {{.shape = Shape::max, .duration_s = needed_time(from, "for")}};
        case Word::constant:
        case Word::poisson: break;
    }
    const double rate = needed_rate(from, "rate");
    return {{.duration_s = needed_time(from, "for"), .rate = rate}};
}

std::vector<Phase> read_phase(const YAML::Node& node, const std::string& folder) {
    Mapping from(node, "load");
    const auto word = Word(needed(
        from, "shape",
        from.choice("shape",
                    {"constant", "steps", "ramp", "sine", "bursts", "poisson", "replay", "max"})));
    std::vector<Phase> phases = read_shape(word, from, folder);
    bool random = word == Word::poisson;
    if (word != Word::poisson && word != Word::replay && word != Word::max)
        random = from.choice("arrivals", {"even", "poisson"}).value_or(0) == 1;
    for (Phase& phase : phases) phase.poisson = random;
    from.finish();
    return phases;
}

}  // namespace

std::vector<Phase> read_phases(Mapping& file, const std::string& folder) {
    const auto node = file.node("load");
    if (!node) file.complain("load is missing: what is sent, and when");
    if (!node->IsSequence() || node->size() == 0 || node->size() > phases_max)
        throw Complaint(*node, "load: give a list of phases, each with a shape");
    std::vector<Phase> all;
    for (const auto& one : *node)
        for (Phase& phase : read_phase(one, folder)) all.push_back(std::move(phase));
    return all;
}

}  // namespace stoker::workload
