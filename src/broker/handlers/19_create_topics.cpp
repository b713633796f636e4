// CreateTopics (19), versions 2 to 7.
//
// Behaviour: each topic is created or refused for itself, in Kafka's words; a topic that is named
// twice in one request is refused. One node holds one replica of each partition.
// Version notes: validate_only in all; the resulting configs are told from 5, the id from 7.
#include <algorithm>
#include <functional>
#include <map>

#include "broker/broker.hpp"
#include "broker/handlers/handlers.hpp"
#include "broker/security/access.hpp"
#include "broker/repeats.hpp"
#include "broker/replica_assignment.hpp"

namespace stoker::broker {

using protocol::CreateTopicsRequest;
using protocol::CreateTopicsResponse;

namespace {

using Creatable = CreateTopicsRequest::CreatableTopic;
using Created = CreateTopicsResponse::CreatableTopicResult;

constexpr int32_t use_default = -1;
constexpr int16_t first_version_with_throttling = 6;

/// How many partitions there are in an assignment by hand.
Outcome<int32_t> partitions_by_hand(const Creatable& topic, int32_t node) {
    constexpr ErrorCode bad_request = ErrorCode::invalid_request;
    if (topic.replication_factor != use_default)
        return refuse(bad_request,
                      "A manual partition assignment was specified, but replication factor was not "
                      "set to -1.");
    if (topic.num_partitions != use_default)
        return refuse(bad_request,
                      "A manual partition assignment was specified, but numPartitions was not set "
                      "to -1.");
    std::vector<int32_t> indexes;
    for (const auto& assignment : topic.assignments) {
        int32_t index = raw(assignment.partition_index);
        if (std::ranges::find(indexes, index) != indexes.end())
            return refuse(ErrorCode::invalid_replica_assignment,
                          "Found multiple manual partition assignments for partition " +
                              std::to_string(index));
        indexes.push_back(index);
        if (auto fine = check_replicas(assignment.broker_ids, node); !fine)
            return std::unexpected(fine.error());
    }
    std::ranges::sort(indexes);
    for (size_t i = 0; i < indexes.size(); ++i)
        if (std::cmp_not_equal(indexes[i], i))
            return refuse(ErrorCode::invalid_replica_assignment,
                          "partitions should be a consecutive 0-based integer sequence");
    return int32_t(indexes.size());
}

Outcome<int32_t> partitions_of(Broker& broker, const Creatable& topic) {
    if (!topic.assignments.empty()) return partitions_by_hand(topic, broker.node_id());
    int32_t replicas = topic.replication_factor;
    if (replicas < use_default || replicas == 0)
        return refuse(
            ErrorCode::invalid_replication_factor,
            "Replication factor must be larger than 0, or -1 to use the default value.");
    if (topic.num_partitions < use_default || topic.num_partitions == 0)
        return refuse(ErrorCode::invalid_partitions,
                      "Number of partitions was set to an invalid non-positive value.");
    if (replicas > 1)
        return refuse(ErrorCode::invalid_replication_factor,
                      "Unable to replicate the partition " + std::to_string(replicas) +
                          " time(s): The target replication factor of " +
                          std::to_string(replicas) +
                          " cannot be reached because only 1 broker(s) are registered or some "
                          "brokers have all their log directories cordoned.");
    return topic.num_partitions == use_default ? broker.configs().int32("num.partitions")
                                               : topic.num_partitions;
}

Outcome<ConfigMap> configs_of(Broker& broker, const Creatable& topic) {
    ConfigMap configs;
    std::string null_names;
    for (const auto& config : topic.configs) {
        if (config.value) configs[config.name] = *config.value;
        else null_names.append(null_names.empty() ? "" : ",").append(config.name);
    }
    if (!null_names.empty())
        return refuse(ErrorCode::invalid_config,
                      "Null value not supported for topic configs: " + null_names);
    if (auto valid = broker.configs().check_topic(configs); !valid)
        return refuse(valid.error().code, valid.error().message);
    return configs;
}

/// False: the controller's quota is used up (KIP-599).
using Account = std::function<bool(int32_t partitions)>;

Outcome<TopicPointer> create(Broker& broker, const Creatable& topic, bool validate_only,
                             const Account& account, Created& answer) {
    auto configs = configs_of(broker, topic);
    if (!configs) return std::unexpected(configs.error());
    auto partitions = partitions_of(broker, topic);
    if (!partitions) return std::unexpected(partitions.error());
    if (account && !account(*partitions))
        return refuse(ErrorCode::throttling_quota_exceeded,
                      "The throttling quota has been exceeded.");
    answer.num_partitions = *partitions;
    answer.replication_factor = 1;
    return broker.metadata().create_topic(
        {.name = topic.name,
         .partitions = *partitions,
         .configs = *configs,
         .may_collide = true},
        validate_only);
}

int64_t partitions_in(const CreateTopicsRequest& asked) {
    int64_t sum = 0;
    for (const Creatable& topic : asked.topics)
        sum += topic.assignments.empty() ? std::max(topic.num_partitions, 0)
                                         : std::ssize(topic.assignments);
    return sum;
}

void fill_configs(Broker& broker, const Creatable& topic, Created& answer) {
    ConfigMap configs;
    for (const auto& config : topic.configs) configs[config.name] = config.value.value_or("");
    for (const auto& entry : broker.configs().describe_topic(configs))
        answer.configs->push_back({.name = entry.name,
                                   .value = entry.value,
                                   .read_only = entry.read_only,
                                   .config_source = int8_t(entry.source),
                                   .is_sensitive = entry.sensitive});
}

/// Without DESCRIBE_CONFIGS, what the topic became is not told.
void hide_configs(Created& answer) {
    answer.topic_config_error_code = ErrorCode::topic_authorization_failed;
    answer.num_partitions = -1;
    answer.replication_factor = -1;
}

}  // namespace

void create_topics(Broker& broker, const Request& request, CreateTopicsRequest asked,
                   Reply<CreateTopicsResponse> reply) {
    const Access access(broker, request);
    auto name_of = [](const Creatable& topic) -> const std::string& { return topic.name; };
    AllowedNames creatable;
    if (!access.allows(Right::create_any_topic))
        creatable = access.filter(Right::create_topic, asked.topics, name_of);
    AllowedNames described =
        access.filter(Right::create_topic_configs, asked.topics, name_of);
    bool too_many = partitions_in(asked) > ClusterMetadata::partitions_per_request_max;
    Repeats<std::string> repeats;
    for (const Creatable& topic : asked.topics) repeats.count(topic.name);
    std::map<std::string, Outcome<void>> names;  // before the first is created
    for (const Creatable& topic : asked.topics)
        names.emplace(topic.name, broker.metadata().check_name(topic.name));
    Account account;
    if (QuotaTicket* quota = reply.quota(); quota && !asked.validate_only)
        account = [quota, strict = reply.version() >= first_version_with_throttling](int32_t n) {
            return quota->may_mutate(n, strict);
        };
    CreateTopicsResponse response;
    for (const Creatable& topic : asked.topics) {
        const Turn turn = repeats.take(topic.name);
        if (turn == Turn::answered) continue;
        Created answer{.name = topic.name, .error_message = std::nullopt};
        Outcome<TopicPointer> created =
            turn == Turn::repeated ? refuse(ErrorCode::invalid_request, "Duplicate topic name.")
            : topic.name != cluster_metadata_topic && !creatable.contains(topic.name)
                ? refuse(ErrorCode::topic_authorization_failed, "Authorization failed.")
            : too_many ? refuse(ErrorCode::policy_violation,
                                "Excessively large number of partitions per request.")
            : !names.at(topic.name) ? std::unexpected(names.at(topic.name).error())
                                    : create(broker, topic, asked.validate_only, account, answer);
        if (created) {
            answer.topic_id = (*created)->id;
            if (described.contains(topic.name)) fill_configs(broker, topic, answer);
            else hide_configs(answer);
        } else {
            answer.error_code = created.error().code;
            answer.error_message = created.error().message;
            answer.num_partitions = -1;
            answer.replication_factor = -1;
        }
        response.topics.push_back(std::move(answer));
    }
    std::move(reply)(response);
}

}  // namespace stoker::broker
