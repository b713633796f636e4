// Java's wrappers around a failure, which tools print as they are thrown.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "kafka/failure.hpp"

namespace stoker::cli {

inline kafka::Failure wrapped(std::string exception, kafka::Failure cause) {
    std::string message = cause.to_string();
    return {.exception = std::move(exception),
            .message = std::move(message),
            .cause = std::make_shared<const kafka::Failure>(std::move(cause))};
}

/// What Future.get() throws.
inline kafka::Failure execution_failure(kafka::Failure cause) {
    return wrapped("java.util.concurrent.ExecutionException", std::move(cause));
}

/// `throw new RuntimeException(cause)`.
inline kafka::Failure runtime_failure(kafka::Failure cause) {
    return wrapped("java.lang.RuntimeException", std::move(cause));
}

inline constexpr std::string_view illegal_argument_class = "java.lang.IllegalArgumentException";

inline kafka::Failure illegal_argument(std::string message) {
    return {.exception = std::string(illegal_argument_class), .message = std::move(message)};
}

}  // namespace stoker::cli
