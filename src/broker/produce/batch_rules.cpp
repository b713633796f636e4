#include "broker/produce/batch_rules.hpp"

#include <algorithm>
#include <cstdlib>
#include <optional>

#include "base/big_endian.hpp"
#include "record/batch.hpp"
#include "record/batch_format.hpp"
#include "record/builder.hpp"

namespace stoker::broker {

using record::BatchHeader;
using record::BatchView;

namespace {

/// What the records of one batch may grow to when a rule has to look at them.
constexpr size_t decompressed_max = 256 << 20;
constexpr int16_t first_version_with_zstd = 7;
constexpr int32_t record_overhead_min = 14;  // of a record of magic 0, the smallest there ever was

using Verdict = std::optional<BatchRefusal>;
using RecordErrors = decltype(BatchRefusal::record_errors);

BatchRefusal refused(ErrorCode code, std::string message) {
    return {.code = code, .message = std::move(message), .record_errors = {}};
}

BatchRefusal refused_without_words(ErrorCode code) {
    return refused(code, "");
}

Verdict check_size(ByteView records, const TopicSettings& settings, const ProduceContext& context) {
    if (std::cmp_less_equal(records.size(), settings.max_message_bytes)) return std::nullopt;
    return refused(ErrorCode::message_too_large,
                   "The record batch size in the append to " + context.partition + " is " +
                       std::to_string(records.size()) +
                       " bytes which exceeds the maximum configured value of " +
                       std::to_string(settings.max_message_bytes) + ".");
}

Verdict check_header(const BatchHeader& header) {
    if (header.is_control())
        return refused(ErrorCode::invalid_record, "Clients cannot write control batches");
    if (header.is_transactional())
        return refused(ErrorCode::invalid_txn_state,
                       "This broker does not serve transactions: send without transactional.id");
    return std::nullopt;
}

bool too_old(int64_t timestamp_ms, const TopicSettings& settings, int64_t now_ms) {
    if (timestamp_ms == record::no_timestamp) return false;
    constexpr int64_t unlimited = std::numeric_limits<int64_t>::max();
    return settings.timestamp_before_max_ms != unlimited &&
           timestamp_ms < now_ms - settings.timestamp_before_max_ms;
}

BatchRefusal bad_timestamp(int64_t timestamp_ms, int32_t index) {
    std::string message = "Timestamp " + std::to_string(timestamp_ms) + " of message with offset " +
                          std::to_string(index) +
                          " is out of range: it must lie between message.timestamp.before.max.ms "
                          "before and message.timestamp.after.max.ms after the broker's time";
    return {.code = ErrorCode::invalid_timestamp,
            .message = message,
            .record_errors = {{.batch_index = index, .batch_index_error_message = message}}};
}

/// Rules that only the header's timestamps decide.
Verdict check_timestamps(const BatchHeader& header, const TopicSettings& settings, int64_t now_ms) {
    if (settings.log_append_time) return std::nullopt;
    if (header.max_timestamp != record::no_timestamp &&
        header.max_timestamp - now_ms > settings.timestamp_after_max_ms)
        return bad_timestamp(header.max_timestamp, header.last_offset_delta);
    return std::nullopt;
}

bool needs_records(const TopicSettings& settings) {
    return settings.compacted ||
           (!settings.log_append_time &&
            settings.timestamp_before_max_ms != std::numeric_limits<int64_t>::max());
}

/// The first three of them, as upstream's message for the whole batch tells them.
std::string summary(const RecordErrors& errors) {
    constexpr size_t shown_max = 3;
    std::string text = "One or more records have been rejected due to " +
                       std::to_string(errors.size()) +
                       " record errors in total, and only showing the first three errors at "
                       "most: [";
    for (size_t i = 0; i < std::min(errors.size(), shown_max); ++i)
        text += (i == 0 ? "RecordError(batchIndex=" : ", RecordError(batchIndex=") +
                std::to_string(errors[i].batch_index) + ", message='" +
                errors[i].batch_index_error_message.value_or("") + "')";
    return text + "]";
}

Verdict check_records(const BatchView& batch, const TopicSettings& settings,
                      const ProduceContext& context) {
    int64_t now_ms = context.now_ms;
    Verdict verdict;
    auto visited =
        record::for_each_record(batch, decompressed_max, [&](const record::RecordView& record) {
            auto index = int32_t(record.offset - batch.header.base_offset);
            if (settings.compacted && !record.key) {
                if (!verdict) verdict = refused_without_words(ErrorCode::invalid_record);
                verdict->record_errors.push_back(
                    {.batch_index = index,
                     .batch_index_error_message =
                         "Compacted topic cannot accept message without key in topic partition " +
                         context.partition});
            } else if (!verdict && !settings.log_append_time &&
                       too_old(record.timestamp, settings, now_ms)) {
                verdict = bad_timestamp(record.timestamp, index);
            }
        });
    if (!visited) return refused(visited.error(), "The records of the batch are damaged");
    if (verdict && verdict->message.empty()) verdict->message = summary(verdict->record_errors);
    return verdict;
}

/// The same records under the topic's own compression.
std::expected<Bytes, BatchRefusal> recompress(const BatchView& batch,
                                              const TopicSettings& settings) {
    const BatchHeader& header = batch.header;
    record::BatchBuilder builder({.codec = *settings.codec,
                                  .level = settings.codec_level,
                                  .producer_id = header.producer_id,
                                  .producer_epoch = header.producer_epoch,
                                  .base_sequence = header.base_sequence});
    auto copied =
        record::for_each_record(batch, decompressed_max, [&](const record::RecordView& record) {
            std::vector<record::Header> headers(record.headers.size());
            std::ranges::copy(record.headers.begin(), record.headers.end(), headers.begin());
            builder.append(record.timestamp, record.key, record.value, headers);
        });
    if (!copied)
        return std::unexpected(refused(copied.error(), "The records of the batch are damaged"));
    return std::move(builder).build();
}

}  // namespace

std::optional<BatchRefusal> check_shape(ByteView records, const ProduceContext& context) {
    // As ProduceRequest.validateRecords upstream: a batch that is not whole is none, and what it
    // refuses has no message.
    constexpr size_t size_known_from = 17;
    if (records.size() < size_known_from) return refused_without_words(ErrorCode::invalid_record);
    auto size = load_big_endian<int32_t>(records.data() + record::field::batch_length);
    if (size < record_overhead_min)
        return refused(ErrorCode::corrupt_message,
                       "Record size " + std::to_string(size) +
                           " is less than the minimum record overhead (" +
                           std::to_string(record_overhead_min) + ")");
    auto header = record::parse_header(records);
    if (!header) return refused_without_words(header.error());
    if (header->size() != records.size()) return refused_without_words(ErrorCode::invalid_record);
    if (header->codec() == record::Codec::zstd && context.version < first_version_with_zstd)
        return refused_without_words(ErrorCode::unsupported_compression_type);
    return std::nullopt;
}

std::expected<AcceptedBatch, BatchRefusal> accept_batch(MutableByteView records,
                                                        const TopicSettings& settings,
                                                        const ProduceContext& context) {
    if (auto verdict = check_size(records, settings, context)) return std::unexpected(*verdict);
    auto header = record::validate(records);
    if (!header && header.error() == ErrorCode::invalid_record)
        return std::unexpected(refused_without_words(header.error()));
    if (!header)
        return std::unexpected(refused(header.error(), "The record batch in the append to " +
                                                           context.partition +
                                                           " is damaged or contradicts itself"));
    if (auto verdict = check_header(*header)) return std::unexpected(*verdict);
    if (auto verdict = check_timestamps(*header, settings, context.now_ms))
        return std::unexpected(*verdict);
    // The time type is the topic's to say, not the producer's.
    if (header->is_log_append_time() && !settings.log_append_time)
        record::set_create_time(records, header->max_timestamp);
    BatchView batch{*header, records};
    if (needs_records(settings))
        if (auto verdict = check_records(batch, settings, context))
            return std::unexpected(*verdict);
    AcceptedBatch accepted{.bytes = records, .rewritten = {}};
    if (settings.codec && *settings.codec != header->codec()) {
        auto rewritten = recompress(batch, settings);
        if (!rewritten) return std::unexpected(rewritten.error());
        accepted.rewritten = std::move(*rewritten);
        accepted.bytes = accepted.rewritten;
    }
    return accepted;
}

}  // namespace stoker::broker
