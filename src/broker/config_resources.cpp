#include "broker/config_resources.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "broker/broker.hpp"
#include "broker/config/broker_loggers.hpp"
#include "broker/config/topic_configs.hpp"
#include "broker/group/java_string.hpp"

namespace stoker::broker {

namespace {

std::optional<int32_t> number(const std::string& text) {
    int32_t value = 0;
    const char* end = text.data() + text.size();
    auto parsed = std::from_chars(text.data(), end, value);
    if (parsed.ec != std::errc{} || parsed.ptr != end) return std::nullopt;
    return value;
}

std::unexpected<Refusal> invalid(std::string message) {
    return refuse(ErrorCode::invalid_request, std::move(message));
}

}  // namespace

Outcome<std::vector<ConfigEntry>> ConfigResources::describe(
    const ConfigResource& resource, const std::vector<std::string>& names) const {
    const ConfigStore& configs = broker_.configs();
    std::string here = std::to_string(broker_.node_id());
    switch (resource.type) {
        case ResourceType::topic:
            if (auto why = invalid_topic_name(resource.name))
                return refuse(ErrorCode::invalid_topic_exception, *why);
            if (!broker_.metadata().find(resource.name))
                return refuse(ErrorCode::unknown_topic_or_partition);
            return configs.describe_topic(current(resource), names);
        case ResourceType::broker:
            if (resource.name.empty()) return configs.describe_broker_defaults(names);
            if (!number(resource.name))
                return invalid("Broker id must be an integer, but it is: " + resource.name);
            if (resource.name == here) return configs.describe_broker(names);
            return invalid("Unexpected broker id, expected " + here +
                           " or empty string, but received " + resource.name);
        case ResourceType::broker_logger:
            if (resource.name.empty()) return invalid("Broker id must not be empty");
            if (!number(resource.name))
                return invalid("Broker id must be an integer, but it is: " + resource.name);
            if (resource.name == here) return describe_loggers(names);
            return invalid("Unexpected broker id, expected " + here + " but received " +
                           resource.name);
        case ResourceType::client_metrics:
            if (resource.name.empty())
                return invalid("Client metrics subscription name must not be empty");
            return ConfigStore::describe_client_metrics(current(resource), names);
        case ResourceType::group:
            if (resource.name.empty()) return invalid("Group name must not be empty");
            return configs.describe_group(current(resource), names);
        default:
            return invalid("Unsupported resource type: UNKNOWN");
    }
}

Outcome<void> ConfigResources::check_broker_name(const std::string& name) const {
    auto id = number(name);
    if (!id) return invalid("Node id must be an integer, but it is: " + name);
    if (*id != broker_.node_id())
        return invalid("Unexpected broker id, expected " + std::to_string(broker_.node_id()) +
                       ", but received " + name);
    return {};
}

ConfigMap ConfigResources::current(const ConfigResource& resource) const {
    return broker_.metadata().configs(resource.type, resource.name);
}

Outcome<ConfigChanges> ConfigResources::changes(
    const ConfigResource& resource, const std::vector<ConfigAlteration>& alterations) const {
    const ConfigStore& configs = broker_.configs();
    ConfigStore::Altered altered;
    // As the controller checks: the operations, the name, the values, whether the topic exists.
    // Of several wrong operations the one that its HashMap hands out first is told.
    bool of_topic = resource.type == ResourceType::topic;
    if (of_topic || resource.type == ResourceType::client_metrics ||
        resource.type == ResourceType::group) {
        std::vector<ConfigAlteration> ordered = alterations;
        std::ranges::stable_sort(ordered, {}, [&](const ConfigAlteration& alteration) {
            return java_hash_bucket(alteration.name, ordered.size());
        });
        auto fine = ConfigStore::check_operations(ordered, of_topic ? &topic_configs() : nullptr);
        if (!fine) return refuse(fine.error().code, fine.error().message);
    }
    switch (resource.type) {
        case ResourceType::topic:
            if (resource.name.empty()) return invalid("Default topic resources are not allowed.");
            if (auto why = invalid_topic_name(resource.name))
                return refuse(ErrorCode::invalid_topic_exception, *why);
            altered = configs.alter_topic(current(resource), alterations);
            if (altered && !broker_.metadata().find(resource.name))
                return refuse(ErrorCode::unknown_topic_or_partition,
                              "The topic '" + resource.name + "' does not exist.");
            break;
        case ResourceType::broker:
            if (resource.name.empty()) {
                altered = configs.alter_broker_defaults(alterations);
                break;
            }
            if (auto good = check_broker_name(resource.name); !good)
                return std::unexpected(good.error());
            altered = configs.alter_broker(alterations);
            if (altered) {
                auto fine = broker_.check_broker_configs(with_changes(current(resource), *altered));
                if (!fine) return invalid(fine.error());
            }
            break;
        case ResourceType::client_metrics:
            if (resource.name.empty()) return invalid("Subscription name can't be empty");
            altered = ConfigStore::alter_client_metrics(current(resource), alterations);
            break;
        case ResourceType::group:
            if (resource.name.empty()) return invalid("Default group resources are not allowed.");
            altered = configs.alter_group(current(resource), alterations);
            break;
        default:
            return invalid("Unknown resource type " + std::to_string(int(resource.type)));
    }
    if (!altered) return refuse(altered.error().code, altered.error().message);
    return *altered;
}

Outcome<void> ConfigResources::alter(const ConfigResource& resource,
                                     const std::vector<ConfigAlteration>& alterations,
                                     bool validate_only) {
    if (auto fine = ConfigStore::check_form(alterations); !fine)
        return refuse(fine.error().code, fine.error().message);
    if (resource.type == ResourceType::broker_logger) {
        if (resource.name != std::to_string(broker_.node_id()))
            return number(resource.name)
                       ? invalid("Unexpected node id. Expected " +
                                 std::to_string(broker_.node_id()) + ", but received " +
                                 resource.name)
                       : check_broker_name(resource.name);
        auto done = alter_loggers(alterations, validate_only);
        if (!done) return refuse(done.error().code, done.error().message);
        return {};
    }
    auto wanted = changes(resource, alterations);
    if (!wanted) return std::unexpected(wanted.error());
    if (validate_only) return {};
    auto done = broker_.metadata().alter_configs(resource.type, resource.name, *wanted);
    if (done && resource.type == ResourceType::broker) broker_.take_dynamic_configs();
    return done;
}

Outcome<void> ConfigResources::replace(const ConfigResource& resource, const ConfigMap& wanted,
                                       bool validate_only) {
    return alter(resource, replacing(current(resource), wanted), validate_only);
}

}  // namespace stoker::broker
