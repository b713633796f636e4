// OffsetDelete (47), version 0.
//
// Behaviour: forgets committed offsets of topics to which no member of the group is subscribed.
#include "broker/broker.hpp"
#include "broker/handlers/handlers.hpp"

namespace stoker::broker {

void offset_delete(Broker& broker, const Request& request, protocol::OffsetDeleteRequest asked,
                   Reply<protocol::OffsetDeleteResponse> reply) {
    broker.groups().delete_offsets(group_call(request, std::move(asked)), kept(std::move(reply)));
}

}  // namespace stoker::broker
