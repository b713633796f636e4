// Configs of topics, brokers, groups, client metrics and of what has none.
#include <algorithm>

#include "protocol/messages/32_describe_configs.hpp"
#include "protocol/messages/33_alter_configs.hpp"
#include "protocol/messages/44_incremental_alter_configs.hpp"
#include "protocol/messages/74_list_config_resources.hpp"
#include "steps.hpp"

namespace stoker::differential {

namespace {

using protocol::AlterConfigsRequest;
using protocol::AlterConfigsResponse;
using protocol::DescribeConfigsRequest;
using protocol::DescribeConfigsResponse;
using protocol::IncrementalAlterConfigsRequest;
using protocol::IncrementalAlterConfigsResponse;
using protocol::ListConfigResourcesRequest;
using protocol::ListConfigResourcesResponse;

constexpr int8_t topic_type = 2, broker_type = 4, logger_type = 8, metrics_type = 16,
                 group_type = 32;

struct Resource {
    int8_t type;
    std::string name;
};

Resource draw_resource(Duel& duel) {
    Draw& draw = duel.draw;
    switch (draw.below(10)) {
        case 0: case 1: case 2: case 3: return {topic_type, draw.topic(duel.model)};
        case 4: case 5:
            return {broker_type, draw.pick<std::string>({"1", "1", "", "", "2", "x", "-1"})};
        case 6: return {metrics_type, draw.pick<std::string>({"metrics-a", "metrics-b", ""})};
        case 7: return {group_type, draw.group()};
        case 8: return {logger_type, draw.pick<std::string>({"1", "", "2"})};
        default: return {draw.pick<int8_t>({0, 1, 3, 5, 64, -1}), "thing"};
    }
}

struct Setting {
    std::string name;
    std::optional<std::string> value;
};

Setting draw_topic_setting(Draw& draw) {
    return draw.pick<Setting>({
        {"retention.ms", "86400000"}, {"retention.ms", "-1"}, {"retention.ms", "-2"},
        {"retention.ms", "many"}, {"retention.ms", " 86400001 "},
        {"retention.bytes", "1000000000"}, {"retention.bytes", "99999999999999999999"},
        {"cleanup.policy", "compact"}, {"cleanup.policy", "delete"},
        {"cleanup.policy", "delete,compact"}, {"cleanup.policy", "none"},
        {"cleanup.policy", ""}, {"compression.type", "gzip"},
        {"compression.type", "producer"}, {"compression.type", "best"},
        {"compression.gzip.level", "9"}, {"compression.gzip.level", "0"},
        {"compression.zstd.level", "30"}, {"compression.lz4.level", "17"},
        {"max.message.bytes", "1048588"}, {"max.message.bytes", "500"},
        {"max.message.bytes", "-1"}, {"segment.bytes", "1048576"},
        {"segment.bytes", "100"}, {"segment.ms", "3600000"}, {"segment.ms", "0"},
        {"segment.jitter.ms", "5"}, {"segment.index.bytes", "10485760"},
        {"index.interval.bytes", "4096"}, {"flush.messages", "1"}, {"flush.ms", "0"},
        {"file.delete.delay.ms", "60000"}, {"delete.retention.ms", "1"},
        {"min.compaction.lag.ms", "10"}, {"max.compaction.lag.ms", "0"},
        {"max.compaction.lag.ms", "5"}, {"min.cleanable.dirty.ratio", "0.7"},
        {"min.cleanable.dirty.ratio", "1.5"}, {"min.insync.replicas", "1"},
        {"min.insync.replicas", "0"}, {"preallocate", "false"}, {"preallocate", "maybe"},
        {"unclean.leader.election.enable", "true"},
        {"message.timestamp.type", "CreateTime"},
        {"message.timestamp.type", "LogAppendTime"}, {"message.timestamp.type", "now"},
        {"message.timestamp.before.max.ms", "9223372036854775807"},
        {"message.timestamp.after.max.ms", "3600000"},
        {"message.timestamp.after.max.ms", "-1"}, {"message.format.version", "3.0"},
        {"message.downconversion.enable", "true"}, {"local.retention.ms", "5"},
        {"local.retention.bytes", "-2"}, {"remote.storage.enable", "true"},
        {"remote.storage.enable", "false"}, {"remote.log.copy.disable", "true"},
        {"remote.log.delete.on.disable", "true"},
        {"leader.replication.throttled.replicas", "*"},
        {"follower.replication.throttled.replicas", "0:1,1:1"},
        {"follower.replication.throttled.replicas", "nonsense"},
        {"internal.segment.bytes", "1000"}, {"errors.deadletterqueue.topic.name", "x"}});
}

Setting draw_broker_setting(Draw& draw) {
    return draw.pick<Setting>({
        {"log.retention.ms", "86400000"}, {"log.retention.ms", "x"},
        {"log.retention.hours", "5"}, {"log.cleaner.threads", "2"},
        {"log.cleaner.threads", "1"},
        {"num.io.threads", "8"}, {"num.io.threads", "1000"}, {"num.network.threads", "3"},
        {"message.max.bytes", "1048588"}, {"message.max.bytes", "-1"},
        {"max.connections", "1000"}, {"max.connections.per.ip", "x"},
        {"log.segment.bytes", "1073741824"}, {"log.segment.bytes", "1"},
        {"compression.type", "producer"}, {"node.id", "5"}, {"broker.id", "5"},
        {"log.dirs", "/nowhere"}, {"process.roles", "broker"}, {"listeners", "x"},
        {"advertised.listeners", "PLAINTEXT://nowhere:1"}, {"min.insync.replicas", "1"},
        {"background.threads", "10"}, {"auto.create.topics.enable", "true"},
        {"num.partitions", "2"}, {"log.flush.interval.messages", "9223372036854775807"},
        {"unclean.leader.election.enable", "false"},
        {"num.recovery.threads.per.data.dir", "2"},
        {"log.message.timestamp.type", "CreateTime"},
        {"max.connection.creation.rate", "100"},
        {"transaction.partition.verification.enable", "true"},
        {"producer.id.expiration.ms", "86400000"}, {"ssl.keystore.location", "/none"},
        {"metric.reporters", ""}, {"remote.log.reader.threads", "5"},
        {"leader.replication.throttled.rate", "1000"},
        {"follower.replication.throttled.rate", "0"}, {"cordoned.log.dirs", ""},
        {"log.cleanup.policy", "delete"}, {"log.cleaner.dedupe.buffer.size", "1"}});
}

/// Stoker refuses what nothing in it would follow (documented.cpp). Only asked whether it might be:
/// else the two would hold different values ever after.
bool is_refused_by_stoker(int8_t type, const Setting& setting) {
    if (type != broker_type) return false;
    for (std::string_view start :
         {"cordoned.log.dirs", "listener", "log.cleaner.", "max.connections",
          "metric.reporters", "num.network.threads", "num.recovery.threads",
          "producer.id.expiration"}) {
        if (setting.name.starts_with(start)) return true;
    }
    return false;
}

Setting draw_metrics_setting(Draw& draw) {
    return draw.pick<Setting>({
        {"interval.ms", "1000"}, {"interval.ms", "10"}, {"interval.ms", "x"},
        {"interval.ms", "3600001"}, {"metrics", "org.apache.kafka"}, {"metrics", ""},
        {"metrics", "a,b"}, {"match", "client_id=a.*"}, {"match", "client_id=("},
        {"match", "nonsense=1"}, {"match", "client_software_name=x"}});
}

Setting draw_group_setting(Draw& draw) {
    return draw.pick<Setting>({
        {"consumer.session.timeout.ms", "46000"}, {"consumer.session.timeout.ms", "1"},
        {"consumer.session.timeout.ms", "x"}, {"consumer.heartbeat.interval.ms", "6000"},
        {"consumer.heartbeat.interval.ms", "1"},
        {"consumer.heartbeat.interval.ms", "100000"},
        {"share.session.timeout.ms", "46000"}, {"share.auto.offset.reset", "earliest"},
        {"share.auto.offset.reset", "nonsense"},
        {"share.isolation.level", "read_committed"},
        {"share.record.lock.duration.ms", "30000"}, {"streams.num.standby.replicas", "0"},
        {"streams.session.timeout.ms", "46000"}});
}

Setting draw_logger_setting(Draw& draw) {
    return draw.pick<Setting>({
        {"root", "INFO"}, {"root", "LOUD"},
        {"no.such.logger", "INFO"}});
}

Setting draw_setting(Draw& draw, int8_t type) {
    if (draw.chance(6)) {
        return draw.pick<Setting>(
            {{"", ""}, {"no.such.config", "1"}, {"retention.ms", std::nullopt}});
    }
    switch (type) {
        case topic_type: return draw_topic_setting(draw);
        case broker_type: return draw_broker_setting(draw);
        case metrics_type: return draw_metrics_setting(draw);
        case group_type: return draw_group_setting(draw);
        case logger_type: return draw_logger_setting(draw);
        default: return {"name", "value"};
    }
}

void describe_configs(Duel& duel) {
    Draw& draw = duel.draw;
    DescribeConfigsRequest request{.include_synonyms = draw.chance(50),
                                   .include_documentation = draw.chance(30)};
    for (size_t i = 1 + draw.below(2); i > 0; --i) {
        Resource resource = draw_resource(duel);
        std::optional<std::vector<std::string>> keys;
        if (draw.chance(40)) {
            keys.emplace();
            for (size_t n = draw.below(4); n > 0; --n) {
                keys->push_back(draw_setting(draw, resource.type).name);
            }
        }
        // Its loggers are each broker's own.
        if (resource.type == logger_type && resource.name == "1") keys = {{"root"}};
        request.resources.push_back({.resource_type = resource.type,
                                     .resource_name = resource.name,
                                     .configuration_keys = keys});
    }
    duel.exchange<DescribeConfigsResponse>(request);
}

void alter_configs(Duel& duel) {
    Draw& draw = duel.draw;
    AlterConfigsRequest request{.validate_only = draw.chance(30)};
    Resource resource = draw_resource(duel);
    AlterConfigsRequest::AlterConfigsResource altered{.resource_type = resource.type,
                                                      .resource_name = resource.name};
    for (size_t i = draw.below(3); i > 0; --i) {
        Setting setting = draw_setting(draw, resource.type);
        altered.configs.push_back({.name = setting.name, .value = setting.value});
        if (is_refused_by_stoker(resource.type, setting)) request.validate_only = true;
    }
    // Not the same resource twice: the reference never answers that.
    request.resources.push_back(altered);
    duel.exchange<AlterConfigsResponse>(request);
}

void incremental_alter_configs(Duel& duel) {
    Draw& draw = duel.draw;
    IncrementalAlterConfigsRequest request{.validate_only = draw.chance(30)};
    for (size_t n = 1 + draw.below(2); n > 0; --n) {
        Resource resource = draw_resource(duel);
        IncrementalAlterConfigsRequest::AlterConfigsResource altered{
            .resource_type = resource.type, .resource_name = resource.name};
        for (size_t i = draw.chance(90) ? 1 + draw.below(2) : 0; i > 0; --i) {
            Setting setting = draw_setting(draw, resource.type);
            int8_t operation = draw.chance(60) ? 0 : draw.pick<int8_t>({1, 1, 2, 3});
            // Elsewhere the reference's controller resigns over an unknown operation.
            if (resource.type == broker_type && draw.chance(5)) operation = 4;
            if (operation == 1 && draw.chance(80)) setting.value = std::nullopt;
            if (is_refused_by_stoker(resource.type, setting)) request.validate_only = true;
            altered.configs.push_back({.name = setting.name, .config_operation = operation,
                                       .value = setting.value});
        }
        bool twice = std::ranges::any_of(request.resources, [&](const auto& other) {
            return other.resource_type == resource.type && other.resource_name == resource.name;
        });
        if (!twice) request.resources.push_back(altered);
    }
    duel.exchange<IncrementalAlterConfigsResponse>(request);
}

void list_config_resources(Duel& duel) {
    Draw& draw = duel.draw;
    ListConfigResourcesRequest request;
    for (size_t i = draw.below(3); i > 0; --i) {
        request.resource_types.push_back(
            draw.pick<int8_t>({topic_type, broker_type, logger_type, metrics_type, group_type, 0}));
    }
    duel.exchange<ListConfigResourcesResponse>(request);
}

}  // namespace

std::vector<StepKind> config_steps() {
    return {
        {32, "describe configs", 12, describe_configs},
        {33, "alter configs", 5, alter_configs},
        {44, "incremental alter configs", 15, incremental_alter_configs},
        {74, "list config resources", 3, list_config_resources},
    };
}

}  // namespace stoker::differential
