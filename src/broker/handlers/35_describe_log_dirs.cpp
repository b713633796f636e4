// DescribeLogDirs (35), versions 1 to 5.
//
// Behaviour: the one data directory with the sizes of the partitions asked for, or of all; those
// that do not exist are left out. Version notes: the volume's sizes from 4 (KIP-827).
#include <set>
#include <string>
#include <utility>

#include "broker/broker.hpp"
#include "broker/handlers/handlers.hpp"
#include "broker/security/access.hpp"

namespace stoker::broker {

using protocol::DescribeLogDirsRequest;
using protocol::DescribeLogDirsResponse;

namespace {

using Result = DescribeLogDirsResponse::DescribeLogDirsResult;

void add_topic(Broker& broker, Result& result, const Topic& topic,
               const std::set<PartitionId>* wanted) {
    DescribeLogDirsResponse::DescribeLogDirsTopic told{.name = topic.name};
    for (const auto& partition : topic.partitions) {
        if (wanted != nullptr && !wanted->contains(partition->id())) continue;
        told.partitions.push_back(
            {.partition_index = partition->id(),
             .partition_size = broker.logs().size_of({topic.name, partition->id()})});
    }
    if (!told.partitions.empty()) result.topics.push_back(std::move(told));
}

Result describe(Broker& broker, const DescribeLogDirsRequest& asked) {
    storage::LogManager& logs = broker.logs();
    Result result{.log_dir = logs.directory().path()};
    if (logs.directory().offline()) {
        result.error_code = ErrorCode::kafka_storage_error;
        return result;
    }
    if (auto space = logs.disk().space(result.log_dir)) {
        result.total_bytes = space->total_bytes;
        result.usable_bytes = space->free_bytes;
    }
    if (!asked.topics) {
        for (const auto& topic : broker.metadata().topics())
            add_topic(broker, result, *topic, nullptr);
        return result;
    }
    for (const auto& wanted : *asked.topics) {
        auto topic = broker.metadata().find(wanted.topic);
        if (!topic) continue;
        std::set<PartitionId> partitions(wanted.partitions.begin(), wanted.partitions.end());
        add_topic(broker, result, *topic, &partitions);
    }
    return result;
}

}  // namespace

void describe_log_dirs(Broker& broker, const Request& request, DescribeLogDirsRequest asked,
                       Reply<DescribeLogDirsResponse> reply) {
    if (!Access(broker, request).allows(Right::describe_log_dirs))
        return std::move(reply)(denied<DescribeLogDirsResponse>(Right::describe_log_dirs));
    auto kept = std::make_shared<Reply<DescribeLogDirsResponse>>(std::move(reply));
    // Sizes of logs that nobody has opened yet are the file system's to say.
    broker.run_blocking([&broker, asked = std::move(asked), kept] {
        std::move(*kept)({.results = {describe(broker, asked)}});
    });
}

}  // namespace stoker::broker
