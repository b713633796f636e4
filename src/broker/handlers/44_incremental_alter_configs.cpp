// IncrementalAlterConfigs (44), versions 0 and 1.
//
// Behaviour: sets, takes back, appends to and subtracts from the configs of topics, brokers, groups
// and client metrics, and sets the level of the log; what is accepted takes effect at once and,
// levels apart, is kept in the metadata log. Each resource for itself, all of its changes or none
// (KIP-339).
#include <string>
#include <vector>

#include "broker/broker.hpp"
#include "broker/config_resources.hpp"
#include "broker/handlers/handlers.hpp"
#include "broker/security/config_rights.hpp"

namespace stoker::broker {

using protocol::IncrementalAlterConfigsRequest;
using protocol::IncrementalAlterConfigsResponse;

namespace {

constexpr ConfigRights rights{.of_cluster = Right::change_cluster_configs,
                              .of_topic = Right::change_topic_configs,
                              .of_group = Right::change_group_configs};

std::vector<ConfigAlteration> alterations(
    const IncrementalAlterConfigsRequest::AlterConfigsResource& wanted) {
    std::vector<ConfigAlteration> all;
    for (const auto& config : wanted.configs)
        all.push_back({.name = config.name,
                       .operation = AlterOperation(config.config_operation),
                       .value = config.value});
    return all;
}

}  // namespace

void incremental_alter_configs(Broker& broker, const Request& request,
                               IncrementalAlterConfigsRequest asked,
                               Reply<IncrementalAlterConfigsResponse> reply) {
    const Access access(broker, request);
    IncrementalAlterConfigsResponse response;
    for (const auto& wanted : asked.resources) {
        auto& answer = response.responses.emplace_back();
        answer.error_message = std::nullopt;
        answer.resource_type = wanted.resource_type;
        answer.resource_name = wanted.resource_name;
        const ResourceType type{wanted.resource_type};
        auto altered = check_rights(access, rights, type, wanted.resource_name);
        if (altered)
            altered = ConfigResources(broker).alter({type, wanted.resource_name},
                                                    alterations(wanted), asked.validate_only);
        if (altered) continue;
        answer.error_code = altered.error().code;
        answer.error_message = altered.error().message;
    }
    std::move(reply)(response);
}

}  // namespace stoker::broker
