// Expected outcomes are values: a Result is the thing asked for or Kafka's own error code.
// What no caller nearby can mend is an exception instead; a broken invariant aborts (check.hpp).
#pragma once

#include <expected>

#include "base/error_code.hpp"

namespace stoker {

template <class T>
using Result = std::expected<T, ErrorCode>;

/// `return fail(ErrorCode::corrupt_message);`
inline std::unexpected<ErrorCode> fail(ErrorCode code) {
    return std::unexpected(code);
}

}  // namespace stoker
