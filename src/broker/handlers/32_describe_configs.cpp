// DescribeConfigs (32), versions 1 to 4.
//
// Behaviour: the values of a topic, of this broker, or of the default of all brokers (""), each
// with where it comes from, from the one declaration in config/. Version notes: types and
// documentation from 3. Left out: broker loggers and the resources of features that are not served
// yet; they are refused.
#include <string>

#include "broker/broker.hpp"
#include "broker/handlers/handlers.hpp"

namespace stoker::broker {

using protocol::DescribeConfigsRequest;
using protocol::DescribeConfigsResponse;

namespace {

using Wanted = DescribeConfigsRequest::DescribeConfigsResource;
using Described = DescribeConfigsResponse::DescribeConfigsResult;

Outcome<std::vector<ConfigEntry>> entries(Broker& broker, const Wanted& wanted) {
    const ConfigStore& configs = broker.configs();
    ConfigStore::Names names = wanted.configuration_keys.value_or(ConfigStore::Names{});
    switch (ResourceType(wanted.resource_type)) {
        case ResourceType::topic:
            if (auto why = invalid_topic_name(wanted.resource_name))
                return refuse(ErrorCode::invalid_topic_exception, *why);
            if (!broker.metadata().find(wanted.resource_name))
                return refuse(ErrorCode::unknown_topic_or_partition,
                              "This server does not host this topic-partition.");
            return configs.describe_topic(
                broker.metadata().configs(ResourceType::topic, wanted.resource_name), names);
        case ResourceType::broker:
            if (wanted.resource_name.empty()) return configs.describe_broker_defaults(names);
            if (wanted.resource_name == std::to_string(broker.node_id()))
                return configs.describe_broker(names);
            return refuse(ErrorCode::invalid_request,
                          "Unexpected broker id, expected " + std::to_string(broker.node_id()) +
                              " or empty string, but received " + wanted.resource_name);
        default:
            return refuse(ErrorCode::invalid_request,
                          "Unsupported resource type: " + std::to_string(wanted.resource_type));
    }
}

DescribeConfigsResponse::DescribeConfigsResourceResult tell(const ConfigEntry& entry,
                                                            const DescribeConfigsRequest& asked) {
    DescribeConfigsResponse::DescribeConfigsResourceResult told{
        .name = entry.name,
        .value = entry.value,
        .read_only = entry.read_only,
        .config_source = int8_t(entry.source),
        .is_sensitive = entry.sensitive,
        .config_type = int8_t(entry.type),
        .documentation = std::nullopt,
    };
    if (asked.include_documentation) told.documentation = std::string(entry.documentation);
    if (asked.include_synonyms)
        for (const ConfigSynonym& synonym : entry.synonyms)
            told.synonyms.push_back(
                {.name = synonym.name, .value = synonym.value, .source = int8_t(synonym.source)});
    return told;
}

}  // namespace

void describe_configs(Broker& broker, const Request&, DescribeConfigsRequest asked,
                      Reply<DescribeConfigsResponse> reply) {
    DescribeConfigsResponse response;
    for (const Wanted& wanted : asked.resources) {
        Described& result = response.results.emplace_back();
        result.error_message = std::nullopt;
        result.resource_type = wanted.resource_type;
        result.resource_name = wanted.resource_name;
        auto found = entries(broker, wanted);
        if (!found) {
            result.error_code = found.error().code;
            result.error_message = found.error().message;
            continue;
        }
        for (const ConfigEntry& entry : *found) result.configs.push_back(tell(entry, asked));
    }
    std::move(reply)(response);
}

}  // namespace stoker::broker
