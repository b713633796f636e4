#include "broker/config/nearest_name.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

namespace stoker::broker {
namespace {

// Longer names are nobody's; the work grows with the square of the length.
constexpr size_t name_size_max = 200;

// How many letters lie between two names, two swapped neighbours counting as one.
size_t distance(std::string_view a, std::string_view b) {
    std::vector<size_t> before_last, last(b.size() + 1), current(b.size() + 1);
    for (size_t j = 0; j <= b.size(); ++j) last[j] = j;
    for (size_t i = 1; i <= a.size(); ++i) {
        current[0] = i;
        for (size_t j = 1; j <= b.size(); ++j) {
            size_t replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            current[j] = std::min({last[j] + 1, current[j - 1] + 1, replaced});
            bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
            if (swapped) current[j] = std::min(current[j], before_last[j - 2] + 1);
        }
        before_last = std::exchange(last, current);
    }
    return last[b.size()];
}

}  // namespace

std::optional<std::string_view> nearest_name(std::string_view unknown, const ConfigTable& table) {
    if (unknown.size() > name_size_max) return std::nullopt;
    std::optional<std::string_view> nearest;
    size_t fewest = 0;
    for (const ConfigDeclaration* config : table.all()) {
        if (config->hidden) continue;
        size_t letters = distance(unknown, config->name);
        if (letters * 3 > config->name.size() || (nearest && letters >= fewest)) continue;
        nearest = config->name;
        fewest = letters;
    }
    return nearest;
}

}  // namespace stoker::broker
