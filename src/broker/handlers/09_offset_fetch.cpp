// OffsetFetch (9), versions 1 to 10.
//
// Behaviour: the offsets that a group committed; -1 where it committed none.
// Version notes: null topics (all) from 2, several groups from 8, topic ids in 10.
#include "broker/broker.hpp"
#include "broker/handlers/handlers.hpp"

namespace stoker::broker {

void offset_fetch(Broker& broker, const Request& request, protocol::OffsetFetchRequest asked,
                  Reply<protocol::OffsetFetchResponse> reply) {
    broker.groups().fetch_offsets(group_call(request, std::move(asked)), kept(std::move(reply)));
}

}  // namespace stoker::broker
