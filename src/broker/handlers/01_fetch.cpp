// Fetch (1), versions 4 to 18.
//
// Behaviour: reads record batches of many partitions, waits for min_bytes up to max_wait_ms, keeps
// incremental fetch sessions (KIP-227), always gives the first partition with data one whole batch
// (KIP-74). The batches leave as slices of their files.
// Version notes: topics are named until 12 and have ids from 13; 4 to 6 have no sessions.
// Left out: what only followers of a replicated partition send (replica state, diverging epochs).
#include "broker/handlers/handlers.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "broker/broker.hpp"
#include "broker/fetch/fetch_operation.hpp"
#include "broker/security/access.hpp"

namespace stoker::broker {

namespace {

/// Marks what the sender may not read. Ids are no secret: one that nobody has stays unknown.
void deny_unreadable(Broker& broker, const Access& access, bool follower, FetchPlan& plan) {
    if (!access.enforced()) return;
    bool everything = follower && access.allows(Right::fetch_as_follower);
    bool nothing = follower && !everything;
    if (everything) return;
    std::map<Uuid, std::string> names;
    auto name_of = [&](const FetchPartition& wanted) -> const std::string& {
        if (wanted.key.topic_id.is_zero()) return wanted.key.topic;
        auto [found, is_new] = names.try_emplace(wanted.key.topic_id);
        if (is_new)
            if (auto topic = broker.metadata().find(wanted.key.topic_id))
                found->second = topic->name;
        return found->second;
    };
    std::vector<std::string> asked;
    for (const FetchPartition& wanted : plan.partitions)
        if (!name_of(wanted).empty()) asked.push_back(name_of(wanted));
    AllowedNames readable;
    if (!nothing) readable = access.filter(Right::fetch_topic, asked, std::identity{});
    for (FetchPartition& wanted : plan.partitions) {
        const std::string& name = name_of(wanted);
        wanted.denied = !name.empty() && (nothing || !readable.contains(name));
    }
}

}  // namespace

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
    deny_unreadable(broker, Access(broker, request), limits.follower, *plan);
    if (QuotaTicket* quota = reply.quota()) {
        if (limits.follower) quota->exempt();
        limits.max_bytes = quota->fetch_bytes_max(limits.max_bytes);
        limits.min_bytes = std::min(limits.min_bytes, limits.max_bytes);
    }
    std::make_shared<FetchOperation>(broker, request.peer.session_id, std::move(*plan), limits,
                                     std::move(reply))
        ->start();
}

}  // namespace stoker::broker
