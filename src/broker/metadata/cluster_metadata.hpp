// The broker's topics, configs, ACLs and quotas: the metadata image, the journal that makes changes
// last, and the Topic objects that requests use.
//
// A change takes the writer's lock, is checked, appended to the journal and only then applied;
// readers take a short lock of their own and get immutable Topics. Any thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/clock.hpp"
#include "base/guarded.hpp"
#include "base/random.hpp"
#include "broker/authentication/scram_users.hpp"
#include "broker/metadata/metadata_image.hpp"
#include "broker/metadata/metadata_journal.hpp"
#include "broker/metadata/scram_alterations.hpp"
#include "broker/metadata/start_records.hpp"
#include "broker/outcome.hpp"
#include "broker/partition.hpp"
#include "broker/security/acl_index.hpp"
#include "broker/topic.hpp"
#include "storage/log_manager.hpp"

namespace stoker::broker {

using TopicPointer = std::shared_ptr<const Topic>;

class ClusterMetadata final : public ScramDirectory {
public:
    /// More in one request are refused, as by Apache Kafka's controller.
    static constexpr int32_t partitions_per_request_max = 10'000;
    static constexpr size_t records_per_request_max = 10'000;

    /// Types a topic's configs, resolved through the broker's.
    using SettingsOf = std::function<TopicSettings(const ConfigMap& topic_configs)>;

    struct Options {
        MetadataJournal::Options journal;
        std::vector<BrokerEndpoint> endpoints;  // told to whoever reads the journal
    };

    /// Replays the journal and starts the next epoch. The error is a sentence.
    static std::expected<std::unique_ptr<ClusterMetadata>, std::string> open(
        storage::LogManager& logs, Clock& clock, Random& random, Options options,
        SettingsOf settings_of);

    TopicPointer find(const std::string& name) const;
    TopicPointer find(const Uuid& id) const;
    /// All, by name.
    std::vector<TopicPointer> topics() const;
    /// The same, and what went through partitions that are gone: together, all that ever did.
    std::pair<std::vector<TopicPointer>, TrafficTotals> topics_and_retired() const;
    /// An offset of the metadata log that rises whenever topics or partitions come or go, over
    /// restarts too. Read before topics(), it is not newer than they are.
    int64_t topics_version() const { return topics_version_.load(std::memory_order_acquire); }

    struct NewTopic {
        std::string name;
        int32_t partitions = 1;
        ConfigMap configs;  // valid ones
        /// As upstream, two new topics of one request may have names that collide ("a.b", "a_b");
        /// whoever sets this has checked the name against the topics before the request.
        bool may_collide = false;
    };
    /// Whether a topic of this name could be created: INVALID_TOPIC_EXCEPTION,
    /// TOPIC_ALREADY_EXISTS.
    Outcome<void> check_name(const std::string& name) const;
    /// The same, and INVALID_PARTITIONS, POLICY_VIOLATION,
    /// KAFKA_STORAGE_ERROR.
    Outcome<TopicPointer> create_topic(const NewTopic& topic, bool validate_only = false);
    Outcome<void> create_partitions(const std::string& name, int32_t count, bool validate_only);
    Outcome<void> delete_topic(const Uuid& id);

    /// What was set on a resource; "" is the default of all brokers.
    ConfigMap configs(ResourceType type, const std::string& name) const;
    /// nullopt takes a config back to its default. The caller has validated them.
    Outcome<void> alter_configs(ResourceType type, const std::string& name,
                                const ConfigChanges& changes);
    /// The resources of a type on which something is set, sorted.
    std::vector<std::string> configured(ResourceType type) const;
    /// The broker's own configs changed: every topic's settings are resolved anew.
    void refresh_settings();

    /// AlterUserScramCredentials: what became of each user.
    std::vector<ScramResult> alter_scram_users(
        const protocol::AlterUserScramCredentialsRequest& asked);
    /// Mechanisms and iterations, by user.
    std::map<std::string, std::vector<std::pair<security::ScramMechanism, int32_t>>> scram_users()
        const;
    security::ScramLookup find(security::ScramMechanism mechanism,
                               const std::string& user) const override;

    /// The first of `count` producer ids that nobody ever got.
    Result<ProducerId> allocate_producer_ids(int64_t count);

    /// One answer each; what is there already is not made twice. At most
    /// records_per_request_max of them.
    std::vector<Outcome<void>> create_acls(const std::vector<Acl>& acls);
    /// What each filter took away; an ACL that several match is told by each of them.
    std::vector<Outcome<std::vector<Acl>>> delete_acls(const std::vector<AclFilter>& filters);
    std::vector<Acl> acls(const AclFilter& filter) const;
    /// The ACLs as the authorizer reads them; never behind what was answered.
    const AclIndex& acl_index() const { return acl_index_; }

    /// nullopt takes a quota back. The caller has validated them. All or nothing.
    struct QuotaChange {
        QuotaEntity entity;
        std::map<std::string, std::optional<double>> values;
    };
    Outcome<void> alter_quotas(const std::vector<QuotaChange>& changes);
    QuotaMap quotas() const { return writer_.lock()->image.quotas(); }

    /// The image, for tests of replay.
    MetadataImage image() const { return writer_.lock()->image; }
    LeaderEpoch epoch() const { return epoch_; }
    /// The finalized level of a feature; 0 when it is not finalized.
    int16_t feature_level(const std::string& name) const;
    /// The caller has checked that this broker can work at them; 0 takes a feature back.
    Outcome<void> set_feature_levels(const std::map<std::string, int16_t>& levels);
    /// Where a controller of this node would listen.
    const BrokerEndpoint& controller() const { return controller_; }
    /// Where the metadata log ends: it moves with every change.
    Offset end_offset() const { return writer_.lock()->journal->end_offset(); }

private:
    struct Writer {
        MetadataImage image;
        std::unique_ptr<MetadataJournal> journal;
    };
    struct Topics {
        std::unordered_map<std::string, TopicPointer> by_name;
        std::unordered_map<Uuid, TopicPointer> by_id;
        TrafficTotals retired;
    };

    ClusterMetadata(storage::LogManager& logs, Random& random, int32_t node_id,
                    SettingsOf settings_of);

    std::expected<void, std::string> load(std::unique_ptr<MetadataJournal> journal,
                                          const Options& options);
    Outcome<void> take_over(Writer& writer, const Options& options, bool transaction_open);
    Outcome<void> commit(Writer& writer, std::span<const Bytes> records);
    Outcome<void> check_new_topic(const Writer& writer, const NewTopic& topic) const;
    /// Makes the Topic that the image describes what readers see. One of class `disk` is no more
    /// durable than what the journal says of it, so the journal is synced first.
    Outcome<TopicPointer> publish(const Writer& writer, const Uuid& id);
    void withdraw(const Writer& writer, const Uuid& id);

    storage::LogManager& logs_;
    Random& random_;
    int32_t node_id_;
    SettingsOf settings_of_;
    BrokerEndpoint controller_;
    LeaderEpoch epoch_ = LeaderEpoch::none;
    Guarded<Writer> writer_;
    Guarded<Topics> topics_;
    std::atomic<int64_t> topics_version_ = 0;
    AclIndex acl_index_;
};

}  // namespace stoker::broker
