// The broker's configuration: values in layers, typed, described and altered from the declarations.
//
// A broker config's value is the first valid one of: set on this broker while it runs, set for all
// brokers, given at start (server.properties, --override), default. A topic's or group's own value
// comes before its broker synonym's. The dynamic values of topics and groups belong to the metadata
// log; they are handed in as maps.
//
// Typed access to a name that is not declared, or of another type, is a bug and aborts. Any thread.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/guarded.hpp"
#include "broker/config/config_entry.hpp"

namespace stoker::broker {

class ConfigStore;
class ConfigTable;

/// The values that count for one topic or group, typed. Refers to the store and to the map that it
/// was made of. Each access looks the value up and reads it: keep what a hot path needs.
class ConfigView {
public:
    bool boolean(std::string_view name) const;
    int32_t int32(std::string_view name) const;  // of INT and SHORT
    int64_t int64(std::string_view name) const;  // of INT, SHORT and LONG
    double real(std::string_view name) const;
    /// Of any type, in its canonical form. Null is a bug.
    std::string text(std::string_view name) const;
    std::optional<std::string> text_or_null(std::string_view name) const;
    /// Empty for null, too.
    std::vector<std::string> list(std::string_view name) const;

private:
    friend class ConfigStore;
    enum class Of : uint8_t { broker, topic, group, client_metrics };
    ConfigView(const ConfigStore& store, Of of, const ConfigMap* values)
        : store_(store), of_(of), values_(values) {}

    const ConfigDeclaration& declaration(std::string_view name) const;

    const ConfigStore& store_;
    Of of_;
    const ConfigMap* values_;
};

class ConfigStore {
public:
    struct Options {
        /// What server.properties and --override say; any names.
        ConfigMap properties;
        /// Defaults that only the program knows, such as log.dirs; declared names.
        ConfigMap defaults;
        /// The cluster has the feature eligible.leader.replicas (KIP-966): min.insync.replicas is
        /// then set for topics and for all brokers only, and stays set.
        bool eligible_leader_replicas = false;
    };
    /// The error is a sentence: an unknown name with the nearest known one, a value that is none,
    /// a setting that Stoker cannot honour and why.
    static std::expected<ConfigStore, std::string> create(Options options);

    /// Sentences for the log: settings that were accepted and have no effect.
    const std::vector<std::string>& warnings() const { return warnings_; }

    // The broker's own values.
    bool boolean(std::string_view name) const { return broker().boolean(name); }
    int32_t int32(std::string_view name) const { return broker().int32(name); }
    int64_t int64(std::string_view name) const { return broker().int64(name); }
    double real(std::string_view name) const { return broker().real(name); }
    std::string text(std::string_view name) const { return broker().text(name); }
    std::optional<std::string> text_or_null(std::string_view name) const {
        return broker().text_or_null(name);
    }
    std::vector<std::string> list(std::string_view name) const { return broker().list(name); }
    /// The value that counts for one listener (its name in any case): that of
    /// "listener.name.LISTENER.NAME" where it is set, else `name`'s own where a config has that
    /// name. `name` may begin with a SASL mechanism: "plain.sasl.jaas.config".
    std::optional<std::string> listener_text(std::string_view listener,
                                             std::string_view name) const;
    /// Only what is set for that listener alone.
    std::optional<std::string> only_listener_text(std::string_view listener,
                                                  std::string_view name) const;
    /// Whether the name was given at start.
    bool given_at_start(const std::string& name) const { return properties_.contains(name); }
    /// What was given at start, as it was written: of a property without a declaration too, such
    /// as the authorizer's own.
    std::optional<std::string> given(const std::string& name) const {
        auto found = properties_.find(name);
        return found == properties_.end() ? std::nullopt : std::optional(found->second);
    }

