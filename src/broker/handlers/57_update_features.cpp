// UpdateFeatures (57), versions 0 to 2.
//
// Behaviour: raises and lowers the finalized levels of the features that this broker serves; all
// updates of a request or none. metadata.version stays: its lower levels are other record formats.
// Version notes: an upgrade type instead of allow_downgrade from 1; from 2 an error is the whole
// request's (KIP-1022).
#include <string>
#include <utility>

#include "broker/broker.hpp"
#include "broker/handlers/handlers.hpp"
#include "broker/metadata/features.hpp"

namespace stoker::broker {

using protocol::UpdateFeaturesRequest;
using protocol::UpdateFeaturesResponse;

namespace {

constexpr int8_t upgrade = 1;
constexpr int16_t first_version_with_upgrade_type = 1;
constexpr int16_t first_version_with_one_error = 2;

using Update = UpdateFeaturesRequest::FeatureUpdateKey;

std::unexpected<Refusal> invalid(const Update& update, const std::string& why) {
    return refuse(ErrorCode::invalid_update_version,
                  "Invalid update version " + std::to_string(update.max_version_level) +
                      " for feature " + update.feature + ". " + why);
}

Outcome<void> check(Broker& broker, const Update& update, bool may_go_down) {
    const Feature* feature = find_feature(update.feature);
    std::string controller = "Local controller " + std::to_string(broker.node_id());
    if (feature == nullptr || !feature->served())
        return invalid(update, controller + " does not support this feature.");
    int16_t level = update.max_version_level;
    if (level < 0)
        return invalid(update, "A feature version cannot be less than 0.");
    if (level != 0 && (level < feature->oldest || level > feature->latest))
        return invalid(update, controller + " only supports versions " +
                                   std::to_string(feature->oldest) + "-" +
                                   std::to_string(feature->latest));
    int16_t current = broker.metadata().feature_level(update.feature);
    if (level == current) return {};
    if (level < current && !may_go_down)
        return invalid(update,
                       "Can't downgrade the version of this feature without setting the upgrade "
                       "type to either safe or unsafe downgrade.");
    if (feature->name == metadata_version_feature || feature->name == kraft_version_feature)
        return invalid(update, "This broker works at level " + std::to_string(current) + " only.");
    return {};
}

Outcome<void> update_all(Broker& broker, const UpdateFeaturesRequest& asked, int16_t version) {
    std::map<std::string, int16_t> levels;
    for (const Update& update : asked.feature_updates) {
        bool may_go_down = version < first_version_with_upgrade_type
                               ? update.allow_downgrade
                               : update.upgrade_type != upgrade;
        if (auto good = check(broker, update, may_go_down); !good) return good;
        levels[update.feature] = update.max_version_level;
    }
    if (asked.validate_only) return {};
    return broker.metadata().set_feature_levels(levels);
}

}  // namespace

void update_features(Broker& broker, const Request&, UpdateFeaturesRequest asked,
                     Reply<UpdateFeaturesResponse> reply) {
    int16_t version = reply.version();
    auto done = update_all(broker, asked, version);
    UpdateFeaturesResponse response{.error_message = std::nullopt};
    if (!done) {
        response.error_code = done.error().code;
        response.error_message =
            version < first_version_with_one_error
                ? done.error().message
                : "The update failed for all features since the following feature had an error: " +
                      done.error().message;
    } else if (version < first_version_with_one_error) {
        for (const Update& update : asked.feature_updates)
            response.results.push_back({.feature = update.feature, .error_message = std::nullopt});
    }
    std::move(reply)(response);
}

}  // namespace stoker::broker
