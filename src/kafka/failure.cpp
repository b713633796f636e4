#include "kafka/failure.hpp"

#include <algorithm>
#include <iterator>

#include "kafka/error_table.hpp"

namespace stoker::kafka {
namespace {

constexpr std::string_view errors_package = "org.apache.kafka.common.errors.";

/// A code that we do not know is an unknown server error, as in Java.
const ErrorEntry& entry_of(ErrorCode code) {
    const auto* found = std::ranges::find(error_table, code, &ErrorEntry::code);
    return found == std::end(error_table) ? error_table[0] : *found;
}

}  // namespace

bool Failure::is(std::string_view simple_name) const {
    std::string_view name = exception;
    if (!name.ends_with(simple_name)) return false;
    name.remove_suffix(simple_name.size());
    return name.empty() || name.ends_with('.');
}

std::string Failure::to_string() const {
    return message ? exception + ": " + *message : exception;
}

std::string_view default_message(ErrorCode code) {
    return entry_of(code).message;
}

std::string exception_class(ErrorCode code) {
    return std::string(errors_package).append(entry_of(code).exception);
}

Failure failure_of(ErrorCode code, std::optional<std::string> message) {
    if (!message) message = std::string(default_message(code));
    return {.code = code, .exception = exception_class(code), .message = std::move(message)};
}

Failure client_failure(std::string_view simple_name, std::string message) {
    return {.exception = std::string(errors_package).append(simple_name),
            .message = std::move(message)};
}

Failure config_failure(std::string message) {
    return {.exception = "org.apache.kafka.common.config.ConfigException",
            .message = std::move(message)};
}

Failure kafka_exception(std::string message, std::optional<Failure> cause) {
    Failure failure{.exception = "org.apache.kafka.common.KafkaException",
                    .message = std::move(message)};
    if (cause) failure.cause = std::make_shared<const Failure>(std::move(*cause));
    return failure;
}

bool is_retriable(ErrorCode code) {
    return code != ErrorCode::none && entry_of(code).retry != Retry::no;
}

bool is_retriable(const Failure& failure) {
    return is_retriable(failure.code) || failure.is("DisconnectException") ||
           failure.is("TimeoutException");
}

bool is_authentication(const Failure& failure) {
    return failure.exception.ends_with("AuthenticationException");
}

bool is_stale_metadata(ErrorCode code) {
    return code != ErrorCode::none && entry_of(code).retry == Retry::stale_metadata;
}

}  // namespace stoker::kafka
