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

/// Why a cluster cannot be used, as far as librdkafka's words tell.
enum class Cause {
    unreachable,           ///< nobody answered, or not in time
    name,                  ///< the host name is not known
    credentials,           ///< user, password or mechanism were refused
    untrusted,             ///< the broker's certificate was refused here
    certificate_required,  ///< ours was refused there, or there was none
    not_tls,               ///< one side speaks TLS and the other does not
    permission,            ///< the user may not do this
};
Cause cause_of(const Error& error);

/// The user, the password or a certificate was refused: trying again cannot help.
bool is_refusal(Cause cause);
inline bool is_refusal(const Error& error) { return is_refusal(cause_of(error)); }

}  // namespace stoker::client
