#include "client/error.hpp"

namespace stoker::client {

Error error_of(rd_kafka_resp_err_t code) {
    return {code, rd_kafka_err2str(code)};
}

bool is_refusal(const Error& error) {
    switch (error.code) {
        case RD_KAFKA_RESP_ERR__AUTHENTICATION:
        case RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED:
        case RD_KAFKA_RESP_ERR_UNSUPPORTED_SASL_MECHANISM:
        case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
        case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
        case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
            return true;
        default:
            return false;
    }
}

}  // namespace stoker::client
