// Audit: the producers' ledgers against a group's. What was acknowledged has to be there.
#pragma once

#include <cstdint>
#include <vector>

#include "workload/ledger/group_ledger.hpp"
#include "workload/ledger/sent_ledger.hpp"

namespace stoker::workload {

struct AuditRules {
    /// The broker promises nothing of messages that it did not answer (acks=0).
    bool promised = true;
    /// The group reads committed messages only.
    bool read_committed = false;
};

/// Notes in `group`:
/// - lost: handed to the client, not said to have failed, and not seen;
/// - acked_missing: those of them that a broker had acknowledged, with their offsets;
/// - aborted_seen: of a transaction that was given up, and seen by a group that must not.
/// Returns how many messages the client said had failed and that are there all the same.
int64_t audit(const std::vector<const SentLedger*>& producers, const AuditRules& rules,
              GroupLedger& group);

}  // namespace stoker::workload
