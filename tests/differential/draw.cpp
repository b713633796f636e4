#include "draw.hpp"

namespace stoker::differential {

std::string Draw::fleeting_topic() {
    return pick<std::string>({"one", "two", "under_score", "under.score", "three"});
}

std::string Draw::bad_topic() {
    return pick<std::string>({"", ".", "..", "a space", "sl/ash", "\u00fcmlaut", "missing",
                              std::string(249, 'x'), std::string(250, 'y'), "new\nline"});
}

std::string Draw::topic(const Model& model) {
    if (chance(10)) return bad_topic();
    if (chance(25) || model.topics.empty()) return fleeting_topic();
    return std::string(lasting_topics[below(std::size(lasting_topics))]);
}

PartitionId Draw::partition(const Model& model, const std::string& topic) {
    auto found = model.topics.find(topic);
    if (found == model.topics.end() || chance(10)) return PartitionId{int32_t(between(-1, 4))};
    return PartitionId{int32_t(below(size_t(found->second)))};
}

Offset Draw::offset() {
    if (chance(80)) return Offset{between(0, 20)};
    return Offset{pick<int64_t>({-1, -2, -3, 100, 1'000'000, INT64_MAX, INT64_MIN})};
}

LeaderEpoch Draw::epoch() {
    return chance(75) ? LeaderEpoch::none : LeaderEpoch{pick<int32_t>({0, 1, 7, -2, INT32_MAX})};
}

std::string Draw::group() {
    if (chance(5)) return pick<std::string>({"", "never-seen", "\u00e9"});
    if (chance(6)) return pick<std::string>({"c-one", "c-uniform"});  // of the consumer protocol
    return pick<std::string>({"g-one", "g-two", "g-three"});
}

std::string Draw::text(size_t size_max) {
    std::string text(below(size_max + 1), ' ');
    for (char& letter : text) letter = char('a' + below(26));
    return text;
}

}  // namespace stoker::differential
