#include "cli/replica_verifier.hpp"

#include <algorithm>
#include <optional>

#include "cli/admin_tool.hpp"
#include "record/batch.hpp"

namespace stoker::cli {
namespace {

using kafka::TopicPartition;

struct SeenBatch {
    int32_t replica = -1;
    Offset last_offset{};
    uint32_t checksum = 0;
};

}  // namespace

ReplicaVerifier::Findings ReplicaVerifier::verify(const Answers& answers) {
    max_lag_ = -1;
    Findings findings;
    std::vector<TopicPartition> partitions;
    for (const auto& [where, replicas] : answers) partitions.push_back(where);
    for (const TopicPartition& where : in_grown_map_order(std::move(partitions))) {
        verify(where, answers.at(where), findings);
        if (findings.diverged) break;
    }
    return findings;
}

void ReplicaVerifier::verify(const TopicPartition& where, const std::vector<ReplicaData>& replicas,
                             Findings& findings) {
    std::vector<record::BatchReader> readers;
    int64_t high_watermark = -1;
    for (const ReplicaData& replica : replicas) {
        readers.emplace_back(replica.records);
        high_watermark = std::max(high_watermark, raw(replica.high_watermark));
    }
    int64_t& offset = offsets_[where];
    for (bool in_all = !replicas.empty(); in_all;) {
        std::optional<SeenBatch> first;
        for (size_t i = 0; i < replicas.size(); ++i) {
            // What is cut at the end of an answer comes whole with the next.
            const auto batch = readers[i].next();
            if (!batch || !*batch ||
                (*batch)->header.last_offset() >= replicas[i].high_watermark) {
                in_all = false;
                continue;
            }
            const SeenBatch seen{.replica = replicas[i].replica,
                                 .last_offset = (*batch)->header.last_offset(),
                                 .checksum = (*batch)->header.crc};
            if (!first) {
                first = seen;
            } else if (first->last_offset != seen.last_offset) {
                findings.differences.push_back(
                    "partition " + to_string(where) + ": replica " +
                    std::to_string(first->replica) + "'s offset " +
                    std::to_string(raw(first->last_offset)) + " doesn't match replica " +
                    std::to_string(seen.replica) + "'s offset " +
                    std::to_string(raw(seen.last_offset)));
                findings.diverged = true;
                return;
            } else if (first->checksum != seen.checksum) {
                findings.differences.push_back(
                    "partition " + to_string(where) + " has unmatched checksum at offset " +
                    std::to_string(raw(seen.last_offset)) + "; replica " +
                    std::to_string(first->replica) + "'s checksum " +
                    std::to_string(first->checksum) + "; replica " +
                    std::to_string(seen.replica) + "'s checksum " + std::to_string(seen.checksum));
            }
        }
        if (in_all) offset = raw(first->last_offset) + 1;
    }
    if (high_watermark - offset <= max_lag_) return;
    max_lag_ = high_watermark - offset;
    offset_with_max_lag_ = offset;
    partition_with_max_lag_ = to_string(where);
}

std::string ReplicaVerifier::lag_text() const {
    return "max lag is " + std::to_string(max_lag_) + " for partition " + partition_with_max_lag_ +
           " at offset " + std::to_string(offset_with_max_lag_) + " among " +
           std::to_string(offsets_.size()) + " partitions";
}

}  // namespace stoker::cli
