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
    /// By partition: the group has not come to its end, so that what lies behind is not missing.
    /// Empty: it has come to the end of all.
    std::vector<bool> unfinished{};
};

struct AuditResult {
    /// Messages that the client said had failed and that are there all the same.
    int64_t stored_though_failed = 0;
    /// Of unfinished partitions: messages that the group may still have before it.
    int64_t unread = 0;
};

/// Notes in `group`:
/// - lost: handed to the client, not said to have failed, and not seen;
/// - acked_missing: those of them that a broker had acknowledged, with their offsets;
/// - aborted_seen: of a transaction that was given up, and seen by a group that must not.
AuditResult audit(const std::vector<const SentLedger*>& producers, const AuditRules& rules,
                  GroupLedger& group);

}  // namespace stoker::workload
