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
constexpr size_t size_known_from = record::log_overhead;
constexpr size_t magic_known_from = record::field::magic + 1;

using Verdict = std::optional<BatchRefusal>;
using RecordErrors = decltype(BatchRefusal::record_errors);

BatchRefusal refused(ErrorCode code, std::string message) {
    return {.code = code, .message = std::move(message), .record_errors = {}};
}

BatchRefusal refused_without_words(ErrorCode code) {
    return refused(code, "");
}

int8_t magic_of(ByteView batch) { return int8_t(batch[record::field::magic]); }

/// Of the batch that starts here; 0 when it is not whole. Upstream's checks in its order.
std::expected<size_t, BatchRefusal> next_batch_size(ByteView rest) {
    if (rest.size() < size_known_from) return 0;
    auto size = load_big_endian<int32_t>(rest.data() + record::field::batch_length);
    if (size < record_overhead_min)
        return std::unexpected(
            refused(ErrorCode::corrupt_message,
                    "Record size " + std::to_string(size) +
                        " is less than the minimum record overhead (" +
                        std::to_string(record_overhead_min) + ")"));
    if (rest.size() < magic_known_from) return 0;
    int8_t magic = magic_of(rest);
    if (magic < 0 || magic > record::current_magic)
        return std::unexpected(refused(ErrorCode::corrupt_message,
                                       "Invalid magic found in record: " + std::to_string(magic)));
    size_t whole = record::log_overhead + size_t(size);
    return whole <= rest.size() ? whole : 0;
}

Verdict check_size(ByteView records, const TopicSettings& settings) {
    if (std::cmp_less_equal(records.size(), settings.max_message_bytes)) return std::nullopt;
    return refused_without_words(ErrorCode::message_too_large);
}

Verdict check_header(const BatchHeader& header) {
    if (header.is_control())
        return refused_without_words(ErrorCode::invalid_record);
    return std::nullopt;
}

/// As far as that shows without a look at them.
bool cannot_hold_its_records(const BatchHeader& header) {
    constexpr size_t record_size_min = 7;  // a length and six fields of a byte each
    size_t payload = header.size() - record::header_size;
    return payload == 0 || (header.codec() == record::Codec::none &&
                            payload / record_size_min < size_t(header.record_count));
}

/// Java's long, which wraps: a producer may say any time, and a topic's limit may be "unlimited".
int64_t wrapping_sum(int64_t a, int64_t b) { return int64_t(uint64_t(a) + uint64_t(b)); }

bool too_old(int64_t timestamp_ms, const TopicSettings& settings, int64_t now_ms) {
    if (timestamp_ms == record::no_timestamp) return false;
    constexpr int64_t unlimited = std::numeric_limits<int64_t>::max();
    return settings.timestamp_before_max_ms != unlimited &&
           timestamp_ms < now_ms - settings.timestamp_before_max_ms;
}

bool too_new(int64_t timestamp_ms, const TopicSettings& settings, int64_t now_ms) {
    return timestamp_ms != record::no_timestamp &&
           wrapping_sum(timestamp_ms, -now_ms) > settings.timestamp_after_max_ms;
}

std::string out_of_range(const record::RecordView& record, const TopicSettings& settings,
                         int64_t now_ms) {
    return "Timestamp " + std::to_string(record.timestamp) + " of message with offset " +
           std::to_string(raw(record.offset)) +
           " is out of range. The timestamp should be within [" +
           std::to_string(wrapping_sum(now_ms, -settings.timestamp_before_max_ms)) + ", " +
           std::to_string(wrapping_sum(now_ms, settings.timestamp_after_max_ms)) + "]";
}

