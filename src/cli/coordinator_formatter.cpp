// The records of __consumer_offsets and __transaction_state as JSON, one object after the other
// with nothing in between, as upstream's CoordinatorRecordMessageFormatter writes them.
#include "cli/jackson_text.hpp"
#include "cli/message_formatter.hpp"
#include "cli/stored_records.hpp"
#include "protocol/message_io.hpp"

namespace stoker::cli {
namespace {

using kafka::ConsumerRecord;
using kafka::KafkaException;

/// Which records are shown, and how they are read.
struct Kind {
    int16_t first_type = 0;
    int16_t last_type = 0;
    std::optional<CoordinatorRecord> (*read)(ByteView key, std::optional<ByteView> value) = nullptr;
};

std::optional<CoordinatorRecord> read_of_group(ByteView key, std::optional<ByteView> value) {
    return read_group_record(key, value, MemberData::base64);
}

class CoordinatorFormatter final : public MessageFormatter {
public:
    explicit CoordinatorFormatter(const Kind& kind) : kind_(kind) {}

    void write(const ConsumerRecord& record, Writer& out) override {
        if (!record.view.key) return;
        try {
            const auto read = kind_.read(*record.view.key, record.view.value);
            if (!read || read->type < kind_.first_type || read->type > kind_.last_type) return;
            JsonObject key;
            key.number("type", read->type).raw("data", read->key_json);
            std::string value = "null";
            if (read->version) {
                value = JsonObject()
                            .number("version", *read->version)
                            .raw("data", read->value_json)
                            .str();
            }
            out.write(JsonObject().raw("key", key.str()).raw("value", value).str());
        } catch (const protocol::MalformedMessage& error) {
            throw KafkaException({.exception = "java.lang.RuntimeException",
                                  .message = "Could not read record at offset " +
                                             std::to_string(raw(record.view.offset)) +
                                             " due to: " + error.what()});
        }
    }

private:
    Kind kind_;
};

}  // namespace

std::unique_ptr<MessageFormatter> make_coordinator_formatter(std::string_view class_name) {
    constexpr std::string_view package = "org.apache.kafka.tools.consumer.";
    if (!class_name.starts_with(package)) return nullptr;
    class_name.remove_prefix(package.size());
    // Type 0 was that of very old brokers, with the schema of type 1.
    if (class_name == "OffsetsMessageFormatter") {
        return std::make_unique<CoordinatorFormatter>(Kind{0, 1, read_of_group});
    }
    if (class_name == "GroupMetadataMessageFormatter") {
        return std::make_unique<CoordinatorFormatter>(Kind{2, 2, read_of_group});
    }
    if (class_name == "TransactionLogMessageFormatter") {
        return std::make_unique<CoordinatorFormatter>(Kind{0, 0, read_transaction_record});
    }
    return nullptr;
}

}  // namespace stoker::cli
