// IncrementalAlterConfigs (44), versions 0 and 1.
//
// Behaviour: sets, takes back, appends to and subtracts from configs of topics and brokers; what is
// accepted takes effect at once and is kept in the metadata log. Each resource for itself, all of
// its changes or none (KIP-339).
// Left out: broker loggers and the resources of features that are not served yet; they are refused.
#include <string>
#include <vector>

#include "broker/broker.hpp"
#include "broker/handlers/handlers.hpp"

namespace stoker::broker {

using protocol::IncrementalAlterConfigsRequest;
using protocol::IncrementalAlterConfigsResponse;

namespace {

using Wanted = IncrementalAlterConfigsRequest::AlterConfigsResource;

std::vector<ConfigAlteration> alterations(const Wanted& wanted) {
    std::vector<ConfigAlteration> all;
    for (const auto& config : wanted.configs)
        all.push_back({.name = config.name,
                       .operation = AlterOperation(config.config_operation),
                       .value = config.value});
    return all;
}

Outcome<ConfigChanges> changes_of(Broker& broker, const Wanted& wanted) {
    ConfigStore::Altered altered;
    ResourceType type{wanted.resource_type};
    if (type == ResourceType::topic) {
        if (auto why = invalid_topic_name(wanted.resource_name))
            return refuse(ErrorCode::invalid_topic_exception, *why);
        if (!broker.metadata().find(wanted.resource_name))
            return refuse(ErrorCode::unknown_topic_or_partition,
                          "The topic '" + wanted.resource_name + "' does not exist.");
        altered = broker.configs().alter_topic(
            broker.metadata().configs(type, wanted.resource_name), alterations(wanted));
    } else if (type == ResourceType::broker && wanted.resource_name.empty()) {
        altered = broker.configs().alter_broker_defaults(alterations(wanted));
    } else if (type == ResourceType::broker &&
               wanted.resource_name == std::to_string(broker.node_id())) {
        altered = broker.configs().alter_broker(alterations(wanted));
    } else if (type == ResourceType::broker) {
        return refuse(ErrorCode::invalid_request,
                      "Unexpected broker id, expected " + std::to_string(broker.node_id()) +
                          " or empty string, but received " + wanted.resource_name);
    } else {
        return refuse(ErrorCode::invalid_request,
                      "Unsupported resource type: " + std::to_string(wanted.resource_type));
    }
    if (!altered) return refuse(altered.error().code, altered.error().message);
    return *altered;
}

Outcome<void> alter(Broker& broker, const Wanted& wanted, bool validate_only) {
    auto changes = changes_of(broker, wanted);
    if (!changes) return std::unexpected(changes.error());
    if (validate_only) return {};
    ResourceType type{wanted.resource_type};
    auto done = broker.metadata().alter_configs(type, wanted.resource_name, *changes);
    if (done && type == ResourceType::broker) broker.take_dynamic_configs();
    return done;
}

}  // namespace

void incremental_alter_configs(Broker& broker, const Request&, IncrementalAlterConfigsRequest asked,
                               Reply<IncrementalAlterConfigsResponse> reply) {
    IncrementalAlterConfigsResponse response;
    for (const Wanted& wanted : asked.resources) {
        auto& answer = response.responses.emplace_back();
        answer.error_message = std::nullopt;
        answer.resource_type = wanted.resource_type;
        answer.resource_name = wanted.resource_name;
        auto altered = alter(broker, wanted, asked.validate_only);
        if (altered) continue;
        answer.error_code = altered.error().code;
        answer.error_message = altered.error().message;
    }
    std::move(reply)(response);
}

}  // namespace stoker::broker
