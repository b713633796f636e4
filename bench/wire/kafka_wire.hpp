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

struct TopicSetup {
    std::string name;
    int32_t partitions = 1;
    std::map<std::string, std::string> configs;
    /// Then waits until each partition takes writes: a small batch is written to each of them.
    /// false: the logs stay empty.
    bool probe = true;
};
/// CreateTopics. Throws std::runtime_error.
void create_topic(uint16_t port, const TopicSetup& setup);
/// DeleteTopics. Throws std::runtime_error.
void delete_topic(uint16_t port, const std::string& name);
/// One small batch to each partition.
void write_to_each(uint16_t port, const std::string& topic, int32_t partitions);

/// Metadata of all topics: the number of their partitions that have a leader.
int32_t ask_metadata(uint16_t port);
/// The same request: the number of brokers that the answer names.
int32_t ask_brokers(uint16_t port);
/// ListOffsets: where partition 0 ends. Throws std::runtime_error when it does not answer that.
int64_t ask_end_offset(uint16_t port, const std::string& topic);

}  // namespace stoker::bench
