#include "client/error.hpp"

namespace stoker::client {
namespace {

/// librdkafka has one code for everything about TLS; OpenSSL's words tell it apart.
Cause cause_of_tls(const std::string& text) {
    const auto says = [&](const char* words) { return text.find(words) != std::string::npos; };
    if (says("certificate verify failed")) return Cause::untrusted;
    // Alerts: the other side's words about us.
    if (says("certificate") || says("unknown ca")) return Cause::certificate_required;
    if (says("wrong version number")) return Cause::not_tls;
    return Cause::unreachable;
}

}  // namespace

Error error_of(rd_kafka_resp_err_t code) {
    return {code, rd_kafka_err2str(code)};
}

Cause cause_of(const Error& error) {
    switch (error.code) {
        case RD_KAFKA_RESP_ERR__AUTHENTICATION:
        case RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED:
        case RD_KAFKA_RESP_ERR_UNSUPPORTED_SASL_MECHANISM:
            return Cause::credentials;
        case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
        case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
        case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
            return Cause::permission;
        case RD_KAFKA_RESP_ERR__RESOLVE:
            return Cause::name;
        case RD_KAFKA_RESP_ERR__SSL:
            return cause_of_tls(error.text);
        case RD_KAFKA_RESP_ERR__TRANSPORT:
            // In TLS 1.3 our certificate is refused after our side of the handshake is over.
            if (error.text.find("SSL routines") == std::string::npos) return Cause::unreachable;
            return cause_of_tls(error.text);
        default:
            return Cause::unreachable;
    }
}

bool is_refusal(Cause cause) {
    switch (cause) {
        case Cause::credentials:
        case Cause::permission:
        case Cause::untrusted:
        case Cause::certificate_required:
        case Cause::not_tls:
            return true;
        case Cause::unreachable:
        case Cause::name:
            return false;
    }
    return false;
}

}  // namespace stoker::client
