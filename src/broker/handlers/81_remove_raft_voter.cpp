// RemoveRaftVoter (81), version 0.
//
// Behaviour: refused as by Apache Kafka, which takes neither a stranger nor the last voter out of
// the quorum (KIP-853).
#include <string>

#include "broker/broker.hpp"
#include "broker/handlers/handlers.hpp"
#include "broker/quorum_voters.hpp"
#include "broker/security/access.hpp"

namespace stoker::broker {

using protocol::RemoveRaftVoterRequest;
using protocol::RemoveRaftVoterResponse;

void remove_raft_voter(Broker& broker, const Request& request, RemoveRaftVoterRequest asked,
                       Reply<RemoveRaftVoterResponse> reply) {
    if (!Access(broker, request).allows(Right::remove_raft_voter))
        return std::move(reply)(denied<RemoveRaftVoterResponse>(Right::remove_raft_voter));
    auto voter =
        check_voter(broker, "Remove", asked.cluster_id, asked.voter_id, asked.voter_directory_id);
    if (!voter)
        return std::move(reply)(
            {.error_code = voter.error().code, .error_message = voter.error().message});
    std::move(reply)(
        {.error_code = ErrorCode::voter_not_found,
         .error_message = "Cannot remove voter " +
                          voter_text(asked.voter_id, asked.voter_directory_id) +
                          " from the set of voters " + voters_text(broker)});
}

}  // namespace stoker::broker
