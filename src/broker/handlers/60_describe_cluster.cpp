// DescribeCluster (60), versions 0 to 2.
//
// Behaviour: the one broker. Controllers (endpoint type 2) are not offered on a broker's listener.
#include "broker/broker.hpp"
#include "broker/handlers/handlers.hpp"
#include "broker/security/access.hpp"

namespace stoker::broker {

void describe_cluster(Broker& broker, const Request& request,
                      protocol::DescribeClusterRequest asked,
                      Reply<protocol::DescribeClusterResponse> reply) {
    constexpr int8_t brokers = 1;
    protocol::DescribeClusterResponse response;
    if (asked.endpoint_type != brokers) {
        bool controllers = asked.endpoint_type == 2;
        response.error_code = controllers ? ErrorCode::mismatched_endpoint_type
                                          : ErrorCode::unsupported_endpoint_type;
        response.error_message =
            controllers ? "The request was sent to an endpoint of type BROKER, but we wanted an "
                          "endpoint of type CONTROLLER"
                        : "Unsupported endpoint type " + std::to_string(asked.endpoint_type);
        return std::move(reply)(response);
    }
    const Access access(broker, request);
    Broker::Advertised here = broker.endpoint(request);
    response.cluster_id = broker.cluster_id();
    response.controller_id = broker.node_id();
    if (asked.include_cluster_authorized_operations)
        response.cluster_authorized_operations =
            access.allows(Right::describe_cluster_operations)
                ? access.operations(AclResource::cluster)
                : 0;
    response.brokers.push_back(
        {.broker_id = broker.node_id(), .host = here.host, .port = here.port});
    std::move(reply)(response);
}

}  // namespace stoker::broker
