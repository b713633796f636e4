#include "broker/metadata/cluster_metadata.hpp"

#include <algorithm>
#include <array>
#include <ranges>
#include <utility>

#include "broker/metadata/features.hpp"
#include "broker/metadata/start_records.hpp"
#include "protocol/messages/records_metadata.hpp"

namespace stoker::broker {

using protocol::encode_metadata_record;

namespace {

constexpr int16_t partition_record_version = 2;
/// Apache Kafka's controller writes no larger batches either.
constexpr size_t records_per_batch_max = 10'000;

Bytes config_record(ResourceType type, const std::string& resource, const std::string& name,
                    const std::optional<std::string>& value) {
    protocol::ConfigRecord record{
        .resource_type = int8_t(type), .resource_name = resource, .name = name, .value = value};
    return encode_metadata_record(record, 0);
}

Bytes partition_record(const Uuid& topic, int32_t partition, int32_t node, const Uuid& directory) {
    protocol::PartitionRecord record{.partition_id = PartitionId{partition},
                                     .topic_id = topic,
                                     .replicas = {node},
                                     .isr = {node},
                                     .leader = node,
                                     .leader_epoch = LeaderEpoch{0},
                                     .partition_epoch = 0,
                                     .directories = {directory}};
    return encode_metadata_record(record, partition_record_version);
}

/// Names that differ only in '.' and '_' would collide in metric names.
std::optional<std::string> colliding_name(const MetadataImage& image, const std::string& name) {
    auto metric_name = [](std::string text) {
        std::ranges::replace(text, '.', '_');
        return text;
    };
    if (name.find_first_of("._") == std::string::npos) return std::nullopt;
    std::string wanted = metric_name(name);
    for (const auto& known : image.topics() | std::views::values)
        if (metric_name(known.name) == wanted) return known.name;
    return std::nullopt;
}

Outcome<void> check_new_name(const MetadataImage& image, const std::string& name,
                             bool may_collide = false) {
    // A topic of its name would take its folder.
    if (name == cluster_metadata_topic)
        return refuse(ErrorCode::invalid_request,
                      "Creation of internal topic " + name + " is prohibited.");
    if (auto why = invalid_topic_name(name))
        return refuse(ErrorCode::invalid_topic_exception, *why);
    if (image.find(name))
        return refuse(ErrorCode::topic_already_exists, "Topic '" + name + "' already exists.");
    auto other = may_collide ? std::nullopt : colliding_name(image, name);
    if (other)
        return refuse(ErrorCode::invalid_topic_exception,
                      "Topic '" + name + "' collides with existing topic: " + *other);
    return {};
}

}  // namespace

ClusterMetadata::ClusterMetadata(storage::LogManager& logs, Random& random, int32_t node_id,
                                 SettingsOf settings_of)
    : logs_(logs), random_(random), node_id_(node_id), settings_of_(std::move(settings_of)) {}

std::expected<std::unique_ptr<ClusterMetadata>, std::string> ClusterMetadata::open(
    storage::LogManager& logs, Clock& clock, Random& random, Options options,
    SettingsOf settings_of) {
    auto journal = MetadataJournal::open(logs, clock, options.journal);
    if (!journal) return std::unexpected(journal.error());
    std::unique_ptr<ClusterMetadata> metadata(
        new ClusterMetadata(logs, random, options.journal.node_id, std::move(settings_of)));
    metadata->controller_ = {.listener = "CONTROLLER",
                             .host = options.journal.controller_host,
                             .port = options.journal.controller_port};
    if (auto loaded = metadata->load(std::move(*journal), options); !loaded)
        return std::unexpected(loaded.error());
    return metadata;
}

std::expected<void, std::string> ClusterMetadata::load(std::unique_ptr<MetadataJournal> journal,
                                                       const Options& options) {
    auto writer = writer_.lock();
    bool transaction_open = false;
    try {
        MetadataReplay replay(writer->image);
        journal->replay([&](const auto& record) { replay.apply(record); });
        transaction_open = replay.finish();
    } catch (const protocol::MalformedMessage& error) {
        return std::unexpected("The metadata log __cluster_metadata-0 cannot be replayed (" +
                               std::string(error.what()) +
                               "): restore the data directory, or start with another.");
    }
    writer->journal = std::move(journal);
    if (!writer->journal->begin_epoch())
        return std::unexpected(
            std::string("The metadata log cannot be written: see the log above, make room or mend "
                        "the disk, and start again."));
    epoch_ = writer->journal->leader_epoch();
    auto begun = take_over(*writer, options, transaction_open);
    if (!begun) return std::unexpected(begun.error().message);
    for (const Acl& acl : writer->image.acls() | std::views::values) acl_index_.add(acl);
    for (const auto& id : writer->image.topics() | std::views::keys)
        if (auto done = publish(*writer, id); !done) return std::unexpected(done.error().message);
    return {};
}

/// What a start says: the records of a new cluster, the registration, and that the broker leads its
/// partitions again.
Outcome<void> ClusterMetadata::take_over(Writer& writer, const Options& options,
                                         bool transaction_open) {
    if (transaction_open) {
        std::array aborting{encode_metadata_record(protocol::AbortTransactionRecord{}, 0)};
        auto aborted = commit(writer, aborting);
        if (!aborted) return aborted;
    }
    // Not "the log was empty": a first start may have been killed before it came to this.
    if (!writer.image.features().contains(std::string(metadata_version_feature)))
        if (auto begun = commit(writer, new_cluster_records()); !begun) return begun;
    std::array registering{registration_record(node_id_, writer.journal->end_offset(),
                                               random_.uuid(), logs_.directory_id(),
                                               options.endpoints)};
    if (auto registered = commit(writer, registering); !registered) return registered;
    std::vector<Bytes> records = takeover_records(writer.image, node_id_);
    for (std::span<const Bytes> left = records; !left.empty();) {
        auto some = left.first(std::min(left.size(), records_per_batch_max));
        if (auto done = commit(writer, some); !done) return done;
        left = left.subspan(some.size());
    }
    return {};
}

TopicPointer ClusterMetadata::find(const std::string& name) const {
    auto topics = topics_.lock();
    auto found = topics->by_name.find(name);
    return found == topics->by_name.end() ? nullptr : found->second;
}

TopicPointer ClusterMetadata::find(const Uuid& id) const {
    auto topics = topics_.lock();
    auto found = topics->by_id.find(id);
    return found == topics->by_id.end() ? nullptr : found->second;
}

std::vector<TopicPointer> ClusterMetadata::topics() const { return topics_and_retired().first; }

std::pair<std::vector<TopicPointer>, TrafficTotals> ClusterMetadata::topics_and_retired() const {
    std::vector<TopicPointer> all;
    TrafficTotals retired;
    {
        auto topics = topics_.lock();
        retired = topics->retired;
        all.reserve(topics->by_name.size());
        for (const auto& topic : topics->by_name | std::views::values) all.push_back(topic);
    }
    std::ranges::sort(all, {},
                      [](const TopicPointer& topic) -> const std::string& { return topic->name; });
    return {std::move(all), retired};
}

Outcome<void> ClusterMetadata::commit(Writer& writer, std::span<const Bytes> records) {
    auto appended = writer.journal->append(records);
    if (!appended) return refuse(appended.error(), "The metadata log cannot be written.");
    for (const Bytes& record : records) writer.image.apply(protocol::read_metadata_record(record));
    return {};
}

Outcome<void> ClusterMetadata::check_name(const std::string& name) const {
    return check_new_name(writer_.lock()->image, name);
}

Outcome<void> ClusterMetadata::check_new_topic(const Writer& writer, const NewTopic& topic) const {
    auto fine = check_new_name(writer.image, topic.name, topic.may_collide);
    if (!fine) return fine;
    if (topic.partitions < 1)
        return refuse(ErrorCode::invalid_partitions,
                      "Number of partitions was set to an invalid non-positive value.");
    if (topic.partitions > partitions_per_request_max)
        return refuse(ErrorCode::policy_violation,
                      "Excessively large number of partitions per request.");
    return {};
}

Outcome<TopicPointer> ClusterMetadata::create_topic(const NewTopic& topic, bool validate_only) {
    auto writer = writer_.lock();
    if (auto fine = check_new_topic(*writer, topic); !fine) return std::unexpected(fine.error());
    Uuid id = random_.uuid();
    if (validate_only) return std::make_shared<const Topic>(Topic{.name = topic.name, .id = id});
    std::vector<Bytes> records;
    records.push_back(
        encode_metadata_record(protocol::TopicRecord{.name = topic.name, .topic_id = id}, 0));
    for (const auto& [name, value] : topic.configs)
        records.push_back(config_record(ResourceType::topic, topic.name, name, value));
    for (int32_t partition = 0; partition < topic.partitions; ++partition)
        records.push_back(partition_record(id, partition, node_id_, logs_.directory_id()));
    if (auto done = commit(*writer, records); !done) return std::unexpected(done.error());
    return publish(*writer, id);
}

Outcome<void> ClusterMetadata::create_partitions(const std::string& name, int32_t count,
                                                 bool validate_only) {
    auto writer = writer_.lock();
    const auto* topic = writer->image.find(name);
    if (topic == nullptr)
        return refuse(ErrorCode::unknown_topic_or_partition,
                      "This server does not host this topic-partition.");
    auto present = int32_t(topic->partitions.size());
    if (count == present)
        return refuse(ErrorCode::invalid_partitions,
                      "Topic already has " + std::to_string(count) + " partition(s).");
    if (count < present)
        return refuse(ErrorCode::invalid_partitions,
                      "The topic " + name + " currently has " + std::to_string(present) +
                          " partition(s); " + std::to_string(count) + " would not be an increase.");
    if (count - present > partitions_per_request_max)
        return refuse(ErrorCode::policy_violation,
                      "Excessively large number of partitions per request.");
    if (validate_only) return {};
    std::vector<Bytes> records;
    Uuid id = topic->id;
    for (int32_t partition = present; partition < count; ++partition)
        records.push_back(partition_record(id, partition, node_id_, logs_.directory_id()));
    if (auto done = commit(*writer, records); !done) return done;
    if (auto done = publish(*writer, id); !done) return std::unexpected(done.error());
    return {};
}

Outcome<void> ClusterMetadata::delete_topic(const Uuid& id) {
    auto writer = writer_.lock();
    if (writer->image.find(id) == nullptr)
        return refuse(ErrorCode::unknown_topic_id, "This server does not host this topic ID.");
    auto record = encode_metadata_record(protocol::RemoveTopicRecord{.topic_id = id}, 0);
    if (auto done = commit(*writer, std::span(&record, 1)); !done) return done;
    withdraw(*writer, id);
    return {};
}

ConfigMap ClusterMetadata::configs(ResourceType type, const std::string& name) const {
    return writer_.lock()->image.configs(type, name);
}

Outcome<void> ClusterMetadata::alter_configs(ResourceType type, const std::string& name,
                                             const ConfigChanges& changes) {
    auto writer = writer_.lock();
    if (type == ResourceType::topic && writer->image.find(name) == nullptr)
        return refuse(ErrorCode::unknown_topic_or_partition,
                      "The topic '" + name + "' does not exist.");
    std::vector<Bytes> records;
    for (const auto& [config, value] : changes)
        records.push_back(config_record(type, name, config, value));
    if (records.empty()) return {};
    if (auto done = commit(*writer, records); !done) return done;
    if (type != ResourceType::topic) return {};
    if (auto done = publish(*writer, writer->image.find(name)->id); !done)
        return std::unexpected(done.error());
    return {};
}

int16_t ClusterMetadata::feature_level(const std::string& name) const {
    if (name == kraft_version_feature) return MetadataJournal::kraft_version;
    auto writer = writer_.lock();
    auto found = writer->image.features().find(name);
    return found == writer->image.features().end() ? int16_t{0} : found->second;
}

std::vector<std::string> ClusterMetadata::configured(ResourceType type) const {
    auto writer = writer_.lock();
    std::vector<std::string> names;
    for (const auto& resource : writer->image.configured() | std::views::keys)
        if (resource.first == type && !resource.second.empty()) names.push_back(resource.second);
    return names;
}

Outcome<void> ClusterMetadata::set_feature_levels(const std::map<std::string, int16_t>& levels) {
    auto writer = writer_.lock();
    std::vector<Bytes> records;
    for (const auto& [name, level] : levels)
        records.push_back(encode_metadata_record(
            protocol::FeatureLevelRecord{.name = name, .feature_level = level}, 0));
    if (records.empty()) return {};
    return commit(*writer, records);
}

void ClusterMetadata::refresh_settings() {
    auto writer = writer_.lock();
    for (const auto& id : writer->image.topics() | std::views::keys) (void)publish(*writer, id);
}

Result<ProducerId> ClusterMetadata::allocate_producer_ids(int64_t count) {
    auto writer = writer_.lock();
    ProducerId first = writer->image.next_producer_id();
    protocol::ProducerIdsRecord record{.broker_id = node_id_,
                                       .broker_epoch = raw(writer->journal->end_offset()),
                                       .next_producer_id = ProducerId{raw(first) + count}};
    std::array records{encode_metadata_record(record, 0)};
    if (auto done = commit(*writer, records); !done)
        return fail(done.error().code);
    return first;
}

Outcome<TopicPointer> ClusterMetadata::publish(const Writer& writer, const Uuid& id) {
    const auto& state = *writer.image.find(id);
    auto topic = std::make_shared<Topic>(Topic{
        .name = state.name,
        .id = id,
        .settings = settings_of_(writer.image.configs(ResourceType::topic, state.name)),
    });
    if (topic->settings.log.waits_for_disk())
        if (auto synced = writer.journal->wait_for_disk(); !synced)
            return refuse(synced.error(), "The metadata log cannot be written.");
    if (auto before = find(id)) topic->partitions = before->partitions;
    bool grows = topic->partitions.size() < state.partitions.size();
    for (const auto& partition : topic->partitions) partition->set_log_config(topic->settings.log);
    for (size_t i = topic->partitions.size(); i < state.partitions.size(); ++i) {
        topic->partitions.push_back(std::make_shared<Partition>(
            logs_, state.name, id, PartitionId(int32_t(i)), state.partitions[i].leader_epoch));
        topic->partitions.back()->set_log_config(topic->settings.log);
    }
    auto topics = topics_.lock();
    topics->by_name[state.name] = topic;
    topics->by_id[id] = topic;
    if (grows) topics_version_ = raw(writer.journal->end_offset());
    return topic;
}

void ClusterMetadata::withdraw(const Writer& writer, const Uuid& id) {
    TopicPointer gone = find(id);
    {
        auto topics = topics_.lock();
        topics->by_name.erase(gone->name);
        topics->by_id.erase(id);
        for (const auto& partition : gone->partitions) topics->retired.add(partition->counters());
        topics_version_ = raw(writer.journal->end_offset());
    }
    for (const auto& partition : gone->partitions) partition->retire();
}

}  // namespace stoker::broker
