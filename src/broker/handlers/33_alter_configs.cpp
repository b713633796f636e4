// AlterConfigs (33), versions 0 to 2: the older way, which replaces all configs of a resource.
//
// Behaviour: what the request names is set, what else was set is taken back (KIP-133). Clients
// should use IncrementalAlterConfigs, which does not lose what somebody else has set meanwhile.
#include <string>

#include "broker/broker.hpp"
#include "broker/config_resources.hpp"
#include "broker/handlers/handlers.hpp"
#include "broker/security/config_rights.hpp"

namespace stoker::broker {

using protocol::AlterConfigsRequest;
using protocol::AlterConfigsResponse;

namespace {

constexpr ConfigRights rights{.of_cluster = Right::alter_cluster_configs,
                              .of_topic = Right::alter_topic_configs,
                              .of_group = Right::alter_group_configs};

Outcome<void> replace(Broker& broker, const AlterConfigsRequest::AlterConfigsResource& wanted,
                      bool validate_only) {
    ConfigMap values;
    std::string null_names;
    for (const auto& config : wanted.configs) {
        if (!config.value) null_names.append(null_names.empty() ? "" : ", ").append(config.name);
        else if (!values.emplace(config.name, *config.value).second)
            return refuse(ErrorCode::invalid_request,
                          "Error due to duplicate config keys");
    }
    if (ResourceType(wanted.resource_type) == ResourceType::broker_logger)
        return refuse(ErrorCode::invalid_request, "Unknown resource type 8");
    if (!null_names.empty())
        return refuse(ErrorCode::invalid_request, "Null value not supported for : " + null_names);
    return ConfigResources(broker).replace(
        {ResourceType(wanted.resource_type), wanted.resource_name}, values, validate_only);
}

}  // namespace

void alter_configs(Broker& broker, const Request& request, AlterConfigsRequest asked,
                   Reply<AlterConfigsResponse> reply) {
    const Access access(broker, request);
    AlterConfigsResponse response;
    for (const auto& wanted : asked.resources) {
        auto& answer = response.responses.emplace_back();
        answer.error_message = std::nullopt;
        answer.resource_type = wanted.resource_type;
        answer.resource_name = wanted.resource_name;
        auto altered = check_rights(access, rights, ResourceType(wanted.resource_type),
                                    wanted.resource_name);
        if (altered) altered = replace(broker, wanted, asked.validate_only);
        if (altered) continue;
        answer.error_code = altered.error().code;
        answer.error_message = altered.error().message;
    }
    std::move(reply)(response);
}

}  // namespace stoker::broker
