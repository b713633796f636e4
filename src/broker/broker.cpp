#include "broker/broker.hpp"

#include <algorithm>
#include <cctype>
#include <utility>

#include "broker/config/listeners.hpp"
#include "broker/fetch/fetch_operation.hpp"
#include "broker/handler.hpp"
#include "broker/log_replay.hpp"
#include "broker/loggers.hpp"
#include "broker/metadata/features.hpp"
#include "broker/security/authorization_table.hpp"
#include "broker/topic_settings.hpp"
#include "broker/transaction/transaction_log.hpp"
#include "protocol/messages/18_api_versions.hpp"
#include "record/builder.hpp"

namespace stoker::broker {

namespace {

const std::string offsets_topic{group_metadata_topic};
constexpr int64_t minute_ms = 60'000;

/// Classes of others cannot be loaded: a list without one of ours means the default.
std::vector<Assignor> assignors(const ConfigStore& configs) {
    std::vector<Assignor> known;
    for (const std::string& name : configs.list("group.consumer.assignors"))
        if (auto assignor = parse_assignor(name)) known.push_back(*assignor);
    return known.empty() ? GroupConfig{}.consumer_assignors : known;
}

MigrationPolicy migration_policy(const ConfigStore& configs) {
    std::string policy = configs.text("group.consumer.migration.policy");
    std::ranges::transform(policy, policy.begin(), [](unsigned char c) { return std::tolower(c); });
    if (policy == "disabled") return MigrationPolicy::disabled;
    if (policy == "upgrade") return MigrationPolicy::upgrade;
    if (policy == "downgrade") return MigrationPolicy::downgrade;
    return MigrationPolicy::bidirectional;
}

GroupConfig group_config(const ConfigStore& configs, int32_t offsets_partitions) {
    return {
        .min_session_timeout_ms = configs.int32("group.min.session.timeout.ms"),
        .max_session_timeout_ms = configs.int32("group.max.session.timeout.ms"),
        .max_size = configs.int32("group.max.size"),
        .initial_rebalance_delay_ms = configs.int32("group.initial.rebalance.delay.ms"),
        .offsets_partitions = offsets_partitions,
        .offset_metadata_size_max = configs.int32("offset.metadata.max.bytes"),
        .offsets_retention_ms = configs.int32("offsets.retention.minutes") * minute_ms,
        .offsets_retention_check_interval_ms = configs.int64("offsets.retention.check.interval.ms"),
        .consumer_session_timeout_ms = configs.int32("group.consumer.session.timeout.ms"),
        .consumer_heartbeat_interval_ms = configs.int32("group.consumer.heartbeat.interval.ms"),
        .consumer_max_size = configs.int32("group.consumer.max.size"),
        .consumer_assignors = assignors(configs),
        .consumer_migration_policy = migration_policy(configs),
        .consumer_regex_refresh_interval_ms =
            configs.int32("group.consumer.regex.refresh.interval.ms"),
        .consumer_assignment_interval_ms = configs.int32("group.consumer.assignment.interval.ms"),
    };
}

QuotaWindows quota_windows(const ConfigStore& configs, const std::string& prefix) {
    constexpr int64_t ms_per_second = 1000;
    return {.samples = configs.int32(prefix + "quota.window.num"),
            .window_ms = configs.int32(prefix + "quota.window.size.seconds") * ms_per_second};
}

ClientQuotas::Options quota_options(const ConfigStore& configs) {
    return {.windows = quota_windows(configs, ""),
            .controller_windows = quota_windows(configs, "controller.")};
}

ClusterMetadata::NewTopic transaction_topic(const ConfigStore& configs) {
    return {.name = std::string(transaction_state_topic),
            .partitions = configs.int32("transaction.state.log.num.partitions"),
            .configs = {
                {"cleanup.policy", "compact"},
                {"compression.type", "uncompressed"},
                {"min.insync.replicas", configs.text("transaction.state.log.min.isr")},
                {"segment.bytes", configs.text("transaction.state.log.segment.bytes")},
                {"unclean.leader.election.enable", "false"}}};
}

}  // namespace

Broker::Broker(storage::LogManager& logs, ConfigStore& configs, Clock& clock, Random& random,
               Options options)
    : logs_(logs),
      configs_(configs),
      clock_(clock),
      random_(random),
      options_(std::move(options)),
      request_metrics_(options_.measures_requests ? std::make_unique<RequestMetrics>() : nullptr),
      fetch_sessions_(clock, random,
                      size_t(configs.int32("max.incremental.fetch.session.cache.slots"))),
      quotas_(clock, quota_options(configs)),
      connection_rates_(clock, quota_windows(configs, "")),
      ask_coordinator_([this](const std::string& id, ProducerId producer, int16_t epoch,
                              std::vector<storage::TopicPartition> partitions, bool add,
                              std::function<void(std::vector<ErrorCode>)> done) {
          transactions_->verify_partitions(id, producer, epoch, std::move(partitions), add,
                                           std::move(done));
      }) {}

Broker::~Broker() = default;

std::expected<std::unique_ptr<Broker>, std::string> Broker::open(storage::LogManager& logs,
                                                                 ConfigStore& configs, Clock& clock,
                                                                 Random& random, Options options) {
    std::unique_ptr<Broker> broker(new Broker(logs, configs, clock, random, std::move(options)));
    ClusterMetadata::Options metadata_options{.journal = {.node_id = broker->options_.node_id},
                                              .endpoints = {}};
    for (const Advertised& advertised : broker->options_.advertised)
        metadata_options.endpoints.push_back(
            {advertised.listener, advertised.host, advertised.port});
    auto metadata = ClusterMetadata::open(logs, clock, random, metadata_options,
                                          [&configs](const ConfigMap& topic_configs) {
                                              return topic_settings(configs, topic_configs);
                                          });
    if (!metadata) return std::unexpected(metadata.error());
    broker->metadata_ = std::move(*metadata);
    configs.set_eligible_leader_replicas(
        broker->metadata_->feature_level(std::string(elr_version_feature)) > 0);
    broker->take_dynamic_configs();
    if (auto synced = broker->sync_what_was_recovered(); !synced)
        return std::unexpected(synced.error());
    auto authorizer = Authorizer::create(configs, broker->metadata_->acl_index());
    if (!authorizer) return std::unexpected(authorizer.error());
    broker->authorizer_ = std::move(*authorizer);
    broker->take_quotas();
    broker->producer_ids_ = std::make_unique<ProducerIds>(*broker->metadata_);
    if (auto opened = broker->open_authentication(); !opened)
        return std::unexpected(opened.error());
    if (auto loaded = broker->load_groups(); !loaded) return std::unexpected(loaded.error());
    auto transactions = open_transactions(*broker);
    if (!transactions) return std::unexpected(transactions.error());
    broker->transactions_ = std::move(*transactions);
    broker->transactions_->on_loaded();
    return broker;
}

std::expected<void, std::string> Broker::open_authentication() {
    auto listeners = Listeners::parse(configs_);
    if (!listeners) return std::unexpected(listeners.error());
    auto settings = read_sasl(configs_, *listeners);
    if (!settings) return std::unexpected(settings.error());
    auto made = Authentication::create(
        {.listeners = std::move(*settings),
         .failure_delay_ms = configs_.int32("connection.failed.authentication.delay.ms")},
        *metadata_, clock_, timers_);
    if (!made) return std::unexpected(made.error());
    authentication_ = std::move(*made);
    return {};
}

net::Next Broker::handle(const net::Peer& peer, MutableByteView frame, net::Responder responder) {
    std::shared_ptr<SaslSession> sasl = authentication_->session(peer);
    if (sasl && Authentication::takes_bare_token(*sasl)) {
        authentication_->bare_token(peer, *sasl, frame, std::move(responder));
        return net::Next::after_reply;
    }
    try {
        protocol::RequestFrame parsed = protocol::read_request_header(frame);
        const protocol::RequestHeader& header = parsed.header;
        if (auto why = sasl ? authentication_->why_not(*sasl, header) : std::nullopt) {
            std::move(responder).close(std::move(*why));
            return net::Next::after_reply;
        }
        const Handler* handler = find_handler(header.request_api_key);
        if (handler == nullptr || !handler->api.versions.contain(header.request_api_version)) {
            refuse_version(header, std::move(responder));
            return net::Next::after_reply;
        }
        // Nobody has a right to what the table of rights does not know.
        if (authorizer_ && !is_in_authorization_table(header.request_api_key)) {
            std::move(responder).close("nobody may ask for this API");
            return net::Next::after_reply;
        }
        if (auto& log = request_log(); log.should_log(spdlog::level::debug))
            log.debug("{} version {} from {}:{}, correlation id {}, client {}, {} bytes",
                      handler->api.name, header.request_api_version, peer.address, peer.port,
                      header.correlation_id, header.client_id.value_or("-"), frame.size());
        Request request{.peer = peer,
                        .header = header,
                        .principal = sasl ? sasl->principal : peer.principal,
                        .sasl = sasl.get(),
                        .metrics = request_metrics_.get()};
        if (quotas_.active())
            request.quota = quotas_.begin(request.principal, request.client_id(),
                                          header.request_api_key, frame.size());
        handler->run(*this, request, parsed.body, responder);
        if (request.quota) request.quota->handled();
        return request.waits ? net::Next::after_reply : handler->next;
    } catch (const protocol::MalformedMessage& error) {
        std::move(responder).close(error.what());
    }
    return net::Next::after_reply;
}

void Broker::refuse_version(const protocol::RequestHeader& header, net::Responder responder) {
    using protocol::ApiVersionsResponse;
    constexpr protocol::Api api = ApiVersionsResponse::api;
    if (header.request_api_key != api.key) {
        std::move(responder).close("API " + std::to_string(header.request_api_key) + " version " +
                                   std::to_string(header.request_api_version) + " is not served");
        return;
    }
    protocol::RequestHeader oldest = header;
    oldest.request_api_version = 0;
    Reply<ApiVersionsResponse> reply(oldest, std::move(responder));
    std::move(reply)({.error_code = ErrorCode::unsupported_version,
                      .api_keys = {{.api_key = api.key,
                                    .min_version = api.advertised.first,
                                    .max_version = api.advertised.last}}});
}

void Broker::tick() {
    timers_.run_due(clock_.monotonic_ms());
    groups_->tick();
    transactions_->tick();
}

Broker::Advertised Broker::endpoint(const Request& request) const {
    for (const Advertised& advertised : options_.advertised)
        if (advertised.listener == request.peer.listener) return advertised;
    return {.listener = request.peer.listener,
            .host = request.peer.local_address,
            .port = request.peer.local_port};
}

void Broker::take_quotas() {
    const QuotaMap quotas = metadata_->quotas();
    quotas_.set(quotas);
    connection_rates_.set(quotas);
}

void Broker::session_closed(uint64_t session_id) {
    authentication_->forget(session_id);
    if (auto fetch = waiting_fetches_.take(session_id)) fetch->finish();
}

void Broker::run_blocking(std::function<void()> task) {
    if (options_.disk_thread) (void)options_.disk_thread(std::move(task));
    else task();
}

void Broker::take_dynamic_configs() {
    configs_.set_dynamic(metadata_->configs(ResourceType::broker, std::to_string(options_.node_id)),
                         metadata_->configs(ResourceType::broker, ""));
    metadata_->refresh_settings();
    if (options_.configs_changed) options_.configs_changed();
}

std::expected<void, std::string> Broker::check_broker_configs(const ConfigMap& wanted) const {
    if (!options_.check_configs) return {};
    return options_.check_configs(configs_.with_dynamic(wanted));
}

Outcome<TopicPointer> Broker::auto_create(const std::string& name) {
    if (name == transaction_state_topic)
        return metadata_->create_topic(transaction_topic(configs_));
    if (name != offsets_topic)
        return metadata_->create_topic(
            {.name = name, .partitions = configs_.int32("num.partitions"), .configs = {}});
    return metadata_->create_topic(
        {.name = name,
         .partitions = configs_.int32("offsets.topic.num.partitions"),
         .configs = {{"cleanup.policy", "compact"},
                     {"compression.type", "producer"},
                     {"segment.bytes", configs_.text("offsets.topic.segment.bytes")}}});
}

/// Recovery knows nothing of a topic's configs: where consumers and acks wait for the disk, what is
/// only in the page cache is synced before anybody sees it.
std::expected<void, std::string> Broker::sync_what_was_recovered() {
    for (const TopicPointer& topic : metadata_->topics()) {
        if (!topic->settings.log.waits_for_disk()) continue;
        for (const auto& partition : topic->partitions) {
            auto log = logs_.get_if_open({topic->name, partition->id()});
            if (!log || log->flushed_offset() >= log->end_offset()) continue;
            if (auto synced = log->flush(); !synced)
                return std::unexpected("The log of " + topic->name + " cannot be synced: " +
                                       logs_.directory().reason() + ".");
        }
    }
    return {};
}

std::expected<void, std::string> Broker::load_groups() {
    TopicPointer topic = metadata_->find(offsets_topic);
    // A topic that exists decides where each group lives, whatever the configuration says today.
    int32_t partitions =
        topic ? int32_t(topic->partitions.size()) : configs_.int32("offsets.topic.num.partitions");
    GroupCoordinator::Environment environment{
        .append =
            [this](PartitionId id, std::span<const OffsetsRecord> records,
                   const OffsetsProducer& producer) {
                return append_offsets(id, records, producer);
            },
        .when_durable =
            [this](PartitionId id, std::move_only_function<void()> done) {
                when_offsets_durable(id, std::move(done));
            },
        .topics = topic_directory(),
        .topic_image = [this] { return topic_image(); },
        .group_settings = [this](std::string_view group) { return group_settings(group); }};
    groups_ = std::make_unique<GroupCoordinator>(
        clock_, random_, group_config(configs_, partitions), std::move(environment));
    if (topic)
        for (const auto& partition : topic->partitions)
            if (auto replayed = replay_offsets(*partition); !replayed) return replayed;
    groups_->on_loaded();
    return {};
}

Result<void> Broker::replay_offsets(PartitionId partition, const record::BatchView& batch) {
    const ProducerId producer = batch.header.is_transactional() ? batch.header.producer_id
                                                                : ProducerId::none;
    if (const auto commits = ended_transaction(batch)) {
        groups_->apply_end(partition, producer, *commits);
        return {};
    }
    return replay(batch.bytes, [&](const record::RecordView& record) {
        if (!record.key) return;
        ErrorCode applied = groups_->apply(*record.key, record.value, {record.offset, producer});
        if (applied != ErrorCode::none)
            group_log().warn("{}-{}: the record at offset {} was passed over: {}", offsets_topic,
                             raw(partition), raw(record.offset), name(applied));
    });
}

std::expected<void, std::string> Broker::replay_offsets(Partition& partition) {
    if (!partition.exists()) return {};
    auto log = partition.log();
    ErrorCode error = log ? ErrorCode::none : log.error();
    if (log) {
        auto replayed = replay_batches(
            **log, (*log)->start_offset(), [&](const record::BatchView& batch) {
                return replay_offsets(partition.id(), batch);
            });
        if (!replayed) error = replayed.error();
    }
    if (error == ErrorCode::none) return {};
    return std::unexpected("The committed offsets in " + offsets_topic + "-" +
                           std::to_string(raw(partition.id())) + " cannot be read (" +
                           std::string(name(error)) +
                           "): restore the data directory, or start with another.");
}

TopicDirectory Broker::topic_directory() {
    return {.name_of = [this](const Uuid& id) -> std::optional<std::string> {
                TopicPointer topic = metadata_->find(id);
                return topic ? std::optional(topic->name) : std::nullopt;
            },
            .id_of = [this](std::string_view name) -> std::optional<Uuid> {
                TopicPointer topic = metadata_->find(std::string(name));
                return topic ? std::optional(topic->id) : std::nullopt;
            },
            .has_partition =
                [this](std::string_view name, PartitionId id) {
                    TopicPointer topic = metadata_->find(std::string(name));
                    return topic && topic->partition(id) != nullptr;
                }};
}

std::shared_ptr<const TopicImage> Broker::topic_image() {
    auto image = topic_image_.lock();
    int64_t version = metadata_->topics_version();
    if (*image && (*image)->version() == version) return *image;
    std::vector<GroupTopic> topics;
    for (const TopicPointer& topic : metadata_->topics())
        topics.push_back({.name = topic->name,
                          .id = topic->id,
                          .partitions = int32_t(topic->partitions.size())});
    *image = std::make_shared<const TopicImage>(version, std::move(topics));
    return *image;
}

ConsumerGroupSettings Broker::group_settings(std::string_view group) const {
    ConfigMap set = metadata_->configs(ResourceType::group, std::string(group));
    if (set.empty()) return {};
    ConfigView view = configs_.group(set);
    auto own = [&](const char* name) {
        return set.contains(name) ? std::optional(view.int32(name)) : std::nullopt;
    };
    return {.session_timeout_ms = own("consumer.session.timeout.ms"),
            .heartbeat_interval_ms = own("consumer.heartbeat.interval.ms"),
            .assignment_interval_ms = own("consumer.assignment.interval.ms")};
}

Result<Offset> Broker::append_offsets(PartitionId id, std::span<const OffsetsRecord> records,
                                      const OffsetsProducer& producer) {
    TopicPointer topic = metadata_->find(offsets_topic);
    auto partition = topic ? topic->partition(id) : nullptr;
    if (!partition) return fail(ErrorCode::coordinator_not_available);
    int64_t now = clock_.wall_ms();
    // As upstream's coordinator: a sequence, though there may be no producer it could belong to.
    record::BatchBuilder builder({.producer_id = producer.id,
                                  .producer_epoch = producer.epoch,
                                  .base_sequence = 0,
                                  .transactional = producer.id != ProducerId::none,
                                  .leader_epoch = partition->leader_epoch()});
    for (const OffsetsRecord& record : records)
        builder.append(now, record.key,
                       record.value ? std::optional<ByteView>(*record.value) : std::nullopt);
    Bytes batch = std::move(builder).build();
    auto appended = partition->append(
        batch, {.now_ms = now, .from_client = false, .verification = producer.verification});
    if (!appended) return fail(appended.error());
    return appended->base_offset;
}

void Broker::when_offsets_durable(PartitionId id, std::move_only_function<void()> done) {
    TopicPointer topic = metadata_->find(offsets_topic);
    auto partition = topic ? topic->partition(id) : nullptr;
    auto log = partition ? partition->log() : fail(ErrorCode::unknown_topic_or_partition);
    if (!log) return;
    // After a failed sync nobody knows what is durable: the answer is given up, which closes the
    // client's connection, rather than to acknowledge what a power cut would take back.
    partition->when_durable((*log)->end_offset(),
                            [done = std::move(done)](ErrorCode error) mutable {
                                if (error == ErrorCode::none) done();
                            });
}

}  // namespace stoker::broker
