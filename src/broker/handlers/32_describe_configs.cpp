// DescribeConfigs (32), versions 1 to 4.
//
// Behaviour: the values of a topic, a group, client metrics, this broker, its log's levels, or of
// the default of all brokers (""), each with where it comes from, from the one declaration in
// config/. Version notes: types and documentation from 3.
#include <string>

#include "broker/broker.hpp"
#include "broker/config_resources.hpp"
#include "broker/handlers/handlers.hpp"

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
        auto found = ConfigResources(broker).describe(
            {ResourceType(wanted.resource_type), wanted.resource_name},
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
