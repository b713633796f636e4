// The instruments of a program under their names, and the text that a scrape gets of them.
//
// For programs that count few things of their own: a bomber, a service. The instruments are found
// once and then used without the registry. What has too many series to hold as objects (a
// partition's offsets) writes itself into the text: collect().
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/guarded.hpp"
#include "metrics/instruments.hpp"
#include "metrics/recent_quantiles.hpp"
#include "metrics/text_writer.hpp"

namespace stoker::metrics {

/// A label and its value.
using OwnLabels = std::vector<std::pair<std::string, std::string>>;

/// Any thread. The instruments live as long as it does.
class Registry {
public:
    explicit Registry(const Clock& clock) : clock_(clock) {}

    /// The instrument of that name and those labels, made at the first call. A name belongs to one
    /// kind of instrument and has one help text: the first one's.
    Counter& counter(const std::string& name, const std::string& help, OwnLabels labels = {});
    /// A name that ends in _count is told as untyped: the format keeps it for summaries otherwise.
    Gauge& gauge(const std::string& name, const std::string& help, OwnLabels labels = {});
    /// A distribution that is told as a summary; its values are divided by `divisor` (1e9 makes
    /// seconds of nanoseconds).
    Histogram& summary(const std::string& name, const std::string& help, double divisor,
                       OwnLabels labels = {});
    /// Families that are written when somebody asks, behind all others, in the order of the calls.
    void collect(std::function<void(TextWriter&)> collector);

    /// Families by name, their samples by labels.
    std::string text();

private:
    struct Summary {
        Histogram histogram;
        RecentQuantiles recent;
    };
    struct Family {
        Type type = Type::untyped;
        std::string help;
        double divisor = 1;
        std::map<OwnLabels, std::unique_ptr<Counter>> counters{};
        std::map<OwnLabels, std::unique_ptr<Gauge>> gauges{};
        std::map<OwnLabels, std::unique_ptr<Summary>> summaries{};
    };
    struct State {
        std::map<std::string, Family> families;
        std::vector<std::function<void(TextWriter&)>> collectors;
    };

    static Family& family(State& state, const std::string& name, Type type,
                          const std::string& help);
    void write(TextWriter& writer, const std::string& name, Family& family) const;

    const Clock& clock_;
    Guarded<State> state_;
};

}  // namespace stoker::metrics