    ConfigView broker() const { return {*this, ConfigView::Of::broker, nullptr}; }
    ConfigView topic(const ConfigMap& set_on_topic) const {
        return {*this, ConfigView::Of::topic, &set_on_topic};
    }
    ConfigView group(const ConfigMap& set_on_group) const {
        return {*this, ConfigView::Of::group, &set_on_group};
    }
    ConfigView client_metrics(const ConfigMap& set_on_subscription) const {
        return {*this, ConfigView::Of::client_metrics, &set_on_subscription};
    }

    /// As Options::eligible_leader_replicas, once the metadata log is read.
    void set_eligible_leader_replicas(bool finalized) { eligible_leader_replicas_ = finalized; }
    /// What the metadata log holds for this broker and for all; after replay and after each change.
    void set_dynamic(ConfigMap of_this_broker, ConfigMap of_all_brokers);

    /// A copy that has these for this broker instead.
    ConfigStore with_dynamic(ConfigMap of_this_broker) const;

    // DescribeConfigs: all, by name, or those of `names` that there are.
    using Names = std::vector<std::string>;
    std::vector<ConfigEntry> describe_broker(const Names& names = {}) const;
    std::vector<ConfigEntry> describe_broker_defaults(const Names& names = {}) const;
    std::vector<ConfigEntry> describe_topic(const ConfigMap& set, const Names& names = {}) const;
    std::vector<ConfigEntry> describe_group(const ConfigMap& set, const Names& names = {}) const;
    static std::vector<ConfigEntry> describe_client_metrics(const ConfigMap& set,
                                                            const Names& names = {});

    // IncrementalAlterConfigs: `current` is what is set now. Nothing is changed by these.
    using Altered = std::expected<ConfigChanges, ConfigRefusal>;
    using Alterations = std::vector<ConfigAlteration>;
    /// Names given twice, and nulls: what is looked at before anything about the resource is.
    static std::expected<void, ConfigRefusal> check_form(const Alterations& alterations);
    /// Operations that there are not, or that a config does not take. `lists` has those that take
    /// append and subtract; null: none does, as Kafka has it of groups and client metrics.
    static std::expected<void, ConfigRefusal> check_operations(const Alterations& alterations,
                                                               const ConfigTable* lists);
    Altered alter_broker(const Alterations& alterations) const;
    Altered alter_broker_defaults(const Alterations& alterations) const;
    Altered alter_topic(const ConfigMap& current, const Alterations& alterations) const;
    Altered alter_group(const ConfigMap& current, const Alterations& alterations) const;
    static Altered alter_client_metrics(const ConfigMap& current, const Alterations& alterations);

    /// CreateTopics: each name and value, and whether they agree.
    std::expected<void, ConfigRefusal> check_topic(const ConfigMap& set) const;
    /// One name and its value. The error is Kafka's message for INVALID_CONFIG.
    static std::expected<void, std::string> validate_topic(std::string_view name,
                                                           std::string_view value);

private:
    friend class ConfigView;
    struct Dynamic {
        ConfigMap of_this_broker;
        ConfigMap of_all_brokers;
    };
    ConfigStore() = default;

    std::optional<std::string> default_of(const ConfigDeclaration& config) const;
    std::optional<std::string> broker_value(const ConfigDeclaration& config) const;
    std::optional<std::string> topic_value(const ConfigDeclaration& config,
                                           const ConfigMap& set) const;
    std::optional<std::string> group_value(const ConfigDeclaration& config,
                                           const ConfigMap& set) const;
    std::vector<ConfigSynonym> synonyms(const std::string& name, bool sensitive) const;
    ConfigEntry broker_entry(const std::string& name) const;
    Altered alter_broker_layer(const Alterations& alterations, bool default_of_all) const;
    std::expected<void, ConfigRefusal> check_broker_changes(const ConfigMap& current,
                                                            const ConfigChanges& changes,
                                                            bool default_of_all) const;

    ConfigMap properties_;  // given at start
    ConfigMap defaults_;    // where they differ from the declared ones
    bool eligible_leader_replicas_ = false;
    std::vector<std::string> warnings_;
    std::unique_ptr<Guarded<Dynamic>> dynamic_ = std::make_unique<Guarded<Dynamic>>();
};

}  // namespace stoker::broker
