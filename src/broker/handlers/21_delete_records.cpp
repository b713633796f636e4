// DeleteRecords (21), versions 0 to 2.
//
// Behaviour: a partition's log starts at the offset from now on; -1 means the high watermark. Whole
// segments before it are deleted by the next retention check.
#include "broker/broker.hpp"
#include "broker/handlers/handlers.hpp"
#include "broker/security/access.hpp"

namespace stoker::broker {

using protocol::DeleteRecordsRequest;
using protocol::DeleteRecordsResponse;

namespace {

constexpr Offset to_high_watermark{-1};

Result<Offset> truncate(Broker& broker, const std::string& name, PartitionId id, Offset offset) {
    auto topic = broker.metadata().find(name);
    auto partition = topic ? topic->partition(id) : nullptr;
    if (!partition) return fail(ErrorCode::unknown_topic_or_partition);
    if (topic->internal()) return fail(ErrorCode::invalid_topic_exception);
    if (!topic->settings.deletable) return fail(ErrorCode::policy_violation);
    auto log = partition->log();
    if (!log) return fail(log.error());
    if (offset < to_high_watermark) return fail(ErrorCode::offset_out_of_range);
    return (*log)->delete_records_before(offset == to_high_watermark ? (*log)->high_watermark()
                                                                     : offset);
}

}  // namespace

void delete_records(Broker& broker, const Request& request, DeleteRecordsRequest asked,
                    Reply<DeleteRecordsResponse> reply) {
    DeleteRecordsResponse response;
    AllowedNames deletable =
        Access(broker, request)
            .filter(Right::delete_records_topic, asked.topics,
                    [](const auto& topic) -> const std::string& { return topic.name; });
    for (const auto& topic : asked.topics) {
        auto& answer = response.topics.emplace_back();
        answer.name = topic.name;
        for (const auto& wanted : topic.partitions) {
            auto start = deletable.contains(topic.name)
                             ? truncate(broker, topic.name, wanted.partition_index, wanted.offset)
                             : fail(ErrorCode::topic_authorization_failed);
            answer.partitions.push_back({.partition_index = wanted.partition_index,
                                         .low_watermark = start.value_or(Offset{-1}),
                                         .error_code = start ? ErrorCode::none : start.error()});
        }
    }
    std::move(reply)(response);
}

}  // namespace stoker::broker
