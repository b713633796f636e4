#include "security/json_reader.hpp"

#include <set>
#include <string>
#include <utility>
#include <vector>

namespace stoker::security {

std::optional<nlohmann::json> read_json_object(std::string_view text, size_t size_max) {
    if (text.size() > size_max) return std::nullopt;
    using Event = nlohmann::json::parse_event_t;
    bool refused = false;
    // Two readers of one text that take different ones of two equal names disagree about who it is.
    std::vector<std::set<std::string>> names;
    auto watch = [&](int depth, Event event, nlohmann::json& value) {
        if (depth > int(json_depth_max)) refused = true;
        if (event == Event::object_start) names.emplace_back();
        if (event == Event::object_end && !names.empty()) names.pop_back();
        if (event == Event::key && !names.empty() &&
            !names.back().insert(value.get<std::string>()).second)
            refused = true;
        return !refused;
    };
    auto parsed = nlohmann::json::parse(text, watch, false);
    if (refused || parsed.is_discarded() || !parsed.is_object()) return std::nullopt;
    return parsed;
}

}  // namespace stoker::security
