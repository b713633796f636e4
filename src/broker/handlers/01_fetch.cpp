// Fetch (1), versions 4 to 18.
//
// Behaviour: reads record batches of many partitions, waits for min_bytes up to max_wait_ms, keeps
// incremental fetch sessions (KIP-227), always gives the first partition with data one whole batch
// (KIP-74). The batches leave as slices of their files.
// Version notes: topics are named until 12 and have ids from 13; 4 to 6 have no sessions.
// Left out: what only followers of a replicated partition send (replica state, diverging epochs).
#include "broker/handlers/handlers.hpp"

#include <algorithm>
#include <memory>

#include "broker/broker.hpp"
#include "broker/fetch/fetch_operation.hpp"

namespace stoker::broker {

void fetch(Broker& broker, const Request& request, protocol::FetchRequest asked,
           Reply<protocol::FetchResponse> reply) {
    auto plan = broker.fetch_sessions().begin(asked, reply.version());
    if (!plan) {
        std::move(reply)({.error_code = plan.error(), .session_id = 0});
        return;
    }
    FetchOperation::Limits limits{.max_wait_ms = asked.max_wait_ms,
                                  .min_bytes = asked.min_bytes,
                                  .max_bytes = asked.max_bytes,
                                  .read_committed = asked.isolation_level == 1,
                                  .follower = std::max(asked.replica_id,
                                                       asked.replica_state.replica_id) >= 0};
    std::make_shared<FetchOperation>(broker, request.peer.session_id, std::move(*plan), limits,
                                     std::move(reply))
        ->start();
}

}  // namespace stoker::broker
