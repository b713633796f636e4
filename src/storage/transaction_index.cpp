#include "storage/transaction_index.hpp"

#include <algorithm>

#include "base/big_endian.hpp"
#include "storage/disk_error.hpp"

namespace stoker::storage {

namespace {

constexpr int16_t version = 0;
constexpr int64_t entry_size = aborted_transaction_size;

/// Where each field of an entry starts.
namespace at {
constexpr size_t producer = 2;
constexpr size_t first = 10;
constexpr size_t last = 18;
constexpr size_t last_stable = 26;
}  // namespace at

void encode(const AbortedTransaction& transaction, std::byte* to) {
    store_big_endian(to, version);
    store_big_endian(to + at::producer, raw(transaction.producer));
    store_big_endian(to + at::first, raw(transaction.first));
    store_big_endian(to + at::last, raw(transaction.last));
    store_big_endian(to + at::last_stable, raw(transaction.last_stable));
}

AbortedTransaction decode(const std::byte* from) {
    return {.producer = ProducerId{load_big_endian<int64_t>(from + at::producer)},
            .first = Offset{load_big_endian<int64_t>(from + at::first)},
            .last = Offset{load_big_endian<int64_t>(from + at::last)},
            .last_stable = Offset{load_big_endian<int64_t>(from + at::last_stable)}};
}

/// Entries of a file, read some hundred at a time.
class Entries {
public:
    Entries(File& file, int64_t size, bool may_block)
        : file_(file), count_(size / entry_size), may_block_(may_block) {}

    int64_t count() const { return count_; }

    /// The bytes of one entry, valid until the next call.
    DiskResult<const std::byte*> at(int64_t index) {
        if (index < start_ || index >= start_ + loaded_) {
            if (const auto done = load(index); !done) return std::unexpected(done.error());
        }
        return buffer_.data() + (index - start_) * entry_size;
    }

private:
    static constexpr int64_t loaded_max = 256;

    DiskResult<void> load(int64_t index) {
        const int64_t wanted = std::min(loaded_max, count_ - index);
        buffer_.resize(size_t(wanted * entry_size));
        const auto got = may_block_ ? file_.read(index * entry_size, buffer_)
                                    : file_.read_cached(index * entry_size, buffer_);
        if (!got) return std::unexpected(got.error());
        if (*got < buffer_.size()) return malformed_file("a transaction index", "is cut short");
        start_ = index;
        loaded_ = wanted;
        return {};
    }

    File& file_;
    const int64_t count_;
    const bool may_block_;
    Bytes buffer_;
    int64_t start_ = 0;
    int64_t loaded_ = 0;
};

/// The first entry whose marker is at `offset` or behind it.
DiskResult<int64_t> first_ending_at(Entries& entries, Offset offset) {
    int64_t low = 0;
    int64_t high = entries.count();
    while (low < high) {
        const int64_t middle = low + (high - low) / 2;
        const auto entry = entries.at(middle);
        if (!entry) return std::unexpected(entry.error());
        if (decode(*entry).last < offset) low = middle + 1;
        else high = middle;
    }
    return low;
}

}  // namespace

Bytes encode_aborted_transactions(std::span<const AbortedTransaction> transactions) {
    Bytes bytes(transactions.size() * aborted_transaction_size);
    std::byte* to = bytes.data();
    for (const AbortedTransaction& transaction : transactions) {
        encode(transaction, to);
        to += aborted_transaction_size;
    }
    return bytes;
}

DiskResult<bool> is_plausible_transaction_index(File& file, int64_t size, Offset base,
                                                Offset end) {
    if (size % entry_size != 0) return false;
    Entries entries(file, size, true);
    Offset previous = base - 1;
    Offset stable{0};
    for (int64_t i = 0; i < entries.count(); ++i) {
        const auto entry = entries.at(i);
        if (!entry) return std::unexpected(entry.error());
        if (load_big_endian<int16_t>(*entry) != version) return false;
        const AbortedTransaction found = decode(*entry);
        const bool in_order = found.last > previous && found.last_stable >= stable;
        const bool in_place = found.first >= Offset{0} && found.first < found.last &&
                              found.last < end && found.last_stable <= found.last + 1;
        if (!in_order || !in_place || raw(found.producer) < 0) return false;
        previous = found.last;
        stable = found.last_stable;
    }
    return true;
}

DiskResult<AbortedSearch> find_aborted_transactions(File& file, int64_t size, Offset from,
                                                    Offset up_to, bool may_block) {
    Entries entries(file, size, may_block);
    AbortedSearch search;
    const auto first = first_ending_at(entries, from);
    if (!first) return std::unexpected(first.error());
    for (int64_t i = *first; i < entries.count(); ++i) {
        const auto entry = entries.at(i);
        if (!entry) return std::unexpected(entry.error());
        const AbortedTransaction transaction = decode(*entry);
        if (transaction.first < up_to) search.found.push_back(transaction);
        // Whatever was still open then began behind the end of what is read.
        search.complete = transaction.last_stable >= up_to;
        if (search.complete) break;
    }
    return search;
}

}  // namespace stoker::storage
