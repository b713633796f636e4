// FindCoordinator (10), versions 0 to 6.
//
// Behaviour: it is always this broker. The first question about a group or a transactional id
// creates their internal topic, so that the request that follows never meets NOT_COORDINATOR.
// Version notes: one key until 3, several from 4.
// Left out: coordinators of share groups, which this broker does not serve yet; such a question is
// answered INVALID_REQUEST, which no client asks again, and says so. What is no type of key at all
// is answered in upstream's words.
#include <optional>
#include <string_view>

#include "broker/broker.hpp"
#include "broker/handlers/handlers.hpp"
#include "broker/security/access.hpp"

namespace stoker::broker {

using protocol::FindCoordinatorRequest;
using protocol::FindCoordinatorResponse;

namespace {

constexpr int8_t group_key = 0;
constexpr int8_t transaction_key = 1;
constexpr int8_t last_key_type = 2;  // share groups
constexpr int16_t first_version_with_keys = 4;

using Coordinator = FindCoordinatorResponse::Coordinator;

Coordinator nobody(const std::string& key, ErrorCode error, const std::string& why) {
    return {.key = key,
            .node_id = -1,
            .host = "",
            .port = -1,
            .error_code = error,
            .error_message = why};
}

/// Nothing: the sender may know.
std::optional<Coordinator> denied(const Access& access, int8_t key_type, const std::string& key) {
    Right right = key_type == group_key         ? Right::find_group_coordinator
                  : key_type == transaction_key ? Right::find_transaction_coordinator
                                                : Right::find_share_coordinator;
    bool of_cluster = right == Right::find_share_coordinator;
    if (key_type < group_key || key_type > last_key_type ||
        access.allows(right, of_cluster ? cluster_resource_name : std::string_view(key)))
        return std::nullopt;
    ErrorCode error = row_of(right).error;
    return nobody(key, error, authorization_message(error));
}

Coordinator find(Broker& broker, const Request& request, int8_t key_type, const std::string& key) {
    if (key_type < group_key || key_type > last_key_type)
        return nobody(key, ErrorCode::invalid_request, std::string(malformed_request));
    if (auto refused = denied(Access(broker, request), key_type, key)) return *refused;
    if (key_type > transaction_key)
        return nobody(key, ErrorCode::invalid_request,
                      "This broker coordinates groups and transactions; share groups are not "
                      "served");
    std::string topic(key_type == group_key ? group_metadata_topic : transaction_state_topic);
    if (!broker.metadata().find(topic) && !broker.auto_create(topic))
        return nobody(key, ErrorCode::coordinator_not_available,
                      topic + " cannot be created: see the broker's log");
    Broker::Advertised here = broker.endpoint(request);
    return {.key = key,
            .node_id = broker.node_id(),
            .host = here.host,
            .port = here.port,
            .error_message = ""};
}

}  // namespace

void find_coordinator(Broker& broker, const Request& request, FindCoordinatorRequest asked,
                      Reply<FindCoordinatorResponse> reply) {
    FindCoordinatorResponse response;
    if (reply.version() >= first_version_with_keys) {
        for (const std::string& key : asked.coordinator_keys)
            response.coordinators.push_back(find(broker, request, asked.key_type, key));
        return std::move(reply)(response);
    }
    Coordinator one = find(broker, request, asked.key_type, asked.key);
    response.error_code = one.error_code;
    // Upstream's two ways to say that nothing is wrong: "NONE" here, "" with several keys.
    response.error_message = one.error_code == ErrorCode::none ? "NONE" : one.error_message;
    response.node_id = one.node_id;
    response.host = one.host;
    response.port = one.port;
    std::move(reply)(response);
}

}  // namespace stoker::broker
