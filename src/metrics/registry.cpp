#include "metrics/registry.hpp"

#include <array>

#include "base/check.hpp"

namespace stoker::metrics {
namespace {

constexpr std::array<std::pair<const char*, double>, 5> quantiles{
    {{"0.50", 0.5}, {"0.75", 0.75}, {"0.95", 0.95}, {"0.99", 0.99}, {"0.999", 0.999}}};

std::vector<Label> views(const OwnLabels& labels) {
    std::vector<Label> views;
    for (const auto& [name, value] : labels) views.push_back({name, value});
    return views;
}

template <class T>
T& found(std::map<OwnLabels, std::unique_ptr<T>>& all, OwnLabels labels) {
    auto& one = all[std::move(labels)];
    if (!one) one = std::make_unique<T>();
    return *one;
}

}  // namespace

Registry::Family& Registry::family(State& state, const std::string& name, Type type,
                                   const std::string& help) {
    auto [at, is_new] = state.families.try_emplace(name);
    Family& family = at->second;
    if (is_new) {
        family.type = type;
        family.help = help;
    }
    STOKER_CHECK(family.type == type, "a metric's name belongs to one kind of instrument");
    return family;
}

Counter& Registry::counter(const std::string& name, const std::string& help, OwnLabels labels) {
    auto state = state_.lock();
    return found(family(*state, name, Type::counter, help).counters, std::move(labels));
}

Gauge& Registry::gauge(const std::string& name, const std::string& help, OwnLabels labels) {
    auto state = state_.lock();
    const Type type = name.ends_with("_count") ? Type::untyped : Type::gauge;
    return found(family(*state, name, type, help).gauges, std::move(labels));
}

Histogram& Registry::summary(const std::string& name, const std::string& help, double divisor,
                             OwnLabels labels) {
    auto state = state_.lock();
    Family& of = family(*state, name, Type::summary, help);
    of.divisor = divisor;
    return found(of.summaries, std::move(labels)).histogram;
}

void Registry::collect(std::function<void(TextWriter&)> collector) {
    state_.lock()->collectors.push_back(std::move(collector));
}

void Registry::write(TextWriter& writer, const std::string& name, Family& family) const {
    writer.family(name, family.type, family.help);
    for (const auto& [labels, counter] : family.counters)
        writer.sample(views(labels), counter->value());
    for (const auto& [labels, gauge] : family.gauges) writer.sample(views(labels), gauge->value());
    for (auto& [labels, summary] : family.summaries) {
        Distribution all;
        summary->histogram.add_to(all);
        summary->recent.take(std::move(all), clock_.monotonic_ns());
        const auto of = views(labels);
        for (const auto& [name_of, q] : quantiles)
            writer.quantile(of, name_of, summary->recent.quantile(q) / family.divisor);
        writer.sum(of, double(summary->recent.sum()) / family.divisor);
        writer.count(of, summary->recent.count());
    }
}

std::string Registry::text() {
    auto state = state_.lock();
    TextWriter writer;
    for (auto& [name, family] : state->families) write(writer, name, family);
    for (const auto& collector : state->collectors) collector(writer);
    return std::move(writer).text();
}

}  // namespace stoker::metrics
