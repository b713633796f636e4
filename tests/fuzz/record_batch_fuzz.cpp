// Feeds any bytes to the readers of record batches as a Produce request or a damaged segment would.
#include <cstdint>
#include <cstdlib>

#include "base/big_endian.hpp"
#include "base/crc32c.hpp"
#include "record/batch.hpp"

namespace stoker::record {
namespace {

constexpr size_t decompressed_max = 1 << 20;

/// Reads every byte that the records show, so that the sanitizers see what the views cover.
uint32_t touch(const RecordView& record) {
    uint32_t sum = 0;
    if (record.key) sum += crc32c(*record.key);
    if (record.value) sum += crc32c(*record.value);
    for (const HeaderView& header : record.headers) {
        sum += crc32c(bytes_of(header.key));
        if (header.value) sum += crc32c(*header.value);
    }
    return sum;
}

void read_all(const BatchView& batch) {
    uint32_t sum = 0;
    auto count = for_each_record(batch, decompressed_max,
                                 [&](const RecordView& record) { sum += touch(record); });
    if (count && *count != size_t(batch.header.record_count)) std::abort();
    auto max = max_timestamp_record(batch, decompressed_max);
    if (max.has_value() != count.has_value()) std::abort();
    if (max && *count > 0) {
        auto found = first_record_at_or_after(batch, max->timestamp, decompressed_max);
        if (!found || !*found || (*found)->offset != max->offset) std::abort();
    }
}

}  // namespace
}  // namespace stoker::record

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace stoker;
    using namespace stoker::record;
    Bytes input = to_bytes(std::as_bytes(std::span(data, size)));
    BatchReader reader(input);
    for (;;) {
        Result<std::optional<BatchView>> batch = reader.next();
        if (!batch || !*batch) break;
        // With a checksum that is right, so that the checks behind it are reached as well.
        Bytes copy = to_bytes((*batch)->bytes);
        store_big_endian(copy.data() + field::crc, crc32c(ByteView(copy).subspan(crc_start)));
        for (Origin origin : {Origin::client, Origin::log}) {
            Result<BatchHeader> header = validate(copy, origin);
            if (header && header->size() != copy.size()) std::abort();
        }
        read_all(**batch);
        set_log_append_time(copy, 1);
        assign_offsets(copy, Offset{5}, LeaderEpoch{1});
        if (parse_header(copy)->base_offset != Offset{5}) std::abort();
    }
    return 0;
}
