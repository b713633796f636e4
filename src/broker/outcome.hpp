// A value, or Kafka's error code with a sentence for the client.
#pragma once

#include <expected>
#include <string>
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

}  // namespace stoker::broker
