// DescribeConfigs (32), versions 1 to 4.
//
// Behaviour: the values of a topic, a group, client metrics, this broker, its log's levels, or of
// the default of all brokers (""), each with where it comes from, from the one declaration in
// config/. Version notes: types and documentation from 3.
#include <algorithm>
#include <string>

#include "broker/broker.hpp"
#include "broker/config_resources.hpp"
#include "broker/handlers/handlers.hpp"
#include "broker/security/config_rights.hpp"

namespace stoker::broker {

using protocol::DescribeConfigsRequest;
using protocol::DescribeConfigsResponse;

namespace {

using Wanted = DescribeConfigsRequest::DescribeConfigsResource;
using Described = DescribeConfigsResponse::DescribeConfigsResult;

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
    if (entry.source == ConfigSource::dynamic_broker_logger) told.documentation = "";
    else if (asked.include_documentation) told.documentation = std::string(entry.documentation);
    if (asked.include_synonyms)
        for (const ConfigSynonym& synonym : entry.synonyms)
            told.synonyms.push_back(
                {.name = synonym.name, .value = synonym.value, .source = int8_t(synonym.source)});
    return told;
}

constexpr ConfigRights rights{.of_cluster = Right::describe_cluster_configs,
                              .of_topic = Right::describe_topic_configs,
                              .of_group = Right::describe_group_configs};

bool known_type(const Wanted& wanted) {
    switch (ResourceType(wanted.resource_type)) {
        case ResourceType::topic:
        case ResourceType::broker:
        case ResourceType::broker_logger:
        case ResourceType::client_metrics:
        case ResourceType::group:
            return true;
        default:
            return false;
    }
}

/// A resource of an unknown type fails the whole request, as upstream.
DescribeConfigsResponse refused(const DescribeConfigsRequest& asked) {
    DescribeConfigsResponse response;
    for (const Wanted& wanted : asked.resources)
        response.results.push_back(
            {.error_code = ErrorCode::invalid_request,
             .error_message = std::string(malformed_request),
             .resource_type = wanted.resource_type,
             .resource_name = wanted.resource_name});
    return response;
}

}  // namespace

void describe_configs(Broker& broker, const Request& request, DescribeConfigsRequest asked,
                      Reply<DescribeConfigsResponse> reply) {
    DescribeConfigsResponse response;
    if (!std::ranges::all_of(asked.resources, known_type)) return std::move(reply)(refused(asked));
    const Access access(broker, request);
    for (const Wanted& wanted : asked.resources) {
        Described& result = response.results.emplace_back();
        result.resource_type = wanted.resource_type;
        result.resource_name = wanted.resource_name;
        const ResourceType type{wanted.resource_type};
        auto allowed = check_rights(access, rights, type, wanted.resource_name);
        if (!allowed) {
            result.error_code = allowed.error().code;
            result.error_message = allowed.error().message;
            continue;
        }
        auto found = ConfigResources(broker).describe(
            {type, wanted.resource_name},
            wanted.configuration_keys.value_or(std::vector<std::string>{}));
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
