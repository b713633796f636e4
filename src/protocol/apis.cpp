#include "protocol/apis.hpp"

#include <algorithm>
#include <array>

#include "protocol/messages/00_produce.hpp"
#include "protocol/messages/01_fetch.hpp"
#include "protocol/messages/02_list_offsets.hpp"
#include "protocol/messages/03_metadata.hpp"
#include "protocol/messages/08_offset_commit.hpp"
#include "protocol/messages/09_offset_fetch.hpp"
#include "protocol/messages/10_find_coordinator.hpp"
#include "protocol/messages/11_join_group.hpp"
#include "protocol/messages/12_heartbeat.hpp"
#include "protocol/messages/13_leave_group.hpp"
#include "protocol/messages/14_sync_group.hpp"
#include "protocol/messages/15_describe_groups.hpp"
#include "protocol/messages/16_list_groups.hpp"
#include "protocol/messages/18_api_versions.hpp"
#include "protocol/messages/19_create_topics.hpp"
#include "protocol/messages/20_delete_topics.hpp"
#include "protocol/messages/21_delete_records.hpp"
#include "protocol/messages/22_init_producer_id.hpp"
#include "protocol/messages/32_describe_configs.hpp"
#include "protocol/messages/37_create_partitions.hpp"
#include "protocol/messages/42_delete_groups.hpp"
#include "protocol/messages/44_incremental_alter_configs.hpp"
#include "protocol/messages/47_offset_delete.hpp"
#include "protocol/messages/60_describe_cluster.hpp"

namespace stoker::protocol {

namespace {

constexpr std::array declared{
    ProduceRequest::api,
    FetchRequest::api,
    ListOffsetsRequest::api,
    MetadataRequest::api,
    OffsetCommitRequest::api,
    OffsetFetchRequest::api,
    FindCoordinatorRequest::api,
    JoinGroupRequest::api,
    HeartbeatRequest::api,
    LeaveGroupRequest::api,
    SyncGroupRequest::api,
    DescribeGroupsRequest::api,
    ListGroupsRequest::api,
    ApiVersionsRequest::api,
    CreateTopicsRequest::api,
    DeleteTopicsRequest::api,
    DeleteRecordsRequest::api,
    InitProducerIdRequest::api,
    DescribeConfigsRequest::api,
    CreatePartitionsRequest::api,
    DeleteGroupsRequest::api,
    IncrementalAlterConfigsRequest::api,
    OffsetDeleteRequest::api,
    DescribeClusterRequest::api,
};
static_assert(std::ranges::is_sorted(declared, {}, &Api::key));

}  // namespace

std::span<const Api> apis() { return declared; }

const Api* find_api(int16_t key) {
    auto found = std::ranges::lower_bound(declared, key, {}, &Api::key);
    return found != declared.end() && found->key == key ? &*found : nullptr;
}

}  // namespace stoker::protocol
