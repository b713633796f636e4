// The TLS of a node's listeners: made from the configuration, watched while it runs.
//
// New key stores are taken when a file changes (asked twice a second, by its attributes) and when
// AlterConfigs sets a listener's ssl.* configs. Sessions go on with what they began with. A store
// that cannot be read, or whose certificate names somebody else (ssl.allow.dn.changes,
// ssl.allow.san.changes), leaves the old one in use, with a line in the log.
#pragma once

#include <expected>
#include <memory>
#include <string>
#include <vector>

#include "base/guarded.hpp"
#include "broker/config/config_store.hpp"
#include "broker/config/listeners.hpp"
#include "security/tls_context.hpp"

namespace stoker::node {

/// What the configs say for the listener of that name.
security::TlsSettings tls_settings(const broker::ConfigStore& configs,
                                   const broker::Listener& listener);

/// Any thread.
class TlsListeners {
public:
    /// `configs` outlives it. The error is a sentence that names the listener and the property.
    static std::expected<std::unique_ptr<TlsListeners>, std::string> open(
        const broker::ConfigStore& configs, const broker::Listeners& listeners);

    /// Null for a listener without TLS.
    std::shared_ptr<security::TlsSlot> slot(const std::string& listener) const;
    /// Would these settings do? The error is a sentence.
    std::expected<void, std::string> check(const broker::ConfigStore& configs) const;
    /// Looks whether settings or files are others than the last time, and takes what is new.
    void refresh();

private:
    struct Watched {
        broker::Listener listener;
        std::shared_ptr<security::TlsSlot> slot;
        std::string state;  // settings and attributes of the files, as last taken or refused
    };
    explicit TlsListeners(const broker::ConfigStore& configs) : configs_(configs) {}

    const broker::ConfigStore& configs_;
    Guarded<std::vector<Watched>> watched_;
};

}  // namespace stoker::node
