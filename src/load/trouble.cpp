#include "load/trouble.hpp"

#include <fmt/format.h>

#include <string_view>

#include "kafka/endpoint.hpp"
#include "kafka/security.hpp"

namespace stoker::load {
namespace {

struct Advice {
    std::string_view what;
    std::string_view remedy;
};

Advice advice_for(client::Cause cause) {
    switch (cause) {
        case client::Cause::unreachable:
            return {"no broker answered",
                    "check that the servers run and that --security-protocol is theirs"};
        case client::Cause::name:
            return {"the name is not known", "check --bootstrap-servers"};
        case client::Cause::credentials:
            return {"the broker refused the user or the password",
                    "check --username, --password and --sasl-mechanism"};
        case client::Cause::untrusted:
            return {"the broker's certificate is not trusted",
                    "check --ssl-cafile and that the certificate is for this host name"};
        case client::Cause::certificate_required:
            return {"the broker refused our certificate",
                    "check --ssl-certfile and --ssl-keyfile"};
        case client::Cause::not_tls:
            return {"the server does not speak TLS here", "check --security-protocol and the port"};
        case client::Cause::permission:
            return {"the user may not do this", "check the broker's ACLs"};
    }
    return {};
}

std::string explain(const std::string& bootstrap_servers, client::Cause cause,
                    const std::string& text) {
    const Advice advice = advice_for(cause);
    return fmt::format("{}: {} ({}): {}", bootstrap_servers, advice.what, text, advice.remedy);
}

/// By the words of security/tls_context: what we say of the peer, and its alerts about us.
client::Cause cause_of_handshake(const std::string& text) {
    if (text.contains("its certificate is not accepted")) return client::Cause::untrusted;
    if (text.contains("TLS alert") &&
        (text.contains("certificate") || text.contains("unknown CA")))
        return client::Cause::certificate_required;
    if (text.contains("wrong version number")) return client::Cause::not_tls;
    return client::Cause::unreachable;
}

}  // namespace

client::Cause cause_of(const kafka::Failure& failure) {
    if (failure.is("SslAuthenticationException")) return cause_of_handshake(words_of(failure));
    if (kafka::is_authentication_failure(failure)) return client::Cause::credentials;
    switch (failure.code) {
        case ErrorCode::topic_authorization_failed:
        case ErrorCode::group_authorization_failed:
        case ErrorCode::cluster_authorization_failed:
            return client::Cause::permission;
        default:
            break;
    }
    return kafka::is_unresolved(failure) ? client::Cause::name : client::Cause::unreachable;
}

bool is_setting(const kafka::Failure& failure) {
    const bool is_wrong = failure.is("ConfigException") && !kafka::is_unresolved(failure);
    return is_wrong || (failure.cause && is_setting(*failure.cause));
}

std::string words_of(const kafka::Failure& failure) {
    std::string text = failure.text();
    if (failure.cause) text += ": " + words_of(*failure.cause);
    return text;
}

std::string explain(const std::string& bootstrap_servers, const client::Error& error) {
    return explain(bootstrap_servers, client::cause_of(error), error.text);
}

std::string explain(const std::string& bootstrap_servers, const kafka::Failure& failure) {
    return explain(bootstrap_servers, cause_of(failure), words_of(failure));
}

}  // namespace stoker::load
