// What Java's clients throw, as a value. The tools print the class and the text of an exception, so
// both travel with every failure.
#pragma once

#include <expected>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "base/error_code.hpp"

namespace stoker::kafka {

struct Failure {
    /// none where Java has an exception for which the protocol has no code.
    ErrorCode code = ErrorCode::none;
    /// The full name of Java's class, "org.apache.kafka.common.errors.TopicExistsException".
    std::string exception;
    /// Nothing is Java's null.
    std::optional<std::string> message;
    std::shared_ptr<const Failure> cause{};

    /// Whether the last part of the class' name is this.
    bool is(std::string_view simple_name) const;
    /// Throwable.toString(): "class: message", or the class alone.
    std::string to_string() const;
    /// Throwable.getMessage() as Java's string concatenation shows it.
    std::string text() const { return message.value_or("null"); }
};

template <class T>
using Outcome = std::expected<T, Failure>;

/// Java's exception for an error code of the broker, with the broker's own text if it sent one
/// (ApiError.exception).
Failure failure_of(ErrorCode code, std::optional<std::string> message = std::nullopt);
/// An exception of org.apache.kafka.common.errors by its simple name.
Failure client_failure(std::string_view simple_name, std::string message);
/// org.apache.kafka.common.config.ConfigException.
Failure config_failure(std::string message);
Failure kafka_exception(std::string message, std::optional<Failure> cause = std::nullopt);

/// What Java's RetriableException marks: asking again may help.
bool is_retriable(ErrorCode code);
bool is_retriable(const Failure& failure);
/// Who one side says it is was refused: Java's AuthenticationException, which ends what was asked.
bool is_authentication(const Failure& failure);
/// What a client answers by fetching metadata again (InvalidMetadataException).
bool is_stale_metadata(ErrorCode code);
/// The text of org.apache.kafka.common.protocol.Errors.
std::string_view default_message(ErrorCode code);
/// Java's class for the code, in full.
std::string exception_class(ErrorCode code);

/// A failure that ends the whole command; caught where a tool ends.
class KafkaException : public std::runtime_error {
public:
    explicit KafkaException(Failure why) : std::runtime_error(why.to_string()), why_(why) {}
    const Failure& failure() const { return why_; }

private:
    Failure why_;
};

template <class T>
T value_or_throw(Outcome<T> outcome) {
    if (!outcome) throw KafkaException(std::move(outcome.error()));
    if constexpr (!std::is_void_v<T>) return std::move(*outcome);
}

inline std::unexpected<Failure> failed(Failure failure) {
    return std::unexpected(std::move(failure));
}

}  // namespace stoker::kafka
