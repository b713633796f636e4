// What must hold for any bytes in the small files of a partition: they are refused, or read and
// written again as the same.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "base/big_endian.hpp"
#include "base/bytes.hpp"
#include "base/check.hpp"
#include "base/crc32c.hpp"
#include "storage/checkpoint_file.hpp"
#include "storage/leader_epoch_checkpoint.hpp"
#include "storage/memory_disk.hpp"
#include "storage/producer_snapshot.hpp"
#include "storage/transaction_index.hpp"

namespace stoker::storage {

/// The same bytes as a snapshot that has the checksum that it should have.
inline bool check_snapshot(ByteView input) {
    constexpr size_t crc_at = sizeof(int16_t);
    constexpr size_t crc_start = crc_at + sizeof(uint32_t);
    if (input.size() < crc_start) return false;
    Bytes bytes = to_bytes(input);
    store_big_endian(bytes.data() + crc_at, crc32c(ByteView(bytes).subspan(crc_start)));
    auto entries = decode_producer_snapshot(bytes);
    if (!entries) return false;
    auto again = decode_producer_snapshot(encode_producer_snapshot(*entries));
    STOKER_CHECK(again && *again == *entries, "a snapshot is read as it was written");
    return true;
}

/// The same bytes as each of the small files of a partition.
inline bool check_state_file(ByteView input) {
    bool read = check_snapshot(input);
    MemoryDisk disk;
    auto file = disk.open("/f", OpenMode::create).value();
    STOKER_CHECK(file->write(0, input), "memory takes what is written");
    auto size = int64_t(input.size());
    if (is_plausible_transaction_index(*file, size, Offset{0}, Offset{1'000'000}).value()) {
        auto all = find_aborted_transactions(*file, size, Offset{0}, Offset{1'000'000}, true);
        STOKER_CHECK(all && all->found.size() <= input.size() / aborted_transaction_size,
                     "an index has no more than its size says");
        read = true;
    }
    (void)find_aborted_transactions(*file, size, Offset{50}, Offset{60}, true);
    if (auto entries = read_offset_checkpoint(disk, "/f")) {
        STOKER_CHECK(write_offset_checkpoint(disk, "/g", *entries), "memory takes a checkpoint");
        STOKER_CHECK(read_offset_checkpoint(disk, "/g").value() == *entries,
                     "a checkpoint is read as it was written");
        read = true;
    }
    if (auto epochs = read_leader_epochs(disk, "/f")) {
        STOKER_CHECK(write_leader_epochs(disk, "/g", *epochs), "memory takes a checkpoint");
        auto again = read_leader_epochs(disk, "/g").value();
        STOKER_CHECK(std::ranges::equal(again.entries(), epochs->entries()),
                     "leader epochs are read as they were written");
        read = true;
    }
    return read;
}

}  // namespace stoker::storage
