#include "workload/ledger/audit.hpp"

#include "load/verification.hpp"

namespace stoker::workload {
namespace {

/// One producer in one partition.
class LaneAudit {
public:
    LaneAudit(const SentLedger::Partition& sent, const AuditRules& rules, GroupLedger& group,
              size_t partition, size_t producer)
        : sent_(sent),
          rules_(rules),
          group_(group),
          partition_(partition),
          producer_(producer),
          finished_(rules.unfinished.empty() || !rules.unfinished[partition]) {}

    void run(AuditResult& result) {
        answered(sent_.acknowledged, [&](uint64_t sequence, int64_t offset) {
            if (seen(sequence)) return;
            if (may_come(offset)) ++result.unread;
            else missing(sequence, offset);
        });
        answered(sent_.failed, [&](uint64_t sequence, int64_t) {
            result.stored_though_failed += seen(sequence);
        });
        answered(sent_.aborted, [this](uint64_t sequence, int64_t) {
            if (rules_.read_committed && seen(sequence)) note(Finding::aborted_seen, sequence, -1);
        });
        // What nobody answered: it would be the client's fault, but the message is gone.
        if (uint64_t(answered_.count()) == sent_.sent) return;
        for (uint64_t sequence = 0; sequence < sent_.sent; ++sequence) {
            if (answered_.contains(sequence) || seen(sequence)) continue;
            if (finished_) note(Finding::lost, sequence, -1);
            else ++result.unread;
        }
    }

private:
    template <class Use>
    void answered(const std::vector<AckRange>& ranges, Use use) {
        for (const AckRange& range : ranges) {
            for (uint64_t i = 0; i < range.count; ++i) {
                answered_.insert(range.first + i);
                use(range.first + i, range.offset < 0 ? -1 : range.offset + int64_t(i));
            }
        }
    }
    /// Behind what the group has read so far, or nobody knows where.
    bool may_come(int64_t offset) const {
        return !finished_ && (offset < 0 || offset >= group_.end(partition_));
    }
    bool seen(uint64_t sequence) const { return group_.has(partition_, producer_, sequence); }
    void missing(uint64_t sequence, int64_t offset) {
        note(Finding::lost, sequence, offset);
        if (rules_.promised) note(Finding::acked_missing, sequence, offset);
    }
    void note(Finding what, uint64_t sequence, int64_t offset) {
        group_.note({.what = what,
                     .partition = partition_,
                     .producer = uint32_t(producer_),
                     .sequence = sequence,
                     .offset = offset});
    }

    const SentLedger::Partition& sent_;
    const AuditRules& rules_;
    GroupLedger& group_;
    size_t partition_;
    size_t producer_;
    bool finished_;
    load::SequenceSet answered_;
};

}  // namespace

AuditResult audit(const std::vector<const SentLedger*>& producers, const AuditRules& rules,
                  GroupLedger& group) {
    AuditResult result;
    for (size_t producer = 0; producer < producers.size(); ++producer) {
        const auto& partitions = producers[producer]->partitions();
        for (size_t partition = 0; partition < partitions.size(); ++partition)
            LaneAudit(partitions[partition], rules, group, partition, producer).run(result);
    }
    return result;
}

}  // namespace stoker::workload
