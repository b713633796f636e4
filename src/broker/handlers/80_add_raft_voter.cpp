// AddRaftVoter (80), versions 0 and 1.
//
// Behaviour: refused. This node is a voter already, and the metadata log that it writes has no
// other reader: a second controller belongs to an Apache Kafka, which can take the data over.
// Version notes: whether to wait for the commit, from 1; makes no difference here (KIP-853).
#include <algorithm>
#include <string>

#include "broker/broker.hpp"
#include "broker/handlers/handlers.hpp"
#include "broker/quorum_voters.hpp"
#include "broker/security/access.hpp"

namespace stoker::broker {

using protocol::AddRaftVoterRequest;
using protocol::AddRaftVoterResponse;

namespace {

Refusal why_not(Broker& broker, const AddRaftVoterRequest& asked) {
    auto voter =
        check_voter(broker, "Add", asked.cluster_id, asked.voter_id, asked.voter_directory_id);
    if (!voter) return voter.error();
    const std::string& listener = broker.metadata().controller().listener;
    auto is_default = [&](const auto& endpoint) { return endpoint.name == listener; };
    if (std::ranges::none_of(asked.listeners, is_default))
        return {ErrorCode::invalid_request,
                "Add voter request didn't include the endpoint for the default listener "
                "ListenerName(" +
                    listener + ")"};
    if (asked.voter_id == broker.node_id())
        return {ErrorCode::duplicate_voter,
                "The voter id for " + voter_text(asked.voter_id, asked.voter_directory_id) +
                    " is already part of the set of voters " + voters_text(broker) + "."};
    return {ErrorCode::invalid_request,
            "This cluster is one node and takes no further controllers"};
}

}  // namespace

void add_raft_voter(Broker& broker, const Request& request, AddRaftVoterRequest asked,
                    Reply<AddRaftVoterResponse> reply) {
    if (!Access(broker, request).allows(Right::add_raft_voter))
        return std::move(reply)(denied<AddRaftVoterResponse>(Right::add_raft_voter));
    Refusal refusal = why_not(broker, asked);
    std::move(reply)({.error_code = refusal.code, .error_message = refusal.message});
}

}  // namespace stoker::broker
