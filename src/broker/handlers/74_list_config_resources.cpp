// ListConfigResources (74), versions 0 and 1.
//
// Behaviour: the resources that have configs or, in the case of topics and brokers, may have them.
// Version notes: 0 lists client metrics only (KIP-714); from 1 the types are asked for (KIP-1142).
#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "broker/broker.hpp"
#include "broker/handlers/handlers.hpp"
#include "broker/security/access.hpp"

namespace stoker::broker {

using protocol::ListConfigResourcesRequest;
using protocol::ListConfigResourcesResponse;

namespace {

constexpr std::array all_types{ResourceType::topic, ResourceType::broker,
                               ResourceType::broker_logger, ResourceType::client_metrics,
                               ResourceType::group};

std::vector<ResourceType> wanted_types(const ListConfigResourcesRequest& asked, int16_t version) {
    if (version == 0) return {ResourceType::client_metrics};
    if (asked.resource_types.empty()) return {all_types.begin(), all_types.end()};
    std::vector<ResourceType> types;
    for (int8_t type : asked.resource_types) {
        ResourceType wanted{type};
        if (std::ranges::find(types, wanted) == types.end()) types.push_back(wanted);
    }
    return types;
}

std::vector<std::string> names_of(Broker& broker, ResourceType type) {
    switch (type) {
        case ResourceType::topic: {
            std::vector<std::string> names;
            for (const auto& topic : broker.metadata().topics()) names.push_back(topic->name);
            return names;
        }
        case ResourceType::broker:
        case ResourceType::broker_logger:
            return {std::to_string(broker.node_id())};
        default:
            return broker.metadata().configured(type);
    }
}

}  // namespace

void list_config_resources(Broker& broker, const Request& request, ListConfigResourcesRequest asked,
                           Reply<ListConfigResourcesResponse> reply) {
    if (!Access(broker, request).allows(Right::list_config_resources))
        return std::move(reply)(denied<ListConfigResourcesResponse>(Right::list_config_resources));
    ListConfigResourcesResponse response;
    std::vector<ResourceType> types = wanted_types(asked, reply.version());
    bool known = std::ranges::all_of(types, [](ResourceType type) {
        return std::ranges::find(all_types, type) != all_types.end();
    });
    if (!known) return std::move(reply)({.error_code = ErrorCode::unsupported_version});
    for (ResourceType type : types) {
        for (std::string& name : names_of(broker, type)) {
            auto& resource = response.config_resources.emplace_back();
            resource.resource_name = std::move(name);
            resource.resource_type = int8_t(type);
        }
    }
    std::move(reply)(response);
}

}  // namespace stoker::broker
