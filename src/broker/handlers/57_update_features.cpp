// UpdateFeatures (57), versions 0 to 2.
//
// Behaviour: raises and lowers the finalized levels of the features that this broker serves; all
// updates of a request or none (KIP-584). metadata.version stays, as upstream, where every lower
// level would lose metadata; so does kraft.version. What is wrong with the first is what the whole
// request is told, first in upstream's order: that of a java.util.HashMap.
// Version notes: an upgrade type instead of allow_downgrade (which upstream no longer looks at)
// from 1; a result for each feature until 1 (KIP-1022).
#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "broker/broker.hpp"
#include "broker/group/java_string.hpp"
#include "broker/handlers/handlers.hpp"
#include "broker/security/access.hpp"
#include "broker/metadata/features.hpp"

namespace stoker::broker {

using protocol::UpdateFeaturesRequest;
using protocol::UpdateFeaturesResponse;

namespace {

constexpr int8_t upgrade = 1;
constexpr int8_t unsafe_downgrade = 3;
constexpr int16_t last_version_with_results = 1;

using Update = UpdateFeaturesRequest::FeatureUpdateKey;
using Levels = std::map<std::string, int16_t>;

std::unexpected<Refusal> invalid(const Update& update, const std::string& why) {
    return refuse(ErrorCode::invalid_update_version,
                  "Invalid update version " + std::to_string(update.max_version_level) +
                      " for feature " + update.feature + ". " + why);
}

/// One of each feature, the last, in upstream's order.
std::vector<Update> in_order(const std::vector<Update>& updates) {
    std::vector<Update> ordered;
    for (const Update& update : updates) {
        auto same = std::ranges::find(ordered, update.feature, &Update::feature);
        if (same != ordered.end()) *same = update;
        else ordered.push_back(update);
    }
    std::ranges::stable_sort(ordered, {}, [&](const Update& update) {
        return java_hash_bucket(update.feature, ordered.size());
    });
    return ordered;
}

Outcome<void> check_support(const Update& update, const std::string& controller) {
    const Feature* feature = find_feature(update.feature);
    int16_t level = update.max_version_level;
    if (feature == nullptr && level == 0)
        return invalid(update, "Feature " + update.feature + " not found.");
    if (feature == nullptr || !feature->served())
        return invalid(update, controller + " does not support this feature.");
    if (level < feature->oldest || level > feature->latest)
        return invalid(update, controller + " only supports versions " +
                                   std::to_string(feature->oldest) + "-" +
                                   std::to_string(feature->latest));
    return {};
}

/// The two whose lower levels are other formats of the log.
Outcome<void> refuse_lower_format(const Update& update, int16_t current) {
    if (update.feature == kraft_version_feature)
        return invalid(update, "Can't downgrade the version of this feature.");
    return refuse(ErrorCode::invalid_update_version,
                  "Unsupported metadata.version downgrade from " + std::to_string(current) +
                      " to " + std::to_string(update.max_version_level) + ". " +
                      (update.upgrade_type == unsafe_downgrade
                           ? "Unsafe metadata downgrade is not supported in this version."
                           : "Refusing to perform the requested downgrade because it might delete "
                             "metadata information."));
}

/// `proposed` are the levels that there would be, whether they are possible or not.
Outcome<void> check_dependencies(const Update& update, const Levels& proposed) {
    constexpr int16_t first_with_features = 7, first_with_elr = 23;
    int16_t metadata_level = proposed.at(std::string(metadata_version_feature));
    std::string could_not = update.feature + " could not be set to " +
                            std::to_string(update.max_version_level) + " because it depends on ";
    if (update.max_version_level < 1) return {};
    if (metadata_level < first_with_features)
        return invalid(update, could_not + "metadata.version=7 (3.3-IV3)");
    if (update.feature == elr_version_feature && metadata_level < first_with_elr)
        return invalid(update, could_not + "metadata.version level 23");
    return {};
}

Outcome<void> check(const Update& update, const Levels& current_levels, const Levels& proposed,
                    int32_t node_id) {
    if (update.upgrade_type < upgrade || update.upgrade_type > unsafe_downgrade)
        return invalid(update, "The controller does not support the given upgrade type.");
    if (update.max_version_level < 0)
        return invalid(update, "A feature version cannot be less than 0.");
    auto supported = check_support(update, "Local controller " + std::to_string(node_id));
    if (!supported) return supported;
    int16_t level = update.max_version_level, current = current_levels.at(update.feature);
    if (level < current && update.upgrade_type == upgrade)
        return invalid(update,
                       "Can't downgrade the version of this feature without setting the upgrade "
                       "type to either safe or unsafe downgrade.");
    if (level > current && update.upgrade_type != upgrade)
        return invalid(update, "Can't downgrade to a newer version.");
    bool is_format = update.feature == metadata_version_feature ||
                     update.feature == kraft_version_feature;
    if (is_format && level < current) return refuse_lower_format(update, current);
    return is_format ? Outcome<void>{} : check_dependencies(update, proposed);
}

Outcome<void> update_all(Broker& broker, const UpdateFeaturesRequest& asked) {
    Levels current, changed;
    for (const Feature& feature : features())
        current[std::string(feature.name)] =
            broker.metadata().feature_level(std::string(feature.name));
    std::vector<Update> updates = in_order(asked.feature_updates);
    for (const Update& update : updates) changed[update.feature] = update.max_version_level;
    Levels proposed = changed;
    proposed.insert(current.begin(), current.end());
    for (const Update& update : updates)
        if (auto good = check(update, current, proposed, broker.node_id()); !good) return good;
    if (asked.validate_only) return {};
    std::erase_if(changed, [&](const auto& one) { return current.at(one.first) == one.second; });
    return broker.metadata().set_feature_levels(changed);
}

}  // namespace

void update_features(Broker& broker, const Request& request, UpdateFeaturesRequest asked,
                     Reply<UpdateFeaturesResponse> reply) {
    if (!Access(broker, request).allows(Right::update_features))
        return std::move(reply)(denied<UpdateFeaturesResponse>(Right::update_features));
    auto done = update_all(broker, asked);
    UpdateFeaturesResponse response{.error_message = std::nullopt};
    if (!done) {
        response.error_code = done.error().code;
        response.error_message =
            "The update failed for all features since the following feature had an error: " +
            done.error().message;
    } else if (reply.version() <= last_version_with_results) {
        for (const Update& update : asked.feature_updates)
            response.results.push_back({.feature = update.feature, .error_message = "NONE"});
    }
    std::move(reply)(response);
}

}  // namespace stoker::broker
