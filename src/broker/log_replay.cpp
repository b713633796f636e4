#include "broker/log_replay.hpp"

#include <spdlog/spdlog.h>

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

Result<void> replay_batches(storage::Log& log, Offset from, const VisitBatch& visit) {
    while (from < log.end_offset()) {
        auto found = log.read({.from = from, .max_bytes = read_size});
        if (!found) return fail(found.error());
        if (found->size == 0) return {};
        auto bytes = load(*found);
        if (!bytes) return fail(bytes.error());
        record::BatchReader reader(*bytes);
        for (;;) {
            auto batch = reader.next();
            if (!batch) return fail(batch.error());
            if (!*batch) break;
            // Nobody else looks at what the broker writes for itself, and a log that was closed in
            // order is not looked through. The next start is one after a crash: it sets the batch
            // aside.
            if (!record::validate((*batch)->bytes, record::Origin::log)) {
                spdlog::error("{}: the batch at offset {} is damaged.", to_string(log.partition()),
                              raw((*batch)->header.base_offset));
                return fail(ErrorCode::corrupt_message);
            }
            if (auto visited = visit(**batch); !visited) return visited;
        }
        from = found->next;
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
