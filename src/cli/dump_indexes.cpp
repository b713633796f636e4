#include "cli/dump_indexes.hpp"

#include <filesystem>
#include <optional>

#include "base/big_endian.hpp"
#include "cli/admin_tool.hpp"
#include "cli/batch_file.hpp"
#include "cli/java_number.hpp"
#include "storage/producer_snapshot.hpp"

namespace stoker::cli {
namespace {

namespace fs = std::filesystem;

/// int32 offset (from the base), int32 position.
constexpr int64_t offset_entry_size = 8;
/// int64 timestamp, int32 offset (from the base).
constexpr int64_t time_entry_size = 12;
/// int16 version, int64 producer, first, last and last stable offset.
constexpr int64_t transaction_entry_size = 34;

struct IndexPoint {
    int64_t offset = 0;
    int64_t value = 0;
};

/// An index file: all of its entries, which are a few megabytes at most.
class Index {
public:
    Index(const std::string& path, int64_t entry_size)
        : path_(path), base_(base_offset_of(path)), entry_size_(entry_size) {
        const InputFile file(path);
        bytes_ = file.read_all();
    }

    int64_t base() const { return base_; }
    int64_t count() const { return static_cast<int64_t>(bytes_.size()) / entry_size_; }
    IndexPoint at(int64_t slot) const {
        const std::byte* entry = bytes_.data() + slot * entry_size_;
        if (entry_size_ == offset_entry_size) {
            return {base_ + load_big_endian<int32_t>(entry), load_big_endian<int32_t>(entry + 4)};
        }
        return {base_ + load_big_endian<int32_t>(entry + 8), load_big_endian<int64_t>(entry)};
    }
    /// Where the search for an offset starts in the segment.
    int64_t position_of(int64_t offset) const {
        int64_t position = 0;
        for (int64_t i = 0; i < count() && at(i).offset <= offset; ++i) position = at(i).value;
        return position;
    }
    void check() const {
        const int64_t size = static_cast<int64_t>(bytes_.size());
        if (count() > 0 && at(count() - 1).offset < base_) {
            throw_java("org.apache.kafka.storage.internals.log.CorruptIndexException",
                       "Corrupt index found, index file (" + absolute_path(path_) +
                           ") has non-zero size but the last offset is " +
                           std::to_string(at(count() - 1).offset) +
                           " which is less than the base offset " + std::to_string(base_));
        }
        if (size % entry_size_ == 0) return;
        throw_java("org.apache.kafka.storage.internals.log.CorruptIndexException",
                   "Corrupt index found, index file (" + absolute_path(path_) + ") has " +
                       std::to_string(size) + " bytes which is not a multiple of " +
                       std::to_string(entry_size_));
    }

private:
    std::string path_;
    int64_t base_;
    int64_t entry_size_;
    Bytes bytes_;
};

/// The file of the same segment with that ending.
std::string beside(const std::string& path, std::string_view ending) {
    const fs::path file(path);
    const std::string name = file.filename().string();
    return (file.parent_path() / (name.substr(0, name.find('.')) + std::string(ending))).string();
}

int64_t max_timestamp(const record::BatchView& batch) {
    int64_t newest = -1;
    const auto read = record::for_each_record(
        batch, decompressed_size_max,
        [&](const record::RecordView& record) { newest = std::max(newest, record.timestamp); });
    if (!read) {
        throw_java("org.apache.kafka.common.InvalidRecordException",
                   "Invalid record in the batch at offset " +
                       std::to_string(raw(batch.header.base_offset)));
    }
    return newest;
}

}  // namespace

std::string absolute_path(const std::string& path) {
    return fs::absolute(path).string();
}

int64_t base_offset_of(const std::string& path) {
    const std::string name = fs::path(path).filename().string();
    const std::string digits = name.substr(0, name.find('.'));
    const auto offset = parse_java_long(digits);
    if (!offset) throw_java("java.lang.NumberFormatException", offset.error());
    return *offset;
}

void dump_offset_index(Streams& io, const std::string& path, const IndexDump& how,
                       IndexFaults& faults) {
    (void)base_offset_of(path);
    const InputFile segment(beside(path, ".log"));
    const Index index(path, offset_entry_size);
    if (index.count() == 0) {
        io.out.line(path + " is empty.");
        return;
    }
    if (how.sanity_only) {
        index.check();
        io.out.line(path + " passed sanity check.");
        return;
    }
    for (int64_t i = 0; i < index.count(); ++i) {
        const IndexPoint entry = index.at(i);
        // A file that was made larger beforehand ends in zeros.
        if (entry.offset == index.base() && i > 0) return;
        BatchFile batches(segment, entry.value, entry.value + how.max_message_size);
        const auto batch = batches.next();
        if (!batch) throw_java("java.util.NoSuchElementException", "");
        const int64_t last = raw(batch->header.last_offset());
        if (last != entry.offset) {
            faults.offset_mismatches[absolute_path(path)][entry.offset] = last;
        }
        if (how.verify_only) continue;
        io.out.line("offset: " + std::to_string(entry.offset) +
                    " position: " + std::to_string(entry.value));
    }
}

void dump_time_index(Streams& io, const std::string& path, const IndexDump& how,
                     IndexFaults& faults) {
    (void)base_offset_of(path);
    const InputFile segment(beside(path, ".log"));
    const Index offsets(beside(path, ".index"), offset_entry_size);
    const Index times(path, time_entry_size);
    if (how.sanity_only) {
        times.check();
        io.out.line(path + " passed sanity check.");
        return;
    }
    const std::string name = absolute_path(path);
    int64_t previous = -1;
    for (int64_t i = 0; i < times.count(); ++i) {
        const IndexPoint entry = times.at(i);
        if (entry.offset == times.base() && i > 0) return;
        BatchFile batches(segment, offsets.position_of(entry.offset), segment.size());
        std::optional<record::BatchView> batch = batches.next();
        while (batch && raw(batch->header.last_offset()) < entry.offset) batch = batches.next();
        const int64_t last = batch ? raw(batch->header.last_offset()) : -1;
        if (last != entry.offset) {
            faults.not_found[name].emplace_back(entry.offset, last);
        } else {
            const int64_t newest = max_timestamp(*batch);
            if (newest != entry.value) {
                faults.timestamp_mismatches[name].emplace_back(entry.value, newest);
            }
            if (previous >= entry.value) {
                faults.out_of_order[name].emplace_back(entry.value, previous);
            }
        }
        if (!how.verify_only) {
            io.out.line("timestamp: " + std::to_string(entry.value) +
                        " offset: " + std::to_string(entry.offset));
        }
        previous = entry.value;
    }
}

void dump_producer_snapshot(Streams& io, const std::string& path) {
    const auto entries = storage::decode_producer_snapshot(InputFile(path).read_all());
    if (!entries) {
        io.err.line("Snapshot is corrupt (CRC is no longer valid), or of another version.");
        return;
    }
    for (const storage::ProducerEntry& entry : *entries) {
        const bool open = raw(entry.transaction_start) >= 0;
        std::string line =
            "producerId: " + std::to_string(raw(entry.id)) +
            " producerEpoch: " + std::to_string(entry.epoch) +
            " coordinatorEpoch: " + std::to_string(entry.coordinator_epoch) +
            " currentTxnFirstOffset: " +
            (open ? "OptionalLong[" + std::to_string(raw(entry.transaction_start)) + "]"
                  : "OptionalLong.empty") +
            " lastTimestamp: " + std::to_string(entry.last_timestamp_ms);
        if (!entry.known_batches().empty()) {
            const storage::ProducerBatch& batch = entry.known_batches().front();
            line += " firstSequence: " + std::to_string(batch.first_sequence()) +
                    " lastSequence: " + std::to_string(batch.last_sequence) +
                    " lastOffset: " + std::to_string(raw(batch.last_offset)) +
                    " offsetDelta: " + std::to_string(batch.offset_delta) +
                    " timestamp: " + std::to_string(batch.timestamp_ms);
        }
        io.out.line(line);
    }
}

void dump_transaction_index(Streams& io, const std::string& path) {
    const Bytes bytes = InputFile(path).read_all();
    for (int64_t at = 0; at + transaction_entry_size <= static_cast<int64_t>(bytes.size());
         at += transaction_entry_size) {
        const std::byte* entry = bytes.data() + at;
        const auto number = [&](int64_t place) {
            return std::to_string(load_big_endian<int64_t>(entry + place));
        };
        io.out.line("version: " + std::to_string(load_big_endian<int16_t>(entry)) +
                    " producerId: " + number(2) + " firstOffset: " + number(10) +
                    " lastOffset: " + number(18) + " lastStableOffset: " + number(26));
    }
}

void print_offset_mismatches(Streams& io, const IndexFaults& faults) {
    for (const auto& [path, pairs] : faults.offset_mismatches) {
        io.err.line("Mismatches in :" + path);
        for (auto pair = pairs.rbegin(); pair != pairs.rend(); ++pair) {
            io.err.line("  Index offset: " + std::to_string(pair->first) +
                        ", log offset: " + std::to_string(pair->second));
        }
    }
}

void print_time_faults(Streams& io, const IndexFaults& faults) {
    const auto print = [&](const auto& files, std::string_view title, std::string_view first,
                           std::string_view second) {
        for (const auto& [path, pairs] : files) {
            io.err.line(std::string(title) + path);
            for (const auto& [a, b] : pairs) {
                io.err.line(std::string(first) + std::to_string(a) + std::string(second) +
                            std::to_string(b));
            }
        }
    };
    print(faults.timestamp_mismatches,
          "Found timestamp mismatch in :", "  Index timestamp: ", ", log timestamp: ");
    print(faults.out_of_order, "Found out of order timestamp in :", "  Index timestamp: ",
          ", Previously indexed timestamp: ");
    print(faults.not_found, "The following indexed offsets are not found in :", "Indexed offset: ",
          ", found log offset: ");
}

}  // namespace stoker::cli
