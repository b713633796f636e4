#include "broker/log_replay.hpp"

#include "record/builder.hpp"

namespace stoker::broker {
namespace {

constexpr size_t read_size = 1 << 20;
constexpr size_t decompressed_max = 256 << 20;

Result<Bytes> load(const storage::ReadResult& found) {
    Bytes bytes(found.size);
    size_t at = 0;
    for (const storage::FileSlice& slice : found.slices) {
        auto into = MutableByteView(bytes).subspan(at, slice.size);
        auto read = slice.file->read(slice.position, into);
        if (!read || *read != slice.size) return fail(ErrorCode::kafka_storage_error);
        at += slice.size;
    }
    return bytes;
}

}  // namespace

Result<void> replay(ByteView batches, const VisitRecord& visit) {
    record::BatchReader reader(batches);
    for (;;) {
        auto batch = reader.next();
        if (!batch) return fail(batch.error());
        if (!*batch) return {};
        if ((*batch)->header.is_control()) continue;
        auto visited = record::for_each_record(**batch, decompressed_max, visit);
        if (!visited) return fail(visited.error());
    }
}

namespace {

/// One read's batches; `from` follows them. CORRUPT_MESSAGE: the batch at `from` is damaged.
Result<void> replay_stretch(ByteView bytes, Offset& from, const VisitBatch& visit) {
    record::BatchReader reader(bytes);
    for (;;) {
        auto batch = reader.next();
        if (!batch) return fail(batch.error());
        if (!*batch) return {};
        // Nobody else looks at what the broker writes for itself, and a log that was closed in
        // order is not looked through.
        if (!record::validate((*batch)->bytes, record::Origin::log))
            return fail(ErrorCode::corrupt_message);
        if (auto visited = visit(**batch); !visited) return visited;
        from = (*batch)->header.last_offset() + 1;
    }
}

}  // namespace

Result<void> replay_batches(storage::Log& log, Offset from, const VisitBatch& visit) {
    Offset repaired{-1};
    while (from < log.end_offset()) {
        auto found = log.read({.from = from, .max_bytes = read_size});
        if (!found) return fail(found.error());
        if (found->size == 0) return {};
        auto bytes = load(*found);
        if (!bytes) return fail(bytes.error());
        auto visited = replay_stretch(*bytes, from, visit);
        if (visited) {
            from = found->next;
            continue;
        }
        if (visited.error() != ErrorCode::corrupt_message || repaired == from) return visited;
        repaired = from;
        if (auto done = log.repair(from); !done) return done;
    }
    return {};
}

std::optional<bool> ended_transaction(const record::BatchView& batch) {
    if (!batch.header.is_control()) return std::nullopt;
    std::optional<record::ControlType> type;
    const auto visited =
        record::for_each_record(batch, decompressed_max, [&](const record::RecordView& record) {
            if (record.key) type = record::control_type(*record.key);
        });
    if (!visited || !type) return std::nullopt;
    if (*type == record::ControlType::commit) return true;
    if (*type == record::ControlType::abort) return false;
    return std::nullopt;
}

Result<void> replay(storage::Log& log, Offset from, const VisitRecord& visit) {
    return replay_batches(log, from, [&](const record::BatchView& batch) {
        return replay(batch.bytes, visit);
    });
}

}  // namespace stoker::broker
