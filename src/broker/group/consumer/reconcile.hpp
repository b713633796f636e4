// One step of a member towards its target assignment (KIP-848): what is not to be its own any more
// is revoked first, and only when the member says that it has let go does it move to the target's
// epoch and get what others have released. What it keeps it keeps all the time.
#pragma once

#include <optional>
#include <set>

#include "base/result.hpp"
#include "broker/group/consumer/consumer_group.hpp"

namespace stoker::broker {

struct ReconcileStep {
    /// Holdings of all members, this one included.
    const ConsumerGroup& group;
    const CurrentAssignment& current;
    int32_t target_epoch = 0;
    const Assignment& target;
    /// Ids of the topics that it subscribes to now and that exist.
    const std::set<Uuid>& subscribed;
    bool has_subscription_changed = false;
    /// What the member says it has. Nothing: it did not say.
    const std::optional<Assignment>& owned;
};

/// Where the member is after this heartbeat. FENCED_MEMBER_EPOCH when what was stored cannot be
/// understood: it must give up everything and join again.
Result<CurrentAssignment> reconcile(const ReconcileStep& step);

}  // namespace stoker::broker
