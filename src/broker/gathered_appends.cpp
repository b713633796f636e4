#include "broker/gathered_appends.hpp"

#include <utility>

#include "base/big_endian.hpp"
#include "record/batch_format.hpp"

namespace stoker::broker {

void GatheredAppends::add(ByteView batch, const storage::AppendOptions& options,
                          std::shared_ptr<AppendListener> listener, size_t ticket) {
    const auto delta = load_big_endian<int32_t>(batch.data() + record::field::last_offset_delta);
    items_.push_back({.at = bytes_.size(),
                      .size = batch.size(),
                      .offsets = int64_t{delta} + 1,
                      .listener = std::move(listener),
                      .ticket = ticket,
                      .result = {}});
    bytes_.insert(bytes_.end(), batch.begin(), batch.end());
    options_ = options;
}

void GatheredAppends::share(const Result<storage::AppendResult>& whole) {
    Offset next = whole ? whole->base_offset : Offset{};
    for (Item& item : items_) {
        item.result = whole;
        if (!whole) continue;
        item.result->base_offset = next;
        next = next + item.offsets;
        item.result->last_offset = next - 1;
    }
}

void GatheredAppends::clear() {
    items_.clear();
    bytes_.clear();
    if (items_.capacity() > items_kept) items_ = {};
    if (bytes_.capacity() > bytes_kept) bytes_ = {};
}

}  // namespace stoker::broker
