#include "records_tree.hpp"

#include <string>
#include <utility>

#include "base/big_endian.hpp"
#include "base/crc32c.hpp"
#include "record/batch.hpp"
#include "record/batch_format.hpp"

namespace stoker::differential {

namespace {

constexpr size_t decompressed_max = 64 << 20;
/// Longer keys and values are shown, and compared, by their beginning and their size.
constexpr size_t text_shown_max = 40;

void add(Tree& object, std::string name, std::string text) {
    Tree part = leaf(std::move(text));
    part.name = std::move(name);
    object.parts.push_back(std::move(part));
}

std::string shown(const std::optional<ByteView>& bytes) {
    if (!bytes) return "null";
    std::string text(text_of(bytes->first(std::min(bytes->size(), text_shown_max))));
    return '"' + text + "\" (" + std::to_string(bytes->size()) + ")";
}

Tree tree_of(const record::RecordView& record) {
    Tree tree{.kind = Tree::Kind::object};
    add(tree, "offset", std::to_string(raw(record.offset)));
    add(tree, "timestamp", std::to_string(record.timestamp));
    add(tree, "key", shown(record.key));
    add(tree, "value", shown(record.value));
    std::string headers;
    for (const record::HeaderView& header : record.headers) {
        headers += std::string(header.key) + "=" + shown(header.value) + " ";
    }
    add(tree, "headers", headers);
    return tree;
}

Tree tree_of(const record::BatchView& batch, const World& world) {
    const record::BatchHeader& header = batch.header;
    Tree tree{.kind = Tree::Kind::object};
    add(tree, "base_offset", std::to_string(raw(header.base_offset)));
    add(tree, "leader_epoch", std::to_string(raw(header.leader_epoch)));
    add(tree, "attributes", std::to_string(header.attributes));
    add(tree, "last_offset_delta", std::to_string(header.last_offset_delta));
    add(tree, "base_timestamp", std::to_string(header.base_timestamp));
    add(tree, "max_timestamp", std::to_string(header.max_timestamp));
    add(tree, "batch_producer_id", world.symbol(header.producer_id));
    add(tree, "batch_producer_epoch", std::to_string(header.producer_epoch));
    add(tree, "base_sequence", std::to_string(header.base_sequence));
    add(tree, "record_count", std::to_string(header.record_count));
    Tree records{.kind = Tree::Kind::list, .name = "records", .ordered = true};
    Result<size_t> count =
        record::for_each_record(batch, decompressed_max, [&](const record::RecordView& record) {
            records.parts.push_back(tree_of(record));
        });
    if (!count) records.parts.push_back(leaf("malformed"));
    tree.parts.push_back(std::move(records));
    if (!record::validate(batch.bytes, record::Origin::log)) add(tree, "invalid", "true");
    return tree;
}

}  // namespace

Bytes with_own_producer(ByteView batches, const World& world) {
    Bytes own = to_bytes(batches);
    size_t at = 0;
    while (own.size() - at >= record::header_size) {
        std::byte* batch = own.data() + at;
        auto length = load_big_endian<int32_t>(batch + record::field::batch_length);
        size_t size = record::log_overhead + size_t(std::max(length, 0));
        if (size < record::header_size || size > own.size() - at) break;
        ByteView covered(batch + record::crc_start, size - record::crc_start);
        bool was_right = load_big_endian<uint32_t>(batch + record::field::crc) == crc32c(covered);
        auto id = ProducerId{load_big_endian<int64_t>(batch + record::field::producer_id)};
        store_big_endian(batch + record::field::producer_id, raw(world.own(id)));
        if (was_right) store_big_endian(batch + record::field::crc, crc32c(covered));
        at += size;
    }
    return own;
}

Tree tree_of(ByteView batches, const World& world) {
    Tree tree{.kind = Tree::Kind::list, .ordered = true};
    record::BatchReader reader(batches);
    for (;;) {
        auto batch = reader.next();
        if (!batch || !*batch) return tree;
        tree.parts.push_back(tree_of(**batch, world));
    }
}

}  // namespace stoker::differential
