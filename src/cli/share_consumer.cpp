#include "cli/share_consumer.hpp"

#include <memory>
#include <string>

#include "base/random.hpp"
#include "kafka/cluster.hpp"

namespace stoker::cli {
namespace {

constexpr std::string_view internals = "org.apache.kafka.clients.consumer.internals.";
constexpr std::string_view not_served =
    "The cluster does not support the share group protocol using ShareGroupHeartbeat API version "
    "1 or later. This version of the API was introduced in Apache Kafka v4.1.";
constexpr std::string_view not_spoken =
    "This tool does not speak the protocol of share groups, which the cluster serves; Apache "
    "Kafka's own does.";
constexpr protocol::Api share_group_heartbeat{
    .key = 76, .name = "ShareGroupHeartbeat", .versions = {1, 1}, .flexible = 0};

}  // namespace

std::optional<kafka::Failure> try_share_consumer(Streams& io,
                                                 const kafka::ClientProperties& properties,
                                                 int64_t timeout_ms) {
    auto settings = kafka::value_or_throw(kafka::read_common_settings(properties));
    const std::string name = "ShareConsumer clientId=" + settings.client_id +
                             ", groupId=" + properties.get_or("group.id", "null");
    const auto cluster = kafka::value_or_throw(kafka::Cluster::create(
        {.settings = std::move(settings), .name = name, .warns_of_bootstrap = true}, io.log,
        io.clock));
    const auto to = cluster->any(cluster->deadline(timeout_ms));
    if (!to) return std::nullopt;
    const auto version = (*to)->version_of(share_group_heartbeat);
    if (version) {
        return kafka::client_failure("UnsupportedVersionException", std::string(not_spoken));
    }
    auto why = kafka::client_failure("UnsupportedVersionException", std::string(not_served));
    why.cause = std::make_shared<const kafka::Failure>(version.error());
    const std::string prefix = "[" + name + "] ";
    io.log.error(prefix + "ShareGroupHeartbeatRequest failed due to " + version.error().text() +
                     ": " + std::string(not_served),
                 std::string(internals) + "ShareHeartbeatRequestManager");
    io.log.error(prefix + "Member " + to_string(Random().uuid()) +
                     " with epoch 0 transitioned to fatal state",
                 std::string(internals) + "ShareMembershipManager");
    return why;
}

}  // namespace stoker::cli
