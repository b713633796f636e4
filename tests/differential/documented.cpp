#include "documented.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <string_view>

namespace stoker::differential {

namespace {

struct Documented {
    int16_t key;
    /// The member's name, which the path ends with.
    std::string_view member;
    /// Parts of what each of them answers; empty: anything.
    std::string_view kafka;
    std::string_view stoker;
    std::string_view reason;
};

constexpr std::string_view effect =
    "a setting that is accepted takes effect; one that cannot is refused with the reason";

constexpr std::array documented{
    Documented{33, "error_message", "", "cannot be changed while the broker runs", effect},
    Documented{44, "error_message", "", "cannot be changed while the broker runs", effect},
    Documented{33, "error_message", "", "cannot be honoured", effect},
    Documented{44, "error_message", "", "cannot be honoured", effect},
};

std::string parent_of(const std::string& path) {
    size_t dot = path.rfind('.');
    return dot == std::string::npos ? "" : path.substr(0, dot);
}

bool is_documented(const Difference& difference, int16_t key) {
    return std::ranges::any_of(documented, [&](const Documented& one) {
        return one.key == key && difference.path.ends_with(one.member) &&
               difference.kafka.find(one.kafka) != std::string::npos &&
               difference.stoker.find(one.stoker) != std::string::npos;
    });
}

}  // namespace

void drop_documented(std::vector<Difference>& found, int16_t key) {
    std::set<std::string> objects;
    for (const Difference& difference : found) {
        if (is_documented(difference, key)) objects.insert(parent_of(difference.path));
    }
    std::erase_if(found, [&](const Difference& difference) {
        return objects.contains(parent_of(difference.path));
    });
}

}  // namespace stoker::differential
