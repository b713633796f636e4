// The rights to the configs of a resource: a topic's and a group's are their own, all others the
// cluster's. What the three APIs of configs share.
#pragma once

#include <string>

#include "broker/metadata/metadata_image.hpp"
#include "broker/outcome.hpp"
#include "broker/security/access.hpp"

namespace stoker::broker {

struct ConfigRights {
    Right of_cluster;
    Right of_topic;
    Right of_group;
};

/// Types that there are not are let through: they are refused for that.
inline Outcome<void> check_rights(const Access& access, const ConfigRights& rights,
                                  ResourceType type, const std::string& name) {
    Right right = rights.of_cluster;
    bool allowed = true;
    switch (type) {
        case ResourceType::topic:
            right = rights.of_topic;
            allowed = access.allows(right, name);
            break;
        case ResourceType::group:
            right = rights.of_group;
            allowed = access.allows(right, name);
            break;
        case ResourceType::broker:
        case ResourceType::broker_logger:
        case ResourceType::client_metrics:
            allowed = access.allows(right);
            break;
        default:
            break;
    }
    if (allowed) return {};
    ErrorCode error = row_of(right).error;
    return refuse(error, authorization_message(error));
}

}  // namespace stoker::broker
