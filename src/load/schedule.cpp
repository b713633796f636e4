#include "load/schedule.hpp"

#include <algorithm>

namespace stoker::load {

namespace {

constexpr int64_t second_ns = 1'000'000'000;

}  // namespace

int64_t Schedule::in_the_first(int64_t ns) const {
    // Whole seconds apart, so that the product stays below 2^63 for any rate up to 10^9.
    int64_t rate = options_.messages_per_second;
    return ns / second_ns * rate + (ns % second_ns * rate + second_ns - 1) / second_ns;
}

int64_t Schedule::mine(int64_t of_all) const {
    if (of_all <= options_.thread) return 0;
    return (of_all - options_.thread - 1) / options_.threads + 1;
}

int64_t Schedule::due(int64_t now_ns) const {
    if (now_ns < options_.start_ns) return 0;
    // A message is due at its own time, hence one nanosecond more than has passed.
    int64_t passed_ns = now_ns - options_.start_ns + 1;
    return mine(in_the_first(std::min(passed_ns, options_.duration_ns)));
}

int64_t Schedule::intended_ns(int64_t n) const {
    int64_t g = global(n);
    int64_t rate = options_.messages_per_second;
    return options_.start_ns + g / rate * second_ns + g % rate * second_ns / rate;
}

}  // namespace stoker::load
