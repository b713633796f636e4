#include "broker/authentication/sasl_settings.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include "broker/config/config_value.hpp"
#include "security/jwks_file.hpp"

namespace stoker::broker {
namespace {

using security::LoginModule;

struct Known {
    std::string_view name;
    Mechanism mechanism;
    LoginModule module;
    std::string_view example;  // of a JAAS entry
};
constexpr std::string_view scram_example =
    "org.apache.kafka.common.security.scram.ScramLoginModule required;";
constexpr auto known = std::to_array<Known>({
    {"PLAIN", Mechanism::plain, LoginModule::plain,
     "org.apache.kafka.common.security.plain.PlainLoginModule required user_alice=\"…\";"},
    {"SCRAM-SHA-256", Mechanism::scram_sha_256, LoginModule::scram, scram_example},
    {"SCRAM-SHA-512", Mechanism::scram_sha_512, LoginModule::scram, scram_example},
    {"OAUTHBEARER", Mechanism::oauthbearer, LoginModule::oauthbearer,
     "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required;"},
});
constexpr std::string_view validator = ".OAuthBearerValidatorCallbackHandler";

std::unexpected<std::string> wrong(std::string sentence) {
    return std::unexpected(std::move(sentence));
}

std::string lower(std::string_view text) {
    std::string result(text);
    std::ranges::transform(result, result.begin(), [](unsigned char c) {
        return char(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
    });
    return result;
}

/// Reads settings of one mechanism of one listener, the nearest first.
class Reader {
public:
    Reader(const ConfigStore& configs, std::string listener, const Known& mechanism)
        : configs_(configs), listener_(std::move(listener)), prefix_(lower(mechanism.name) + ".") {}

    std::optional<std::string> text(std::string_view name) const {
        if (auto own = configs_.only_listener_text(listener_, prefix_ + std::string(name)))
            return own;
        return configs_.listener_text(listener_, name);
    }
    int64_t integer(std::string_view name) const {
        return parse_integer<int64_t>(trimmed(text(name).value_or(""))).value_or(0);
    }
    std::optional<std::string> jaas() const {
        return configs_.only_listener_text(listener_, prefix_ + "sasl.jaas.config");
    }
    std::string full_name(std::string_view name) const {
        return "listener.name." + lower(listener_) + "." + prefix_ + std::string(name);
    }

private:
    const ConfigStore& configs_;
    std::string listener_;
    std::string prefix_;
};

std::expected<void, std::string> read_oauthbearer(const Reader& reader,
                                                  MechanismSettings& settings) {
    constexpr std::string_view url_name = "sasl.oauthbearer.jwks.endpoint.url";
    std::string url(trimmed(reader.text(url_name).value_or("")));
    if (url.empty())
        return wrong("OAUTHBEARER needs " + std::string(url_name) +
                     "=file:///…, the JSON file with the public keys (JWKS) of who issues the "
                     "tokens: without it Apache Kafka takes unsigned tokens, and Stoker takes "
                     "none.");
    auto path = security::path_in_file_url(url);
    if (!path)
        return wrong(std::string(url_name) +
                     " must be a file:/// URL: Stoker fetches nothing over the network. Save the "
                     "key set into a file, and write it anew when keys change.");
    settings.jwks_path = std::move(*path);
    settings.jwks_refresh_ms = reader.integer("sasl.oauthbearer.jwks.endpoint.refresh.ms");
    settings.jwt.audiences =
        split_list(reader.text("sasl.oauthbearer.expected.audience").value_or(""));
    settings.jwt.issuer = reader.text("sasl.oauthbearer.expected.issuer");
    settings.jwt.clock_skew_s = reader.integer("sasl.oauthbearer.clock.skew.seconds");
    settings.jwt.subject_claim = trimmed(*reader.text("sasl.oauthbearer.sub.claim.name"));
    settings.jwt.scope_claim = trimmed(*reader.text("sasl.oauthbearer.scope.claim.name"));
    if (settings.jwt.subject_claim.empty() || settings.jwt.scope_claim.empty())
        return wrong("sasl.oauthbearer.sub.claim.name and sasl.oauthbearer.scope.claim.name must "
                     "not be empty.");
    if (settings.jwt.clock_skew_s < 0)
        return wrong("sasl.oauthbearer.clock.skew.seconds must not be negative.");
    return {};
}

std::expected<MechanismSettings, std::string> read_mechanism(const ConfigStore& configs,
                                                             const Listener& listener,
                                                             const Known& mechanism) {
    Reader reader(configs, listener.name, mechanism);
    MechanismSettings settings{.mechanism = mechanism.mechanism,
                               .name = std::string(mechanism.name)};
    const std::string property = reader.full_name("sasl.jaas.config");
    auto text = reader.jaas();
    if (!text)
        return wrong(property + " is not set: " + settings.name + " is enabled on listener " +
                     listener.name + " and needs a JAAS entry, such as " +
                     std::string(mechanism.example));
    auto entry = security::parse_jaas(*text);
    if (!entry) return wrong(property + ": " + entry.error() + ".");
    if (entry->module != mechanism.module)
        return wrong(property + ": its login module is of another mechanism; " + settings.name +
                     " has " + std::string(mechanism.example));
    settings.jaas = std::move(*entry);
    settings.reauthentication_ms_max = reader.integer("connections.max.reauth.ms");
    std::string handler = reader.text("sasl.server.callback.handler.class").value_or("");
    bool oauthbearer = mechanism.mechanism == Mechanism::oauthbearer;
    if (!handler.empty() && !(oauthbearer && handler.ends_with(validator)))
        return wrong(reader.full_name("sasl.server.callback.handler.class") +
                     " cannot be honoured: Stoker cannot load Java classes.");
    if (oauthbearer)
        if (auto fine = read_oauthbearer(reader, settings); !fine) return wrong(fine.error());
    return settings;
}

std::expected<SaslListener, std::string> read_listener(const ConfigStore& configs,
                                                       const Listener& listener) {
    constexpr std::string_view property = "sasl.enabled.mechanisms";
    SaslListener read{.name = listener.name, .protocol = listener.protocol};
    for (const std::string& name :
         split_list(configs.listener_text(listener.name, property).value_or(""))) {
        auto found = std::ranges::find(known, name, &Known::name);
        if (found == known.end())
            return wrong("listener.name." + lower(listener.name) + "." + std::string(property) +
                         ": " + name +
                         " is not supported: name some of PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 and "
                         "OAUTHBEARER.");
        if (read.find(name) != nullptr) continue;
        auto settings = read_mechanism(configs, listener, *found);
        if (!settings) return wrong(settings.error());
        read.mechanisms.push_back(std::move(*settings));
    }
    if (read.mechanisms.empty())
        return wrong("No SASL mechanisms are enabled on listener " + listener.name + ": set " +
                     std::string(property) +
                     " to some of PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 and OAUTHBEARER.");
    read.token_size_max =
        parse_integer<int32_t>(
            trimmed(configs.listener_text(listener.name, "sasl.server.max.receive.size")
                        .value_or("")))
            .value_or(0);
    return read;
}

}  // namespace

const MechanismSettings* SaslListener::find(std::string_view mechanism) const {
    auto found = std::ranges::find(mechanisms, mechanism, &MechanismSettings::name);
    return found == mechanisms.end() ? nullptr : &*found;
}

std::expected<std::vector<SaslListener>, std::string> read_sasl(const ConfigStore& configs,
                                                                const Listeners& listeners) {
    std::vector<SaslListener> read;
    for (const Listener& listener : listeners.opened) {
        if (!security::uses_sasl(listener.protocol)) continue;
        auto settings = read_listener(configs, listener);
        if (!settings) return wrong(settings.error());
        read.push_back(std::move(*settings));
    }
    return read;
}

std::optional<std::string> sends_secrets_readable(const std::vector<SaslListener>& listeners) {
    for (const SaslListener& listener : listeners) {
        if (security::uses_tls(listener.protocol)) continue;
        for (const MechanismSettings& mechanism : listener.mechanisms) {
            bool plain = mechanism.mechanism == Mechanism::plain;
            if (!plain && mechanism.mechanism != Mechanism::oauthbearer) continue;
            return "Listener " + listener.name + " has no TLS, and " + mechanism.name +
                   " would send " + (plain ? "passwords" : "tokens") +
                   " that everybody on the way can read: make it SASL_SSL, enable SCRAM-SHA-256 "
                   "instead, or say --insecure.";
        }
    }
    return std::nullopt;
}

}  // namespace stoker::broker
