#include "kafka/admin_configs.hpp"

#include <algorithm>
#include <charconv>

#include "protocol/messages/74_list_config_resources.hpp"

namespace stoker::kafka {
namespace {

using protocol::AlterClientQuotasRequest;
using protocol::AlterClientQuotasResponse;
using protocol::AlterUserScramCredentialsRequest;
using protocol::AlterUserScramCredentialsResponse;
using protocol::DescribeClientQuotasResponse;
using protocol::DescribeConfigsRequest;
using protocol::DescribeConfigsResponse;
using protocol::DescribeUserScramCredentialsRequest;
using protocol::DescribeUserScramCredentialsResponse;
using protocol::IncrementalAlterConfigsRequest;
using protocol::IncrementalAlterConfigsResponse;
using protocol::ListConfigResourcesRequest;
using protocol::ListConfigResourcesResponse;

/// The broker that alone can answer for a resource; any for the others.
Target target_of(const ConfigResource& resource) {
    bool of_broker = (resource.type == ConfigResourceType::broker && !resource.name.empty()) ||
                     resource.type == ConfigResourceType::broker_logger;
    int32_t id = 0;
    const char* end = resource.name.data() + resource.name.size();
    if (!of_broker || std::from_chars(resource.name.data(), end, id).ptr != end) {
        return Target::any();
    }
    return Target::of_node(id);
}

bool is_same(const ConfigResource& resource, int8_t type, const std::string& name) {
    return int8_t(resource.type) == type && resource.name == name;
}

}  // namespace

std::string_view to_string(ConfigSource source) {
    switch (source) {
        case ConfigSource::dynamic_topic: return "DYNAMIC_TOPIC_CONFIG";
        case ConfigSource::dynamic_broker: return "DYNAMIC_BROKER_CONFIG";
        case ConfigSource::dynamic_default_broker: return "DYNAMIC_DEFAULT_BROKER_CONFIG";
        case ConfigSource::static_broker: return "STATIC_BROKER_CONFIG";
        case ConfigSource::default_config: return "DEFAULT_CONFIG";
        case ConfigSource::dynamic_broker_logger: return "DYNAMIC_BROKER_LOGGER_CONFIG";
        case ConfigSource::client_metrics: return "DYNAMIC_CLIENT_METRICS_CONFIG";
        case ConfigSource::group: return "DYNAMIC_GROUP_CONFIG";
        case ConfigSource::unknown: break;
    }
    return "UNKNOWN";
}

Outcome<std::vector<Outcome<std::vector<ConfigEntry>>>> describe_configs(
    Admin& admin, const std::vector<ConfigResource>& resources, bool with_synonyms,
    CallOptions options) {
    std::map<int32_t, DescribeConfigsRequest> requests;
    for (const ConfigResource& resource : resources) {
        DescribeConfigsRequest& request = requests[target_of(resource).node];
        request.include_synonyms = with_synonyms;
        request.resources.push_back({.resource_type = int8_t(resource.type),
                                     .resource_name = resource.name,
                                     .configuration_keys = std::nullopt});
    }
    std::vector<Outcome<std::vector<ConfigEntry>>> all(
        resources.size(), failed(failure_of(ErrorCode::unknown_server_error)));
    for (const auto& [node, request] : requests) {
        Target target = node < 0 ? Target::any() : Target::of_node(node);
        auto answer =
            admin.call<DescribeConfigsResponse>("describeConfigs", target, request, options);
        if (!answer) return failed(answer.error());
        for (auto& result : answer->results) {
            auto place = std::ranges::find_if(resources, [&](const ConfigResource& resource) {
                return is_same(resource, result.resource_type, result.resource_name);
            });
            if (place == resources.end()) continue;
            auto& into = all[size_t(place - resources.begin())];
            if (result.error_code == ErrorCode::none) into = std::move(result.configs);
            else into = failed(failure_of(result.error_code, result.error_message));
        }
    }
    return all;
}

Outcome<void> alter_config(Admin& admin, const ConfigResource& resource,
                           const std::vector<ConfigChange>& changes, CallOptions options) {
    IncrementalAlterConfigsRequest request;
    request.resources.push_back({.resource_type = int8_t(resource.type),
                                 .resource_name = resource.name,
                                 .configs = changes});
    auto answer = admin.call<IncrementalAlterConfigsResponse>("incrementalAlterConfigs",
                                                              target_of(resource), request,
                                                              options);
    if (!answer) return failed(answer.error());
    for (const auto& result : answer->responses) {
        if (!is_same(resource, result.resource_type, result.resource_name)) continue;
        if (result.error_code == ErrorCode::none) return {};
        return failed(failure_of(result.error_code, result.error_message));
    }
    return failed(failure_of(ErrorCode::unknown_server_error));
}

Outcome<std::vector<ConfigResource>> list_config_resources(
    Admin& admin, const std::vector<ConfigResourceType>& types, CallOptions options) {
    ListConfigResourcesRequest request;
    for (ConfigResourceType type : types) request.resource_types.push_back(int8_t(type));
    auto answer = admin.call<ListConfigResourcesResponse>("listConfigResources", Target::any(),
                                                          request, options);
    if (!answer) return failed(answer.error());
    if (answer->error_code != ErrorCode::none) return failed(failure_of(answer->error_code));
    std::vector<ConfigResource> listed;
    for (auto& resource : answer->config_resources) {
        listed.push_back({ConfigResourceType(resource.resource_type),
                          std::move(resource.resource_name)});
    }
    return listed;
}

Outcome<std::vector<QuotaEntry>> describe_client_quotas(Admin& admin, const QuotaFilter& filter,
                                                        CallOptions options) {
    auto answer = admin.call<DescribeClientQuotasResponse>("describeClientQuotas", Target::any(),
                                                           filter, options);
    if (!answer) return failed(answer.error());
    if (answer->error_code != ErrorCode::none) {
        return failed(failure_of(answer->error_code, answer->error_message));
    }
    std::vector<QuotaEntry> entries;
    if (!answer->entries) return entries;
    for (const auto& from : *answer->entries) {
        QuotaEntry& entry = entries.emplace_back();
        for (const auto& part : from.entity) entry.entity[part.entity_type] = part.entity_name;
        for (const auto& value : from.values) entry.values.emplace_back(value.key, value.value);
    }
    return entries;
}

Outcome<void> alter_client_quotas(Admin& admin, const QuotaEntity& entity,
                                  const std::vector<QuotaOp>& ops, CallOptions options) {
    AlterClientQuotasRequest request;
    auto& entry = request.entries.emplace_back();
    for (const auto& [type, name] : entity) entry.entity.push_back({type, name});
    entry.ops = ops;
    auto answer = admin.call<AlterClientQuotasResponse>("alterClientQuotas", Target::controller(),
                                                        request, options);
    if (!answer) return failed(answer.error());
    for (const auto& result : answer->entries) {
        if (result.error_code == ErrorCode::none) continue;
        return failed(failure_of(result.error_code, result.error_message));
    }
    return {};
}

Outcome<std::vector<ScramDescription>> describe_scram(Admin& admin,
                                                      const std::vector<std::string>& users,
                                                      CallOptions options) {
    DescribeUserScramCredentialsRequest request;
    for (const std::string& user : users) request.users->push_back({user});
    auto answer = admin.call<DescribeUserScramCredentialsResponse>(
        "describeUserScramCredentials", Target::any(), request, options);
    if (!answer) return failed(answer.error());
    if (answer->error_code != ErrorCode::none) {
        return failed(failure_of(answer->error_code, answer->error_message));
    }
    return std::move(answer->results);
}

Outcome<void> alter_scram(Admin& admin, const AlterUserScramCredentialsRequest& request,
                          CallOptions options) {
    auto answer = admin.call<AlterUserScramCredentialsResponse>(
        "alterUserScramCredentials", Target::controller(), request, options);
    if (!answer) return failed(answer.error());
    for (const auto& result : answer->results) {
        if (result.error_code == ErrorCode::none) continue;
        return failed(failure_of(result.error_code, result.error_message));
    }
    return {};
}

}  // namespace stoker::kafka
