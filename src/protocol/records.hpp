// The `records` field of Produce and Fetch: record batches that the codec never copies.
//
// A decoded Records is a view into the frame it came in, and is valid as long as that frame. The
// view is mutable, because the broker assigns offsets in place and appends the same bytes. In an
// answer the bytes are either borrowed the same way or external: the encoder counts them in every
// length, leaves them out, and says where they belong (Splice), so that a fetch answers slices of
// files that nobody loads.
#pragma once

#include <cstddef>
#include <optional>

#include "base/bytes.hpp"

namespace stoker::protocol {

struct Records {
    MutableByteView bytes{};
    /// Set: this many bytes are sent by someone else at the splice point, and `bytes` is not used.
    /// Zero is a splice too, so that the i-th external field is always the i-th splice.
    std::optional<size_t> external_size{};

    size_t size() const { return external_size.value_or(bytes.size()); }

    bool operator==(const Records& other) const {
        return external_size == other.external_size && equal(bytes, other.bytes);
    }
};

}  // namespace stoker::protocol
