// Configs, client quotas and SCRAM credentials through the admin client.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "kafka/admin.hpp"
#include "protocol/messages/32_describe_configs.hpp"
#include "protocol/messages/44_incremental_alter_configs.hpp"
#include "protocol/messages/48_describe_client_quotas.hpp"
#include "protocol/messages/49_alter_client_quotas.hpp"
#include "protocol/messages/50_describe_user_scram_credentials.hpp"
#include "protocol/messages/51_alter_user_scram_credentials.hpp"

namespace stoker::kafka {

/// ConfigResource.Type's numbers.
enum class ConfigResourceType : int8_t {
    unknown = 0,
    topic = 2,
    broker = 4,
    broker_logger = 8,
    client_metrics = 16,
    group = 32,
};

struct ConfigResource {
    ConfigResourceType type = ConfigResourceType::unknown;
    std::string name;

    auto operator<=>(const ConfigResource&) const = default;
};

/// ConfigEntry.ConfigSource's numbers on the wire.
enum class ConfigSource : int8_t {
    unknown = 0,
    dynamic_topic = 1,
    dynamic_broker = 2,
    dynamic_default_broker = 3,
    static_broker = 4,
    default_config = 5,
    dynamic_broker_logger = 6,
    client_metrics = 7,
    group = 8,
};
/// "DYNAMIC_TOPIC_CONFIG".
std::string_view to_string(ConfigSource source);

using ConfigEntry = protocol::DescribeConfigsResponse::DescribeConfigsResourceResult;

/// In the order of the resources. Brokers and their loggers are asked themselves.
Outcome<std::vector<Outcome<std::vector<ConfigEntry>>>> describe_configs(
    Admin& admin, const std::vector<ConfigResource>& resources, bool with_synonyms = false,
    CallOptions options = {});

using ConfigChange = protocol::IncrementalAlterConfigsRequest::AlterableConfig;
/// ConfigChange::config_operation.
inline constexpr int8_t config_set = 0;
inline constexpr int8_t config_delete = 1;

/// All at once to the one broker concerned, or to any.
Outcome<void> alter_config(Admin& admin, const ConfigResource& resource,
                           const std::vector<ConfigChange>& changes, CallOptions options = {});

/// Those that have configs; an empty list of types asks for all.
Outcome<std::vector<ConfigResource>> list_config_resources(
    Admin& admin, const std::vector<ConfigResourceType>& types, CallOptions options = {});

/// "user" -> "alice"; nothing is the default entity.
using QuotaEntity = std::map<std::string, std::optional<std::string>>;
using QuotaFilter = protocol::DescribeClientQuotasRequest;
using QuotaOp = protocol::AlterClientQuotasRequest::OpData;

struct QuotaEntry {
    QuotaEntity entity;
    std::vector<std::pair<std::string, double>> values;
};

Outcome<std::vector<QuotaEntry>> describe_client_quotas(Admin& admin, const QuotaFilter& filter,
                                                        CallOptions options = {});
Outcome<void> alter_client_quotas(Admin& admin, const QuotaEntity& entity,
                                  const std::vector<QuotaOp>& ops, CallOptions options = {});

using ScramDescription =
    protocol::DescribeUserScramCredentialsResponse::DescribeUserScramCredentialsResult;
/// One for each user, its own error in it; an empty list asks for all users.
Outcome<std::vector<ScramDescription>> describe_scram(Admin& admin,
                                                      const std::vector<std::string>& users,
                                                      CallOptions options = {});
/// The first user that failed, after all were tried.
Outcome<void> alter_scram(Admin& admin, const protocol::AlterUserScramCredentialsRequest& request,
                          CallOptions options = {});

}  // namespace stoker::kafka
