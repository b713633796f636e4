// Metadata (3), versions 0 to 13.
//
// Behaviour: the one broker, at the address that the client reached unless another is advertised,
// and the topics asked for; unknown ones are created where the broker and the client allow it.
// Version notes: in version 0 an empty list means all topics, later null does; ids from 10, but
// only 12 and later may ask by id; authorized operations from 8, those of the cluster until 10.
#include <algorithm>
#include <set>
#include <utility>

#include "broker/broker.hpp"
#include "broker/handlers/handlers.hpp"
#include "broker/security/access.hpp"

namespace stoker::broker {

using protocol::MetadataRequest;
using protocol::MetadataResponse;

namespace {

constexpr int16_t first_version_by_id = 12;

using TopicAnswer = MetadataResponse::MetadataResponseTopic;

TopicAnswer describe(const Topic& topic, int32_t node) {
    TopicAnswer answer{.name = topic.name, .topic_id = topic.id, .is_internal = topic.internal()};
    for (const auto& partition : topic.partitions)
        answer.partitions.push_back({.partition_index = partition->id(),
                                     .leader_id = node,
                                     .leader_epoch = partition->leader_epoch(),
                                     .replica_nodes = {node},
                                     .isr_nodes = {node}});
    return answer;
}

TopicAnswer unknown(std::optional<std::string> name, const Uuid& id, ErrorCode error) {
    return {.error_code = error, .name = std::move(name), .topic_id = id};
}

constexpr ErrorCode not_allowed = ErrorCode::topic_authorization_failed;

TopicAnswer by_id(Broker& broker, const Access& access,
                  const MetadataRequest::MetadataRequestTopic& wanted) {
    auto topic = broker.metadata().find(wanted.topic_id);
    if (!topic) return unknown(std::nullopt, wanted.topic_id, ErrorCode::unknown_topic_id);
    if (!access.allows(Right::metadata_topic, topic->name))
        return unknown(std::nullopt, wanted.topic_id, not_allowed);  // ids are no secret, names are
    return describe(*topic, broker.node_id());
}

TopicAnswer by_name(Broker& broker, const Access& access, const std::string& name,
                    bool may_create) {
    // Before anything tells whether there is such a topic.
    if (!access.allows(Right::metadata_topic, name)) return unknown(name, {}, not_allowed);
    if (auto topic = broker.metadata().find(name)) return describe(*topic, broker.node_id());
    may_create = may_create && name != cluster_metadata_topic;
    if (may_create && !access.allows(Right::metadata_create_any) &&
        !access.allows(Right::metadata_create_topic, name))
        return unknown(name, {}, not_allowed);
    if (invalid_topic_name(name)) return unknown(name, {}, ErrorCode::invalid_topic_exception);
    if (!may_create) return unknown(name, {}, ErrorCode::unknown_topic_or_partition);
    auto created = broker.auto_create(name);
    if (created) return describe(**created, broker.node_id());
    // Somebody else was faster.
    if (auto topic = broker.metadata().find(name)) return describe(*topic, broker.node_id());
    return unknown(name, {}, created.error().code);
}

bool wants_all(const MetadataRequest& asked, int16_t version) {
    return !asked.topics || (version == 0 && asked.topics->empty());
}

void add_topics(Broker& broker, const Access& access, const MetadataRequest& asked,
                int16_t version, MetadataResponse& response) {
    if (wants_all(asked, version)) {
        for (const auto& topic : broker.metadata().topics())
            if (access.allows(Right::metadata_all_topics, topic->name))
                response.topics.push_back(describe(*topic, broker.node_id()));
        return;
    }
    bool may_create =
        asked.allow_auto_topic_creation && broker.configs().boolean("auto.create.topics.enable");
    auto has_id = [](const auto& wanted) { return !wanted.topic_id.is_zero(); };
    // As upstream: one id makes it a question about ids, and names are passed over.
    bool by_ids = std::ranges::any_of(*asked.topics, has_id);
    std::set<std::pair<std::string, Uuid>> seen;
    for (const auto& wanted : *asked.topics) {
        if (by_ids && !has_id(wanted)) continue;
        if (!seen.emplace(wanted.name.value_or(""), wanted.topic_id).second) continue;
        bool named = wanted.name && !by_ids;
        response.topics.push_back(named ? by_name(broker, access, *wanted.name, may_create)
                                        : by_id(broker, access, wanted));
    }
}

}  // namespace

void metadata(Broker& broker, const Request& request, MetadataRequest asked,
              Reply<MetadataResponse> reply) {
    auto has_id = [](const auto& wanted) { return !wanted.topic_id.is_zero(); };
    if (reply.version() < first_version_by_id && asked.topics &&
        std::ranges::any_of(*asked.topics, has_id)) {
        MetadataResponse refused;
        for (const auto& wanted : *asked.topics)
            refused.topics.push_back(
                unknown(wanted.name, wanted.topic_id, ErrorCode::invalid_request));
        return std::move(reply)(refused);
    }
    const Access access(broker, request);
    Broker::Advertised here = broker.endpoint(request);
    MetadataResponse response;
    response.brokers.push_back({.node_id = broker.node_id(), .host = here.host, .port = here.port});
    response.cluster_id = broker.cluster_id();
    response.controller_id = broker.node_id();
    if (asked.include_cluster_authorized_operations)
        response.cluster_authorized_operations =
            access.allows(Right::metadata_cluster_operations)
                ? access.operations(AclResource::cluster)
                : 0;
    add_topics(broker, access, asked, reply.version(), response);
    if (asked.include_topic_authorized_operations)
        for (TopicAnswer& topic : response.topics)
            if (topic.error_code != ErrorCode::unknown_topic_id && topic.error_code != not_allowed)
                topic.topic_authorized_operations =
                    access.operations(AclResource::topic, topic.name.value_or(""));
    std::move(reply)(response);
}

}  // namespace stoker::broker
