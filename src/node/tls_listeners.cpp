#include "node/tls_listeners.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>

#include <algorithm>
#include <cctype>
#include <functional>
#include <optional>
#include <string_view>
#include <utility>

#include "broker/config/config_value.hpp"

namespace stoker::node {
namespace {

using broker::ConfigStore;
using security::TlsContext;
using security::TlsSettings;

std::string stamp(const std::optional<std::string>& path) {
    struct stat file {};
    if (!path) return "-";
    if (::stat(path->c_str(), &file) != 0) return *path + " missing";
    return fmt::format("{} {} {} {} {}", *path, file.st_ino, file.st_size, file.st_mtim.tv_sec,
                       file.st_mtim.tv_nsec);
}

/// Changes when the outcome of reading the settings may change. Secrets count by their hash.
std::string state_of(const TlsSettings& settings) {
    const auto secret = [](const std::optional<std::string>& text) {
        return text ? fmt::format("{}", std::hash<std::string>{}(*text)) : std::string("-");
    };
    const auto& keys = settings.key_store;
    const auto& trust = settings.trust_store;
    return fmt::format("{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}", keys.type,
                       stamp(keys.location), secret(keys.password), secret(keys.key_password),
                       secret(keys.certificate_chain), secret(keys.key), trust.type,
                       stamp(trust.location), secret(trust.password), secret(trust.certificates),
                       fmt::join(settings.enabled_protocols, ","), settings.protocol,
                       fmt::join(settings.cipher_suites, ","), int(settings.client_auth));
}

void report(const broker::Listener& listener, const TlsContext& context, std::string_view what) {
    spdlog::info("Listener {} {} the certificate {}.", listener.name, what, context.certificate());
    for (const std::string& warning : context.warnings())
        spdlog::warn("Listener {}: {}", listener.name, warning);
}

std::string sentence(const broker::Listener& listener, const std::string& why) {
    return fmt::format("Listener {} needs TLS. {}", listener.name, why);
}

/// Text that differs in the case of its letters only is the same name, as in Java.
bool same_name(std::string_view a, std::string_view b) {
    return std::ranges::equal(a, b, [](unsigned char x, unsigned char y) {
        return std::tolower(x) == std::tolower(y);
    });
}

/// Why the new certificate may not take the place of the old one: it names somebody else, and
/// nobody has said that this is meant.
std::expected<void, std::string> check_names(const ConfigStore& configs,
                                             const broker::Listener& listener,
                                             const security::CertificateNames& old,
                                             const security::CertificateNames& fresh) {
    const auto allowed = [&](std::string_view name) {
        return configs.listener_text(listener.name, name) == "true";
    };
    if (!allowed("ssl.allow.dn.changes") && !same_name(old.subject, fresh.subject))
        return std::unexpected(fmt::format(
            "ssl.keystore.location: the certificate in use is of {}, the new one of {}. Where "
            "that is meant, start with ssl.allow.dn.changes=true.",
            old.subject, fresh.subject));
    if (allowed("ssl.allow.san.changes")) return {};
    for (const std::string& name : old.alternatives)
        if (!fresh.alternatives.contains(name))
            return std::unexpected(fmt::format(
                "ssl.keystore.location: the certificate in use is for {}, the new one is not. "
                "Where that is meant, start with ssl.allow.san.changes=true.",
                name));
    return {};
}

}  // namespace

TlsSettings tls_settings(const ConfigStore& configs, const broker::Listener& listener) {
    const auto get = [&](std::string_view name) {
        return configs.listener_text(listener.name, name);
    };
    TlsSettings settings;
    settings.key_store.type = get("ssl.keystore.type").value_or("JKS");
    settings.key_store.location = get("ssl.keystore.location");
    settings.key_store.password = get("ssl.keystore.password");
    settings.key_store.key_password = get("ssl.key.password");
    settings.key_store.certificate_chain = get("ssl.keystore.certificate.chain");
    settings.key_store.key = get("ssl.keystore.key");
    settings.trust_store.type = get("ssl.truststore.type").value_or("JKS");
    settings.trust_store.location = get("ssl.truststore.location");
    settings.trust_store.password = get("ssl.truststore.password");
    settings.trust_store.certificates = get("ssl.truststore.certificates");
    settings.enabled_protocols = broker::split_list(get("ssl.enabled.protocols").value_or(""));
    settings.protocol = get("ssl.protocol").value_or("TLSv1.3");
    settings.cipher_suites = broker::split_list(get("ssl.cipher.suites").value_or(""));
    settings.principal_mapping_rules = get("ssl.principal.mapping.rules").value_or("DEFAULT");
    // SASL says who a client is: beside it certificates are asked for only where the listener
    // itself says so (KIP-684).
    const bool sasl = security::uses_sasl(listener.protocol);
    const auto wish = sasl ? configs.only_listener_text(listener.name, "ssl.client.auth")
                           : get("ssl.client.auth");
    settings.client_auth = security::parse_client_auth(wish.value_or("none"));
    return settings;
}

std::expected<std::unique_ptr<TlsListeners>, std::string> TlsListeners::open(
    const ConfigStore& configs, const broker::Listeners& listeners) {
    std::unique_ptr<TlsListeners> opened(new TlsListeners(configs));
    auto watched = opened->watched_.lock();
    for (const broker::Listener& listener : listeners.opened) {
        if (!security::uses_tls(listener.protocol)) continue;
        const TlsSettings settings = tls_settings(configs, listener);
        std::string state = state_of(settings);
        auto context = TlsContext::for_server(settings);
        if (!context) return std::unexpected(sentence(listener, context.error()));
        report(listener, **context, "has");
        watched->push_back({.listener = listener,
                            .slot = std::make_shared<security::TlsSlot>(std::move(*context)),
                            .state = std::move(state)});
    }
    return opened;
}

std::shared_ptr<security::TlsSlot> TlsListeners::slot(const std::string& listener) const {
    const auto watched = watched_.lock();
    const auto found = std::ranges::find(*watched, listener, [](const Watched& one) {
        return one.listener.name;
    });
    return found == watched->end() ? nullptr : found->slot;
}

std::expected<void, std::string> TlsListeners::check(const ConfigStore& configs) const {
    const auto watched = watched_.lock();
    for (const Watched& one : *watched) {
        auto context = TlsContext::for_server(tls_settings(configs, one.listener));
        if (!context) return std::unexpected(sentence(one.listener, context.error()));
        auto fine =
            check_names(configs, one.listener, one.slot->get()->names(), (*context)->names());
        if (!fine) return std::unexpected(sentence(one.listener, fine.error()));
    }
    return {};
}

void TlsListeners::refresh() {
    const auto watched = watched_.lock();
    for (Watched& one : *watched) {
        const TlsSettings settings = tls_settings(configs_, one.listener);
        std::string state = state_of(settings);
        if (state == one.state) continue;
        one.state = std::move(state);
        auto context = TlsContext::for_server(settings);
        auto fine = context ? check_names(configs_, one.listener, one.slot->get()->names(),
                                          (*context)->names())
                            : std::unexpected(context.error());
        if (!fine) {
            spdlog::error("Listener {} keeps its certificate: {}", one.listener.name,
                          fine.error());
            continue;
        }
        report(one.listener, **context, "has now");
        one.slot->put(std::move(*context));
    }
}

}  // namespace stoker::node
