// Whether the replicas of partitions hold the same batches: what kafka-replica-verification finds
// in one round of answers, in the words of upstream's ReplicaBuffer.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/ids.hpp"
#include "kafka/topic_partition.hpp"

namespace stoker::cli {

/// What one replica answered for a partition; the records belong to whoever has the answer.
struct ReplicaData {
    int32_t replica = -1;
    Offset high_watermark{-1};
    ByteView records;
};

class ReplicaVerifier {
public:
    using Offsets = std::map<kafka::TopicPartition, int64_t>;
    using Answers = std::map<kafka::TopicPartition, std::vector<ReplicaData>>;

    /// Where each partition is to be read from first.
    explicit ReplicaVerifier(Offsets offsets) : offsets_(std::move(offsets)) {}

    /// Where to read next.
    const Offsets& offsets() const { return offsets_; }

    struct Findings {
        /// Replicas that differ, a line each.
        std::vector<std::string> differences;
        /// The logs themselves differ: there is nothing more to compare.
        bool diverged = false;
    };
    /// Compares up to the high watermarks, a batch at a time, and moves the offsets behind what
    /// every replica has.
    Findings verify(const Answers& answers);

    /// "max lag is 0 for partition t-0 at offset 3 among 1 partitions", of the last verify().
    std::string lag_text() const;

private:
    void verify(const kafka::TopicPartition& where, const std::vector<ReplicaData>& replicas,
                Findings& findings);

    Offsets offsets_;
    int64_t max_lag_ = -1;
    int64_t offset_with_max_lag_ = -1;
    /// Nothing before the first verify().
    std::string partition_with_max_lag_ = "null";
};

}  // namespace stoker::cli
