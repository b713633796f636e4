// OffsetCommit (8), versions 2 to 10.
//
// Behaviour: keeps the offsets of a group in __consumer_offsets, and answers when they are durable.
// Version notes: topics have ids in 10, names before.
#include "broker/broker.hpp"
#include "broker/handlers/handlers.hpp"

namespace stoker::broker {

void offset_commit(Broker& broker, const Request& request, protocol::OffsetCommitRequest asked,
                   Reply<protocol::OffsetCommitResponse> reply) {
    broker.groups().commit_offsets(group_call(request, std::move(asked)), kept(std::move(reply)));
}

}  // namespace stoker::broker
