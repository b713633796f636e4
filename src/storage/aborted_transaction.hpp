// An entry of a transaction index.
#pragma once

#include "base/ids.hpp"

namespace stoker::storage {

struct AbortedTransaction {
    ProducerId producer = ProducerId::none;
    Offset first{};
    /// Of the marker.
    Offset last{};
    Offset last_stable{};

    bool operator==(const AbortedTransaction&) const = default;
};

}  // namespace stoker::storage
