#include "kafka/admin_cluster.hpp"

#include <algorithm>
#include <utility>

#include "protocol/messages/03_metadata.hpp"
#include "protocol/messages/34_alter_replica_log_dirs.hpp"
#include "protocol/messages/60_describe_cluster.hpp"
#include "protocol/messages/64_unregister_broker.hpp"
#include "protocol/messages/81_remove_raft_voter.hpp"

namespace stoker::kafka {
namespace {

using protocol::AddRaftVoterRequest;
using protocol::AddRaftVoterResponse;
using protocol::AlterReplicaLogDirsRequest;
using protocol::AlterReplicaLogDirsResponse;
using protocol::ApiVersionsRequest;
using protocol::ApiVersionsResponse;
using protocol::DescribeClusterRequest;
using protocol::DescribeClusterResponse;
using protocol::DescribeLogDirsRequest;
using protocol::DescribeLogDirsResponse;
using protocol::DescribeQuorumRequest;
using protocol::DescribeQuorumResponse;
using protocol::RemoveRaftVoterRequest;
using protocol::RemoveRaftVoterResponse;
using protocol::UnregisterBrokerRequest;
using protocol::UnregisterBrokerResponse;
using protocol::UpdateFeaturesRequest;
using protocol::UpdateFeaturesResponse;

Outcome<ClusterDescription> describe_by_metadata(Admin& admin, CallOptions options) {
    auto answer = admin.call<protocol::MetadataResponse>(
        "listNodes", Target::any(), protocol::MetadataRequest{}, options);
    if (!answer) return failed(answer.error());
    admin.cluster().learn(*answer);
    return ClusterDescription{.cluster_id = answer->cluster_id.value_or(""),
                              .controller_id = answer->controller_id,
                              .nodes = admin.cluster().nodes()};
}

/// What an answer without anything but its error says.
template <class Response>
Outcome<void> outcome_of(const Outcome<Response>& answer) {
    if (!answer) return failed(answer.error());
    if (answer->error_code == ErrorCode::none) return {};
    return failed(failure_of(answer->error_code, answer->error_message));
}

Failure quorum_failure(ErrorCode code, const std::optional<std::string>& message) {
    return failure_of(code, message && !message->empty() ? message : std::nullopt);
}

}  // namespace

Outcome<ClusterDescription> describe_cluster(Admin& admin, bool with_fenced,
                                             CallOptions options) {
    DescribeClusterRequest request{.include_fenced_brokers = with_fenced};
    if (admin.cluster().are_controllers()) request.endpoint_type = 2;
    // Java calls it listNodes, from the time when Metadata was asked.
    auto answer =
        admin.call<DescribeClusterResponse>("listNodes", Target::any(), request, options);
    if (!answer && answer.error().is("UnsupportedVersionException")) {
        if (!with_fenced && request.endpoint_type == 1) return describe_by_metadata(admin, options);
    }
    if (!answer) return failed(answer.error());
    if (answer->error_code != ErrorCode::none) {
        return failed(failure_of(answer->error_code, answer->error_message));
    }
    ClusterDescription cluster{.cluster_id = answer->cluster_id,
                               .controller_id = answer->controller_id};
    for (const auto& broker : answer->brokers) {
        cluster.nodes.push_back({.id = broker.broker_id,
                                 .host = broker.host,
                                 .port = broker.port,
                                 .rack = broker.rack,
                                 .is_fenced = broker.is_fenced});
    }
    return cluster;
}

Outcome<std::vector<LogDirDescription>> describe_log_dirs(Admin& admin, int32_t broker) {
    DescribeLogDirsRequest request{.topics = std::nullopt};
    auto answer = admin.call<DescribeLogDirsResponse>("describeLogDirs", Target::of_node(broker),
                                                      request);
    if (!answer) return failed(answer.error());
    if (answer->error_code != ErrorCode::none) return failed(failure_of(answer->error_code));
    return std::move(answer->results);
}

Outcome<std::map<TopicPartition, Outcome<void>>> alter_replica_log_dirs(
    Admin& admin, int32_t broker, const std::map<TopicPartition, std::string>& folders) {
    AlterReplicaLogDirsRequest request;
    for (const auto& [where, folder] : folders) {
        auto& dirs = request.dirs;
        auto dir =
            std::ranges::find(dirs, folder, &AlterReplicaLogDirsRequest::AlterReplicaLogDir::path);
        if (dir == dirs.end()) dir = dirs.insert(dirs.end(), {.path = folder});
        if (dir->topics.empty() || dir->topics.back().name != where.topic) {
            dir->topics.push_back({.name = where.topic});
        }
        dir->topics.back().partitions.push_back(PartitionId{where.partition});
    }
    auto answer = admin.call<AlterReplicaLogDirsResponse>("alterReplicaLogDirs",
                                                          Target::of_node(broker), request);
    if (!answer) return failed(answer.error());
    std::map<TopicPartition, Outcome<void>> all;
    for (const auto& topic : answer->results) {
        for (const auto& from : topic.partitions) {
            Outcome<void> one;
            if (from.error_code != ErrorCode::none) one = failed(failure_of(from.error_code));
            all.insert_or_assign({topic.topic_name, raw(from.partition_index)}, std::move(one));
        }
    }
    return all;
}

Outcome<ApiVersionsResponse> describe_versions(Admin& admin, const Target& target) {
    ApiVersionsRequest request{.client_software_name = "stoker",
                               .client_software_version = STOKER_VERSION};
    auto answer = admin.call<ApiVersionsResponse>("describeFeatures", target, request);
    if (!answer) return failed(answer.error());
    if (answer->error_code != ErrorCode::none) return failed(failure_of(answer->error_code));
    return answer;
}

Outcome<QuorumDescription> describe_quorum(Admin& admin) {
    DescribeQuorumRequest request;
    request.topics.push_back({.topic_name = "__cluster_metadata",
                              .partitions = {{.partition_index = PartitionId{0}}}});
    auto answer = admin.call<DescribeQuorumResponse>(
        "describeMetadataQuorum", Target::any(), request, {},
        [](const DescribeQuorumResponse& r) { return r.error_code; });
    if (!answer) return failed(answer.error());
    if (answer->error_code != ErrorCode::none) {
        return failed(quorum_failure(answer->error_code, answer->error_message));
    }
    if (answer->topics.size() != 1 || answer->topics[0].partitions.size() != 1) {
        return failed(failure_of(ErrorCode::unknown_server_error,
                                 "DescribeMetadataQuorum has not one partition"));
    }
    QuorumDescription quorum{.partition = std::move(answer->topics[0].partitions[0]),
                             .nodes = std::move(answer->nodes)};
    if (quorum.partition.error_code != ErrorCode::none) {
        return failed(
            quorum_failure(quorum.partition.error_code, quorum.partition.error_message));
    }
    return quorum;
}

Outcome<std::vector<Outcome<void>>> update_features(
    Admin& admin, const std::vector<UpdateFeaturesRequest::FeatureUpdateKey>& updates,
    bool validate_only) {
    UpdateFeaturesRequest request{.timeout_ms = int32_t(admin.settings().request_timeout_ms),
                                  .feature_updates = updates,
                                  .validate_only = validate_only};
    auto answer = admin.call<UpdateFeaturesResponse>("updateFeatures", Target::controller(),
                                                     request);
    if (!answer) return failed(answer.error());
    std::vector<Outcome<void>> all(updates.size());
    for (size_t i = 0; i < updates.size(); ++i) {
        if (answer->error_code != ErrorCode::none) {
            all[i] = failed(failure_of(answer->error_code, answer->error_message));
        }
        for (const auto& result : answer->results) {
            if (result.feature != updates[i].feature || result.error_code == ErrorCode::none) {
                continue;
            }
            all[i] = failed(failure_of(result.error_code, result.error_message));
        }
    }
    return all;
}

Outcome<void> unregister_broker(Admin& admin, int32_t broker) {
    return outcome_of(admin.call<UnregisterBrokerResponse>(
        "unregisterBroker", Target::any(), UnregisterBrokerRequest{.broker_id = broker}));
}

Outcome<void> add_raft_voter(Admin& admin, int32_t id, const Uuid& directory_id,
                             const std::vector<VoterEndpoint>& endpoints) {
    const AddRaftVoterRequest request{
        .cluster_id = std::nullopt,
        .timeout_ms = static_cast<int32_t>(admin.settings().request_timeout_ms),
        .voter_id = id,
        .voter_directory_id = directory_id,
        .listeners = endpoints};
    return outcome_of(
        admin.call<AddRaftVoterResponse>("addRaftVoter", Target::any(), request));
}

Outcome<void> remove_raft_voter(Admin& admin, int32_t id, const Uuid& directory_id) {
    const RemoveRaftVoterRequest request{
        .cluster_id = std::nullopt, .voter_id = id, .voter_directory_id = directory_id};
    return outcome_of(
        admin.call<RemoveRaftVoterResponse>("removeRaftVoter", Target::any(), request));
}

}  // namespace stoker::kafka
