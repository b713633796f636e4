// Records of __transaction_state as kafka-dump-log prints them.
#include "cli/message_json.hpp"
#include "cli/stored_records.hpp"
#include "protocol/messages/records_transaction_state.hpp"
#include "protocol/record_frame.hpp"

namespace stoker::cli {

using protocol::TransactionLogKey;
using protocol::TransactionLogValue;

StoredText transaction_record_text(int64_t offset, ByteView key, std::optional<ByteView> value) {
    const std::string at = std::to_string(offset);
    try {
        const protocol::StoredMessage head = protocol::read_key(key);
        if (head.type != TransactionLogKey::api.key) {
            return {.key = "Unknown record type " + std::to_string(head.type) + " at offset " + at +
                           ", skipping.",
                    .value = std::nullopt};
        }
        const auto id = protocol::MessageIo<TransactionLogKey>::decode(head.body, 0);
        StoredText text{.key = "{\"type\":\"0\",\"data\":" + to_json(id, 0) + "}",
                        .value = "<DELETE>"};
        if (!value) return text;
        const protocol::StoredMessage body = protocol::read_value(*value);
        if (!TransactionLogValue::api.versions.contain(body.version)) {
            throw protocol::MalformedMessage("version " + std::to_string(body.version) +
                                             " of a transaction is not known");
        }
        const auto state =
            protocol::MessageIo<TransactionLogValue>::decode(body.body, body.version);
        text.value = "{\"version\":\"" + std::to_string(body.version) +
                     "\",\"data\":" + to_json(state, body.version) + "}";
        return text;
    } catch (const protocol::MalformedMessage& why) {
        return {.key = "Error at offset " + at + ", skipping. " + why.what(),
                .value = std::nullopt};
    }
}

}  // namespace stoker::cli
