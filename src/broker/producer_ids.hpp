// Producer ids for idempotent producers, handed out from blocks that the metadata log knows, so
// that no id is ever given twice, whatever happens to the process (KIP-98).
#pragma once

#include <cstdint>

#include "base/guarded.hpp"
#include "base/ids.hpp"
#include "base/result.hpp"
#include "broker/metadata/cluster_metadata.hpp"

namespace stoker::broker {

/// Any thread.
class ProducerIds {
public:
    /// One record in the metadata log for so many ids, as Apache Kafka.
    static constexpr int64_t block_size = 1000;

    explicit ProducerIds(ClusterMetadata& metadata) : metadata_(metadata) {}

    /// KAFKA_STORAGE_ERROR when a new block cannot be written down.
    Result<ProducerId> next();

private:
    struct Block {
        int64_t next = 0;
        int64_t end = 0;
    };
    ClusterMetadata& metadata_;
    Guarded<Block> block_;
};

}  // namespace stoker::broker
