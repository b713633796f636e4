// The cluster itself through the admin client: brokers, log folders, features, the metadata quorum.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/uuid.hpp"
#include "kafka/admin.hpp"
#include "kafka/topic_partition.hpp"
#include "protocol/messages/18_api_versions.hpp"
#include "protocol/messages/35_describe_log_dirs.hpp"
#include "protocol/messages/55_describe_quorum.hpp"
#include "protocol/messages/57_update_features.hpp"
#include "protocol/messages/80_add_raft_voter.hpp"

namespace stoker::kafka {

struct ClusterDescription {
    std::string cluster_id;
    int32_t controller_id = -1;
    std::vector<Node> nodes;
};

/// Asks by Metadata where the broker has no DescribeCluster.
Outcome<ClusterDescription> describe_cluster(Admin& admin, bool with_fenced = false,
                                             CallOptions options = {});

using LogDirDescription = protocol::DescribeLogDirsResponse::DescribeLogDirsResult;
/// The folders of one broker; each has an error of its own.
Outcome<std::vector<LogDirDescription>> describe_log_dirs(Admin& admin, int32_t broker);

/// Moves replicas of one broker to other folders; an outcome for each partition.
Outcome<std::map<TopicPartition, Outcome<void>>> alter_replica_log_dirs(
    Admin& admin, int32_t broker, const std::map<TopicPartition, std::string>& folders);

/// What one broker says of itself: APIs and features.
Outcome<protocol::ApiVersionsResponse> describe_versions(Admin& admin, const Target& target);

/// The one partition of the metadata log, and the listeners of its nodes.
struct QuorumDescription {
    protocol::DescribeQuorumResponse::PartitionData partition;
    std::vector<protocol::DescribeQuorumResponse::Node> nodes;
};
Outcome<QuorumDescription> describe_quorum(Admin& admin);

using VoterEndpoint = protocol::AddRaftVoterRequest::Listener;
/// Makes a controller a voter of the quorum, or no voter any more.
Outcome<void> add_raft_voter(Admin& admin, int32_t id, const Uuid& directory_id,
                             const std::vector<VoterEndpoint>& endpoints);
Outcome<void> remove_raft_voter(Admin& admin, int32_t id, const Uuid& directory_id);

/// An outcome for each feature, in their order.
Outcome<std::vector<Outcome<void>>> update_features(
    Admin& admin, const std::vector<protocol::UpdateFeaturesRequest::FeatureUpdateKey>& updates,
    bool validate_only);

Outcome<void> unregister_broker(Admin& admin, int32_t broker);

}  // namespace stoker::kafka