/// The header tells whether any record is too new; which ones, and all else, only the records do.
bool needs_records(const BatchHeader& header, const TopicSettings& settings, int64_t now_ms) {
    if (settings.compacted) return true;
    if (settings.log_append_time) return header.is_log_append_time();
    // The first record is not later than the last one: a greatest timestamp below it is a lie.
    if (header.max_timestamp < header.base_timestamp) return true;
    return settings.timestamp_before_max_ms != std::numeric_limits<int64_t>::max() ||
           too_new(header.max_timestamp, settings, now_ms) ||
           too_new(header.base_timestamp, settings, now_ms);
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

/// Only a broker stamps.
std::string wrong_type(const record::RecordView& record) {
    auto size = [](const std::optional<ByteView>& bytes) {
        return std::to_string(bytes ? bytes->size() : 0) + " bytes";
    };
    return "Invalid timestamp type in message DefaultRecord(offset=" +
           std::to_string(raw(record.offset)) +
           ", timestamp=" + std::to_string(record.timestamp) + ", key=" + size(record.key) +
           ", value=" + size(record.value) +
           "). Producer should not set timestamp type to LogAppendTime.";
}

/// What is wrong with one record; empty: nothing.
std::string wrong_with(const record::RecordView& record, const TopicSettings& settings,
                       const ProduceContext& context, bool claims_append_time,
                       bool& wrong_time) {
    if (settings.compacted && !record.key)
        return "Compacted topic cannot accept message without key in topic partition " +
               context.topic + "-" + std::to_string(raw(context.partition));
    if (settings.log_append_time || record.timestamp == record::no_timestamp) {
        wrong_time |= claims_append_time;
        return claims_append_time ? wrong_type(record) : "";
    }
    bool bad = too_old(record.timestamp, settings, context.now_ms) ||
               too_new(record.timestamp, settings, context.now_ms);
    wrong_time |= bad;
    return bad ? out_of_range(record, settings, context.now_ms) : "";
}

/// The greatest timestamp of the records, which the header may lie about.
std::expected<int64_t, BatchRefusal> check_records(const BatchView& batch,
                                                   const TopicSettings& settings,
                                                   const ProduceContext& context) {
    RecordErrors errors;
    int64_t max_timestamp = record::no_timestamp;
    bool wrong_time = false;
    int32_t index = 0;
    auto visited =
        record::for_each_record(batch, decompressed_max, [&](const record::RecordView& record) {
            std::string why = wrong_with(record, settings, context,
                                         batch.header.is_log_append_time(), wrong_time);
            if (!why.empty())
                errors.push_back({.batch_index = index, .batch_index_error_message = why});
            max_timestamp = std::max(max_timestamp, record.timestamp);
            ++index;
        });
    if (!visited) return std::unexpected(refused_without_words(visited.error()));
    if (errors.empty()) return max_timestamp;
    BatchRefusal verdict =
        wrong_time ? refused(ErrorCode::invalid_timestamp,
                             "One or more records have been rejected due to invalid timestamp")
                   : refused(ErrorCode::invalid_record, summary(errors));
    verdict.record_errors = std::move(errors);
    return std::unexpected(std::move(verdict));
}

/// The same records under the topic's own compression.
std::expected<Bytes, BatchRefusal> recompress(const BatchView& batch,
                                              const TopicSettings& settings) {
    const BatchHeader& header = batch.header;
    record::BatchBuilder builder({.codec = *settings.codec,
                                  .level = settings.codec_level,
                                  .producer_id = header.producer_id,
                                  .producer_epoch = header.producer_epoch,
                                  .base_sequence = header.base_sequence,
                                  .transactional = header.is_transactional()});
    auto copied =
        record::for_each_record(batch, decompressed_max, [&](const record::RecordView& record) {
            std::vector<record::Header> headers(record.headers.size());
            std::ranges::copy(record.headers.begin(), record.headers.end(), headers.begin());
            builder.append(record.timestamp, record.key, record.value, headers);
        });
    if (!copied) return std::unexpected(refused_without_words(copied.error()));
    return std::move(builder).build();
}

}  // namespace

std::expected<FirstBatch, BatchRefusal> scan_first_batch(ByteView records) {
    auto size = next_batch_size(records);
    if (!size) return std::unexpected(size.error());
    FirstBatch first{.size = *size};
    constexpr size_t attributes_end = record::field::attributes + sizeof(int16_t);
    if (first.size >= attributes_end && magic_of(records) == record::current_magic) {
        auto attributes =
            load_big_endian<int16_t>(records.data() + record::field::attributes);
        first.transactional = (attributes & record::transactional_bit) != 0;
    }
    return first;
}

std::expected<size_t, BatchRefusal> check_shape(ByteView records, const ProduceContext& context) {
    // As ProduceRequest.validateRecords upstream, whose refusals have no message.
    auto refuse = [](ErrorCode code) { return std::unexpected(refused_without_words(code)); };
    auto size = next_batch_size(records);
    if (!size) return refuse(size.error().code);
    if (*size == 0 || magic_of(records) != record::current_magic)
        return refuse(ErrorCode::invalid_record);
    if (*size < record::header_size) return refuse(ErrorCode::corrupt_message);
    auto attributes = load_big_endian<int16_t>(records.data() + record::field::attributes);
    if (record::Codec(attributes & record::codec_mask) == record::Codec::zstd &&
        context.version < first_version_with_zstd)
        return refuse(ErrorCode::unsupported_compression_type);
    auto another = next_batch_size(records.subspan(*size));
    if (!another) return refuse(another.error().code);
    if (*another > 0) return refuse(ErrorCode::invalid_record);
    return *size;
}

std::expected<AcceptedBatch, BatchRefusal> accept_batch(MutableByteView records,
                                                        const TopicSettings& settings,
                                                        const ProduceContext& context) {
    if (auto verdict = check_size(records, settings)) return std::unexpected(*verdict);
    auto header = record::validate(records);
    if (!header) return std::unexpected(refused_without_words(header.error()));
    if (auto verdict = check_header(*header)) return std::unexpected(*verdict);
    // The time type is the topic's to say, not the producer's.
    if (header->is_log_append_time() && !settings.log_append_time)
        record::set_create_time(records, header->max_timestamp);
    if (cannot_hold_its_records(*header))
        return std::unexpected(refused_without_words(ErrorCode::invalid_record));
    BatchView batch{*header, records};
    if (needs_records(*header, settings, context.now_ms)) {
        auto max_timestamp = check_records(batch, settings, context);
        if (!max_timestamp) return std::unexpected(std::move(max_timestamp.error()));
        if (!settings.log_append_time && *max_timestamp != header->max_timestamp)
            record::set_create_time(records, *max_timestamp);
    }
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
