// Records of the internal topics and of the metadata log, read and written as Apache Kafka's tools
// print them: key and value as JSON.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/bytes.hpp"

namespace stoker::cli {

struct StoredText {
    std::optional<std::string> key;
    std::optional<std::string> value;
};

/// A record of a coordinator's topic: the key as JSON with its type, the value with its version.
struct CoordinatorRecord {
    int16_t type = 0;
    std::string key_json;
    /// Nothing for a tombstone.
    std::optional<int16_t> version{};
    std::string value_json{};
};

/// What members of classic consumer groups handed in: messages of their own, or plain bytes.
enum class MemberData : uint8_t { decoded, base64 };

/// A record of __consumer_offsets, or of __transaction_state. Nothing for a type that we do not
/// know. Throws MalformedMessage.
std::optional<CoordinatorRecord> read_group_record(ByteView key, std::optional<ByteView> value,
                                                   MemberData member_data);
std::optional<CoordinatorRecord> read_transaction_record(ByteView key,
                                                         std::optional<ByteView> value);

/// As --offsets-decoder prints a record.
StoredText group_record_text(int64_t offset, ByteView key, std::optional<ByteView> value);
/// As --transaction-log-decoder prints it.
StoredText transaction_record_text(int64_t offset, ByteView key, std::optional<ByteView> value);
/// As --cluster-metadata-decoder prints it.
StoredText metadata_record_text(int64_t offset, ByteView value);
/// What kafka-dump-log prints behind a control record's metadata, blank in front.
std::string control_record_text(ByteView key, ByteView value);

}  // namespace stoker::cli
