// The kinds of steps. Each draws one request, valid or not, and has it answered by both brokers.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "duel.hpp"

namespace stoker::differential {

struct StepKind {
    int16_t key;
    std::string_view name;
    int weight;
    std::function<void(Duel&)> take;
};

/// Produce, Fetch, ListOffsets, DeleteRecords, InitProducerId, OffsetForLeaderEpoch, …
std::vector<StepKind> data_steps();
/// Topics, partitions, elections, reassignments, metadata.
std::vector<StepKind> topic_steps();
/// Configs of every kind of resource.
std::vector<StepKind> config_steps();
/// Groups and their offsets.
std::vector<StepKind> group_steps();
/// Groups of the consumer protocol.
std::vector<StepKind> consumer_group_steps();
/// Classic groups with two members.
std::vector<StepKind> pair_steps();
/// Transactions: who writes in them, how they end.
std::vector<StepKind> transaction_steps();
/// ACLs and quotas.
std::vector<StepKind> security_steps();
/// The cluster, its features and quorum; versions; bytes that are no request.
std::vector<StepKind> cluster_steps();

/// What every run starts from: the lasting topics, with some records, and the internal topics of
/// groups and transactions.
void prepare(Duel& duel);

}  // namespace stoker::differential
