// A value, or Kafka's error code with a sentence for the client.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <utility>

#include "base/error_code.hpp"

namespace stoker::broker {

struct Refusal {
    ErrorCode code = ErrorCode::none;
    std::string message;  // empty: the code says it all
};
template <class T>
using Outcome = std::expected<T, Refusal>;

inline std::unexpected<Refusal> refuse(ErrorCode code, std::string message = {}) {
    return std::unexpected(Refusal{code, std::move(message)});
}

/// Kafka's sentence for INVALID_REQUEST where it has none of its own.
inline constexpr std::string_view malformed_request =
    "This most likely occurs because of a request being malformed by the client library or the "
    "message was sent to an incompatible broker. See the broker logs for more details.";

}  // namespace stoker::broker
