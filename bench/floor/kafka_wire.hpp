// Pre-encoded Kafka requests, and just enough of the answers: so that a broker is measured by the
// same client as the floor server.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

#include "base/bytes.hpp"

namespace stoker::bench {

struct EncodedBatch {
    Bytes bytes;
    int32_t records = 0;
};
/// One uncompressed batch of at most `size` bytes, filled with records of `record_size` bytes of
/// value; at least one record.
EncodedBatch make_batch(size_t size, size_t record_size);

/// Produce v9, acks=all, as a frame.
Bytes produce_request(const std::string& topic, int32_t partition, ByteView batch);
/// Does the answer to it say that everything is stored?
bool is_produced(MutableByteView reply);

/// Fetch v12 outside a session, at most `size_max` bytes, no waiting for more than is there.
Bytes fetch_request(const std::string& topic, int64_t offset, int32_t size_max);
/// The size of the record batches in the answer. Throws std::runtime_error when it is an error.
size_t fetched_size(MutableByteView reply);

/// CreateTopics, and waits until each partition takes writes: sends `probe` batches to them. Throws
/// std::runtime_error.
struct TopicSetup {
    std::string name;
    int32_t partitions = 1;
    std::map<std::string, std::string> configs;
    /// false: no probe is written, so that the log stays empty.
    bool probe = true;
};
void create_topic(uint16_t port, const TopicSetup& setup);

}  // namespace stoker::bench
