#include "kafka/producer_batch.hpp"

#include "base/big_endian.hpp"
#include "base/check.hpp"
#include "base/crc32c.hpp"

namespace stoker::kafka {
namespace {

/// What one of our own batches may become when it is read again.
constexpr size_t decompressed_max = 1u << 31;

}  // namespace

void ProducerBatch::append(int64_t timestamp_ms, std::optional<ByteView> key,
                           std::optional<ByteView> value, std::span<const record::Header> headers,
                           int64_t tag, size_t record_size) {
    builder_->append(timestamp_ms, key, value, headers);
    size_ += record_size;
    tags_.push_back(tag);
}

void ProducerBatch::close() {
    if (!builder_) return;
    bytes_ = std::move(*builder_).build();
    builder_.reset();
}

void ProducerBatch::stamp(const ProducerIdentity& identity, int32_t sequence) {
    std::byte* at = bytes_.data();
    store_big_endian(at + record::field::producer_id, raw(identity.id));
    store_big_endian(at + record::field::producer_epoch, identity.epoch);
    store_big_endian(at + record::field::base_sequence, sequence);
    store_big_endian(at + record::field::crc,
                     crc32c(ByteView(bytes_).subspan(record::crc_start)));
    stamped_by_ = identity;
    sequence_ = sequence;
}

std::pair<std::unique_ptr<ProducerBatch>, std::unique_ptr<ProducerBatch>> ProducerBatch::halves()
    const {
    auto first = std::make_unique<ProducerBatch>(*queue_, options_, created_ms_);
    auto second = std::make_unique<ProducerBatch>(*queue_, options_, created_ms_);
    const auto header = record::parse_header(bytes_);
    STOKER_CHECK(header && count() > 1, "a batch of our own with several records");
    size_t index = 0;
    const auto visited = record::for_each_record(
        {*header, bytes_}, decompressed_max, [&](const record::RecordView& view) {
            ProducerBatch& half = index < tags_.size() / 2 ? *first : *second;
            std::vector<record::Header> headers;
            for (const auto& one : view.headers) headers.push_back(one);
            half.append(view.timestamp, view.key, view.value, headers, tags_[index++], 0);
        });
    STOKER_CHECK(visited && index == tags_.size(), "a batch of our own can be read");
    first->close();
    second->close();
    first->serial = second->serial = serial;
    return {std::move(first), std::move(second)};
}

}  // namespace stoker::kafka
