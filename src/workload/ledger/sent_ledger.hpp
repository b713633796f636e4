// SentLedger: what one producer knows of its messages: which were acknowledged and where they lie,
// which failed. A message is its sequence in a partition. Messages that were acknowledged one
// behind the other at offsets one behind the other cost one entry together, so that a producer
// alone in its partitions costs next to nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace stoker::workload {

/// `count` messages from `first` on, at offsets from `offset` on, or at offsets that the broker did
/// not tell (-1).
struct AckRange {
    uint64_t first = 0;
    uint64_t count = 0;
    int64_t offset = -1;
};

/// One thread.
class SentLedger {
public:
    /// `partitions` of all topics together, which are numbered through.
    explicit SentLedger(size_t partitions) : partitions_(partitions) {}

    struct Partition {
        uint64_t sent = 0;  ///< sequences below were handed to the client
        std::vector<AckRange> acknowledged{};
        std::vector<AckRange> failed{};   ///< the client said so; they may be stored all the same
        std::vector<AckRange> aborted{};  ///< of transactions that were given up on purpose
    };

    explicit SentLedger(std::vector<Partition> partitions) : partitions_(std::move(partitions)) {}

    /// The sequence of the next message.
    uint64_t take_sequence(size_t partition) { return partitions_[partition].sent++; }
    void acknowledged(size_t partition, uint64_t sequence, int64_t offset) {
        add(partitions_[partition].acknowledged, sequence, offset);
    }
    void failed(size_t partition, uint64_t sequence) {
        add(partitions_[partition].failed, sequence, -1);
    }
    void aborted(size_t partition, uint64_t sequence) {
        add(partitions_[partition].aborted, sequence, -1);
    }
    const std::vector<Partition>& partitions() const { return partitions_; }

private:
    static void add(std::vector<AckRange>& ranges, uint64_t sequence, int64_t offset);

    std::vector<Partition> partitions_;
};

}  // namespace stoker::workload
