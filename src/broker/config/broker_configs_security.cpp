// The broker's configs of TLS, SASL, delegation tokens and authorisation.
#include <array>

#include "broker/config/broker_configs.hpp"

namespace stoker::broker {
namespace {

using enum ConfigType;
using enum Mutability;
using rules::any;
using rules::at_least;
using rules::between;
using rules::none;
using rules::one_of;
using rules::one_of_any_case;
using rules::plain_list;

constexpr auto table = std::to_array<ConfigDeclaration>({
    {"authorizer.class.name", string, "", read_only},
    {"delegation.token.expiry.check.interval.ms", int64, "3600000", read_only, at_least(1)},
    {"delegation.token.expiry.time.ms", int64, "86400000", read_only, at_least(1)},
    {"delegation.token.max.lifetime.ms", int64, "604800000", read_only, at_least(1)},
    {"delegation.token.secret.key", password, none, read_only},
    {"principal.builder.class", class_name,
     "org.apache.kafka.common.security.authenticator.DefaultKafkaPrincipalBuilder",
     per_broker},
    {"sasl.client.callback.handler.class", class_name, none, read_only},
    {"sasl.enabled.mechanisms", list, "GSSAPI", per_broker, plain_list,
     "The SASL mechanisms of a listener: PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, OAUTHBEARER."},
    {"sasl.jaas.config", password, none, per_broker, any,
     "For one listener and mechanism: the login module, and users as user_NAME=PASSWORD."},
    {"sasl.kerberos.kinit.cmd", string, "/usr/bin/kinit", per_broker},
    {"sasl.kerberos.min.time.before.relogin", int64, "60000", per_broker},
    {"sasl.kerberos.principal.to.local.rules", list, "DEFAULT", per_broker, plain_list},
    {"sasl.kerberos.service.name", string, none, per_broker},
    {"sasl.kerberos.ticket.renew.jitter", real, "0.05", per_broker},
    {"sasl.kerberos.ticket.renew.window.factor", real, "0.8", per_broker},
    {"sasl.login.callback.handler.class", class_name, none, read_only},
    {"sasl.login.class", class_name, none, read_only},
    {"sasl.login.connect.timeout.ms", int32, none, read_only},
    {"sasl.login.read.timeout.ms", int32, none, read_only},
    {"sasl.login.refresh.buffer.seconds", int16, "300", per_broker},
    {"sasl.login.refresh.min.period.seconds", int16, "60", per_broker},
    {"sasl.login.refresh.window.factor", real, "0.8", per_broker},
    {"sasl.login.refresh.window.jitter", real, "0.05", per_broker},
    {"sasl.login.retry.backoff.max.ms", int64, "10000", read_only},
    {"sasl.login.retry.backoff.ms", int64, "100", read_only},
    {"sasl.mechanism.controller.protocol", string, "GSSAPI", read_only},
    {"sasl.mechanism.inter.broker.protocol", string, "GSSAPI", per_broker},
    {"sasl.oauthbearer.assertion.algorithm", string, "RS256", read_only,
     one_of_any_case("ES256, RS256")},
    {"sasl.oauthbearer.assertion.claim.aud", string, none, read_only},
    {"sasl.oauthbearer.assertion.claim.exp.seconds", int32, "300", read_only, between(0, 86400)},
    {"sasl.oauthbearer.assertion.claim.iss", string, none, read_only},
    {"sasl.oauthbearer.assertion.claim.jti.include", boolean, "false", read_only},
    {"sasl.oauthbearer.assertion.claim.nbf.seconds", int32, "60", read_only, between(0, 3600)},
    {"sasl.oauthbearer.assertion.claim.sub", string, none, read_only},
    {"sasl.oauthbearer.assertion.file", string, none, read_only},
    {"sasl.oauthbearer.assertion.private.key.file", string, none, read_only},
    {"sasl.oauthbearer.assertion.private.key.passphrase", password, none, read_only},
    {"sasl.oauthbearer.assertion.template.file", string, none, read_only},
    {"sasl.oauthbearer.client.credentials.client.id", string, none, read_only},
    {"sasl.oauthbearer.client.credentials.client.secret", password, none, read_only},
    {"sasl.oauthbearer.clock.skew.seconds", int32, "30", read_only, any,
     "How far the clock of who issues tokens may be off."},
    {"sasl.oauthbearer.expected.audience", list, "", read_only, plain_list,
     "A token must be for one of them."},
    {"sasl.oauthbearer.expected.issuer", string, none, read_only, any,
     "A token must be from it."},
    {"sasl.oauthbearer.jwks.endpoint.refresh.ms", int64, "3600000", read_only, any,
     "After how long the key set is looked at again, at the latest."},
    {"sasl.oauthbearer.jwks.endpoint.retry.backoff.max.ms", int64, "10000", read_only},
    {"sasl.oauthbearer.jwks.endpoint.retry.backoff.ms", int64, "100", read_only},
    {"sasl.oauthbearer.jwks.endpoint.url", string, none, read_only, any,
     "The key set that tokens are verified with: a file:/// URL."},
    {"sasl.oauthbearer.jwt.retriever.class", class_name,
     "org.apache.kafka.common.security.oauthbearer.DefaultJwtRetriever",
     read_only},
    {"sasl.oauthbearer.jwt.validator.class", class_name,
     "org.apache.kafka.common.security.oauthbearer.DefaultJwtValidator",
     read_only},
    {"sasl.oauthbearer.scope", string, none, read_only},
    {"sasl.oauthbearer.scope.claim.name", string, "scope", read_only, any,
     "The claim that holds a token's scopes."},
    {"sasl.oauthbearer.sub.claim.name", string, "sub", read_only, any,
     "The claim that holds the user's name."},
    {"sasl.oauthbearer.token.endpoint.url", string, none, read_only},
    {"sasl.server.callback.handler.class", class_name, none, read_only},
    {"sasl.server.max.receive.size", int32, "524288", read_only, any,
     "The largest token of a SASL exchange; unset, a stranger may send 64 KiB."},
    {"security.inter.broker.protocol", string, "PLAINTEXT", read_only,
     one_of("PLAINTEXT, SSL, SASL_PLAINTEXT, SASL_SSL")},
    {"security.providers", string, none, read_only},
    {"ssl.allow.dn.changes", boolean, "false", read_only},
    {"ssl.allow.san.changes", boolean, "false", read_only},
    {"ssl.cipher.suites", list, "", per_broker, plain_list},
    {"ssl.client.auth", string, "none", per_broker, one_of("required, requested, none")},
    {"ssl.enabled.protocols", list, "TLSv1.2,TLSv1.3", per_broker, plain_list},
    {"ssl.endpoint.identification.algorithm", string, "https", per_broker},
    {"ssl.engine.factory.class", class_name, none, per_broker},
    {"ssl.key.password", password, none, per_broker},
    {"ssl.keymanager.algorithm", string, "SunX509", per_broker},
    {"ssl.keystore.certificate.chain", password, none, per_broker},
    {"ssl.keystore.key", password, none, per_broker},
    {"ssl.keystore.location", string, none, per_broker},
    {"ssl.keystore.password", password, none, per_broker},
    {"ssl.keystore.type", string, "JKS", per_broker},
    {"ssl.principal.mapping.rules", string, "DEFAULT", read_only},
    {"ssl.protocol", string, "TLSv1.3", per_broker},
    {"ssl.provider", string, none, per_broker},
    {"ssl.secure.random.implementation", string, none, per_broker},
    {"ssl.trustmanager.algorithm", string, "PKIX", per_broker},
    {"ssl.truststore.certificates", password, none, per_broker},
    {"ssl.truststore.location", string, none, per_broker},
    {"ssl.truststore.password", password, none, per_broker},
    {"ssl.truststore.type", string, "JKS", per_broker},
});

}  // namespace

std::span<const ConfigDeclaration> security_configs() { return table; }

}  // namespace stoker::broker
