// What is written into the metadata log when a broker starts: the records of a new cluster, the
// broker's registration, and the new leader epochs that a restart means.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/ids.hpp"
#include "base/uuid.hpp"
#include "broker/metadata/metadata_image.hpp"

namespace stoker::broker {

struct BrokerEndpoint {
    std::string listener, host;
    uint16_t port = 0;
};

/// "Bootstrap records": one metadata transaction that finalizes the features.
std::vector<Bytes> new_cluster_records();

/// `at` is the offset that the record will have: the broker's epoch.
Bytes registration_record(int32_t node_id, Offset at, const Uuid& incarnation,
                          const Uuid& directory, const std::vector<BrokerEndpoint>& endpoints);

/// While the broker was away its partitions had no leader, and then it became it again: two changes
/// of each, as Apache Kafka's controller writes them. A client that remembers an epoch of before
/// notices (KIP-320).
std::vector<Bytes> takeover_records(const MetadataImage& image, int32_t node_id);

}  // namespace stoker::broker
