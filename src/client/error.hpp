// What librdkafka answers when it cannot: its code (Kafka's when positive, its own when negative)
// and a sentence for people. Values, not exceptions, as everywhere (base/result.hpp); the code is
// librdkafka's and not ErrorCode because most client failures never were on the wire.
#pragma once

#include <librdkafka/rdkafka.h>

#include <expected>
#include <string>

namespace stoker::client {

struct Error {
    rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR_NO_ERROR;
    std::string text;
};

template <class T>
using Outcome = std::expected<T, Error>;

/// The error of `code` with librdkafka's own words for it.
Error error_of(rd_kafka_resp_err_t code);

/// The user, the password or the certificate was refused: trying again cannot help.
bool is_refusal(const Error& error);

}  // namespace stoker::client
