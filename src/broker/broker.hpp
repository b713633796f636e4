// The broker: a state machine that takes frames and gives answers.
//
// handle() runs on the session's io thread, to completion, and never blocks on the network; waiting
// means keeping the Reply. tick() does what time makes due. Time, disk and randomness come in
// through the constructor, so that a whole broker runs in one thread under a virtual clock.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/guarded.hpp"
#include "base/random.hpp"
#include "broker/authentication/authentication.hpp"
#include "broker/config/config_store.hpp"
#include "broker/fetch/fetch_session.hpp"
#include "broker/fetch/waiting_fetches.hpp"
#include "broker/group/group_coordinator.hpp"
#include "broker/metadata/cluster_metadata.hpp"
#include "broker/metrics/request_metrics.hpp"
#include "broker/producer_ids.hpp"
#include "broker/quota/connection_rates.hpp"
#include "broker/request.hpp"
#include "broker/security/authorizer.hpp"
#include "broker/timers.hpp"
#include "broker/transaction/partition_verification.hpp"
#include "storage/log_manager.hpp"

namespace stoker::broker {

class TransactionCoordinator;

class Broker {
public:
    /// Where clients are sent. Without a configured address they are sent where they came in.
    struct Advertised {
        std::string listener;
        std::string host;
        uint16_t port = 0;
    };
    struct Options {
        int32_t node_id = 1;
        std::vector<Advertised> advertised;  // only what is configured
        /// Runs a task where it may wait for the disk; false when it will not run any more. Without
        /// one, who asks waits.
        std::function<bool(std::function<void()>)> disk_thread;
        /// What else has to agree with the broker's configs as AlterConfigs would leave them: key
        /// stores that open. The error is a sentence. None: nothing.
        std::function<std::expected<void, std::string>(const ConfigStore& wanted)> check_configs;
        /// Requests are counted and timed: request_metrics().
        bool measures_requests = false;
        /// After the broker's own configs were changed, and once at the start. Must not block.
        std::function<void()> configs_changed;
    };

    /// Replays the metadata log, the committed offsets and the transactions; then the broker is
    /// ready to answer. All references outlive it. The error is a sentence that says what to do.
    static std::expected<std::unique_ptr<Broker>, std::string> open(storage::LogManager& logs,
                                                                    ConfigStore& configs,
                                                                    Clock& clock, Random& random,
                                                                    Options options);
    ~Broker();

    /// For net::Server: decodes, dispatches, closes the connection on malformed frames.
    net::Next handle(const net::Peer& peer, MutableByteView frame, net::Responder responder);
    /// Time-outs of long polls and groups; a few times a second at least.
    void tick();

    // For the handlers.
    int32_t node_id() const { return options_.node_id; }
    const std::string& cluster_id() const { return logs_.cluster_id(); }
    /// What a client of this listener is told to connect to.
    Advertised endpoint(const Request& request) const;
    Clock& clock() { return clock_; }
    Timers& timers() { return timers_; }
    ClusterMetadata& metadata() { return *metadata_; }
    ConfigStore& configs() { return configs_; }
    storage::LogManager& logs() { return logs_; }
    FetchSessions& fetch_sessions() { return fetch_sessions_; }
    WaitingFetches& waiting_fetches() { return waiting_fetches_; }
    GroupCoordinator& groups() { return *groups_; }
    TransactionCoordinator& transactions() { return *transactions_; }
    ProducerIds& producer_ids() { return *producer_ids_; }
    Authentication& authentication() { return *authentication_; }
    ClientQuotas& quotas() { return quotas_; }
    /// For net::Server, before it takes a connection.
    ConnectionRates& connection_rates() { return connection_rates_; }
    /// Null where there is none: everybody may do everything then.
    const Authorizer* authorizer() const { return authorizer_.get(); }

    /// Null unless Options::measures_requests.
    RequestMetrics* request_metrics() { return request_metrics_.get(); }

    /// How partitions are verified (PartitionVerification).
    const AskCoordinator& ask_transaction_coordinator() const { return ask_coordinator_; }
    /// For tests: another coordinator. Before the first request.
    void set_transaction_coordinator(AskCoordinator ask) { ask_coordinator_ = std::move(ask); }

    /// Runs `task`, which may wait for the disk, away from the io threads. Dropped, with what it
    /// holds, while the broker stops.
    void run_blocking(std::function<void()> task);
    /// Would these dynamic configs of this broker do? The error is a sentence.
    std::expected<void, std::string> check_broker_configs(const ConfigMap& wanted) const;
    /// The dynamic configs in the metadata log are what counts from now on, for topics too.
    void take_dynamic_configs();
    /// The quotas in the metadata log are what counts from now on.
    void take_quotas();
    /// The client is gone: what waits for it is dropped.
    void session_closed(uint64_t session_id);

    /// Creates the topic as auto.create.topics.enable does. An internal topic of ours gets its own
    /// settings.
    Outcome<TopicPointer> auto_create(const std::string& name);

private:
    Broker(storage::LogManager& logs, ConfigStore& configs, Clock& clock, Random& random,
           Options options);

    std::expected<void, std::string> open_authentication();
    static void refuse_version(const protocol::RequestHeader& header, net::Responder responder);
    std::expected<void, std::string> sync_what_was_recovered();
    std::expected<void, std::string> load_groups();
    TopicDirectory topic_directory();
    std::shared_ptr<const TopicImage> topic_image();
    ConsumerGroupSettings group_settings(std::string_view group) const;
    std::expected<void, std::string> replay_offsets(Partition& partition);
    Result<Offset> append_offsets(PartitionId partition, std::span<const OffsetsRecord> records,
                                  const OffsetsProducer& producer);
    Result<void> replay_offsets(PartitionId partition, const record::BatchView& batch);
    void when_offsets_durable(PartitionId partition, std::move_only_function<void()> done);

    storage::LogManager& logs_;
    ConfigStore& configs_;
    Clock& clock_;
    Random& random_;
    Options options_;
    const std::unique_ptr<RequestMetrics> request_metrics_;
    Timers timers_;
    FetchSessions fetch_sessions_;
    WaitingFetches waiting_fetches_;
    ClientQuotas quotas_;
    ConnectionRates connection_rates_;
    Guarded<std::shared_ptr<const TopicImage>> topic_image_;
    std::unique_ptr<ClusterMetadata> metadata_;
    std::unique_ptr<Authorizer> authorizer_;
    std::unique_ptr<ProducerIds> producer_ids_;
    std::unique_ptr<Authentication> authentication_;
    std::unique_ptr<GroupCoordinator> groups_;
    std::unique_ptr<TransactionCoordinator> transactions_;
    AskCoordinator ask_coordinator_;
};

/// A group request with what the coordinator wants to know of its client.
template <class Asked>
GroupCall<Asked> group_call(const Request& request, Asked asked) {
    return {.request = std::move(asked),
            .version = request.header.request_api_version,
            .client = {.id = request.client_id(), .host = "/" + request.peer.address}};
}

}  // namespace stoker::broker
