#include "exporter/collector.hpp"

#include <re2/re2.h>

#include <algorithm>

#include "kafka/admin_groups.hpp"
#include "kafka/admin_partitions.hpp"
#include "kafka/group_admin.hpp"
#include "protocol/messages/03_metadata.hpp"

namespace stoker::exporter {
namespace {

using kafka::Admin;
using kafka::CallOptions;
using kafka::Outcome;

Outcome<void> read_topics(Admin& admin, const CollectorOptions& options, Snapshot& snapshot) {
    const protocol::MetadataRequest everything{.topics = std::nullopt,
                                               .allow_auto_topic_creation = false};
    const auto metadata =
        admin.cluster().fetch_metadata(everything, admin.cluster().deadline(options.timeout_ms));
    if (!metadata) return kafka::failed(metadata.error());
    admin.cluster().learn(*metadata);
    snapshot.cluster_id = metadata->cluster_id.value_or("");
    for (const auto& broker : metadata->brokers)
        snapshot.brokers.push_back(
            {.id = broker.node_id, .address = broker.host + ":" + std::to_string(broker.port)});
    for (const auto& topic : metadata->topics) {
        if (topic.error_code != ErrorCode::none || !topic.name) continue;
        if (!options.topics.shows(*topic.name)) continue;
        auto& partitions = snapshot.topics[*topic.name];
        // Their numbers are those of a list without gaps, in any order.
        partitions.resize(topic.partitions.size());
        for (const auto& partition : topic.partitions) {
            const auto at = size_t(raw(partition.partition_index));
            if (at >= partitions.size()) continue;
            partitions[at].leader = partition.leader_id;
            partitions[at].replicas = partition.replica_nodes;
            partitions[at].in_sync = partition.isr_nodes;
        }
    }
    return {};
}

void take_members(const kafka::GroupDescription& described, Group& group) {
    group.members = described.members.size();
    for (const auto& member : described.members)
        for (const auto& where : member.assignment)
            group.owners[where] = {
                .host = member.host, .consumer_id = member.id, .client_id = member.client_id};
}

Outcome<void> read_groups(Admin& admin, const CollectorOptions& options, Snapshot& snapshot) {
    const CallOptions call{.timeout_ms = options.timeout_ms};
    const auto listed = kafka::find_groups(admin, {}, call);
    if (!listed) return kafka::failed(listed.error());
    std::vector<std::string> classic;
    std::vector<std::string> others;
    for (const auto& group : *listed) {
        // Connect's and schema registries' groups commit nothing; share groups have no offsets.
        const bool consumes = group.protocol_type.empty() || group.protocol_type == "consumer";
        if (!consumes || !options.groups.shows(group.group_id)) continue;
        (group.group_type == "Classic" ? classic : others).push_back(group.group_id);
        snapshot.groups[group.group_id].simple = group.protocol_type.empty();
    }
    for (const auto& all : {kafka::describe_classic_groups(admin, classic, call),
                            kafka::describe_consumer_groups(admin, others, call)})
        for (const auto& [name, described] : all)
            if (described) take_members(*described, snapshot.groups[name]);
    for (auto& [name, group] : snapshot.groups) {
        const auto committed = kafka::list_group_offsets(admin, name, std::nullopt, call);
        if (!committed) continue;
        for (const auto& [where, offset] : *committed)
            if (snapshot.find(where) != nullptr) group.committed[where] = offset.offset;
    }
    return {};
}

void read_offsets(Admin& admin, const CollectorOptions& options, int64_t which,
                  std::optional<int64_t> PartitionState::*into, Snapshot& snapshot) {
    std::map<TopicPartition, int64_t> wanted;
    for (const auto& [topic, partitions] : snapshot.topics)
        for (size_t i = 0; i < partitions.size(); ++i)
            if (partitions[i].leader >= 0) wanted[{topic, int32_t(i)}] = which;
    for (const auto& [where, offset] :
         kafka::list_offsets(admin, wanted, false, {.timeout_ms = options.timeout_ms})) {
        if (!offset || offset->offset < 0) continue;
        snapshot.topics[where.topic][size_t(where.partition)].*into = offset->offset;
    }
}

}  // namespace

std::expected<NameFilter, std::string> NameFilter::create(const std::string& wanted,
                                                          const std::string& unwanted) {
    const auto compiled = [](const std::string& pattern) {
        return std::make_shared<const re2::RE2>(pattern, re2::RE2::Quiet);
    };
    auto in = compiled(wanted);
    auto out = compiled(unwanted);
    for (const auto& pattern : {in, out})
        if (!pattern->ok())
            return std::unexpected("'" + pattern->pattern() + "' is no regular expression: " +
                                   pattern->error() + ".");
    return NameFilter(std::move(in), std::move(out));
}

bool NameFilter::shows(const std::string& name) const {
    return re2::RE2::FullMatch(name, *wanted_) && !re2::RE2::FullMatch(name, *unwanted_);
}

Outcome<Snapshot> look_at(Admin& admin, const CollectorOptions& options) {
    Snapshot snapshot;
    if (auto read = read_topics(admin, options, snapshot); !read)
        return kafka::failed(read.error());
    if (auto read = read_groups(admin, options, snapshot); !read)
        return kafka::failed(read.error());
    read_offsets(admin, options, kafka::earliest_offset, &PartitionState::earliest, snapshot);
    // Last: no group has committed beyond what these find.
    read_offsets(admin, options, kafka::latest_offset, &PartitionState::latest, snapshot);
    return snapshot;
}

}  // namespace stoker::exporter
