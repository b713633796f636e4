// ListOffsets (2), versions 1 to 11.
//
// Behaviour: the offset for a timestamp; -1 latest, -2 earliest, -3 the record with the greatest
// timestamp, -4 earliest local (the same as earliest: nothing is tiered), -5 latest tiered (none),
// -6 earliest that waits to be tiered (none).
// Version notes: isolation level from 2, leader epochs from 4; under read_committed "latest" is the
// last stable offset, and nothing at or behind it is found.
// A partition that nothing was ever written to has no log, and asking where it begins or ends makes
// none: whoever watches all partitions of a cluster opens none of them.
#include <memory>
#include <string>
#include <utility>

#include "broker/broker.hpp"
#include "broker/handlers/handlers.hpp"
#include "broker/security/access.hpp"
#include "broker/repeats.hpp"

namespace stoker::broker {

using protocol::ListOffsetsRequest;
using protocol::ListOffsetsResponse;

namespace {

constexpr int64_t latest = -1;
constexpr int64_t earliest = -2;
constexpr int64_t max_timestamp = -3;
constexpr int64_t earliest_local = -4;
constexpr int64_t latest_tiered = -5;
constexpr int64_t earliest_pending_upload = -6;

/// Which versions know the special timestamps; an older client meant a time before 1970.
constexpr int16_t first_version_with_max_timestamp = 7;
constexpr int16_t first_version_with_earliest_local = 8;
constexpr int16_t first_version_with_latest_tiered = 9;
constexpr int16_t first_version_with_pending_upload = 11;
constexpr int16_t first_version_with_leader_epoch = 4;

using Answer = ListOffsetsResponse::ListOffsetsPartitionResponse;

bool known(int64_t timestamp, int16_t version) {
    if (timestamp == max_timestamp) return version >= first_version_with_max_timestamp;
    if (timestamp == earliest_local) return version >= first_version_with_earliest_local;
    if (timestamp == latest_tiered) return version >= first_version_with_latest_tiered;
    if (timestamp == earliest_pending_upload) return version >= first_version_with_pending_upload;
    return timestamp >= earliest;
}

Result<storage::TimestampOffset> look_up(const Partition& partition, storage::Log& log,
                                         int64_t timestamp, bool read_committed) {
    // The next record is written in the leader's epoch; so is the first one of an empty log.
    bool empty = log.start_offset() == log.end_offset();
    switch (timestamp) {
        case latest:
            return storage::TimestampOffset{
                .offset = read_committed ? log.last_stable_offset() : log.high_watermark(),
                .epoch = partition.leader_epoch()};
        case earliest:
        case earliest_local:
            return storage::TimestampOffset{.offset = log.start_offset(),
                                            .epoch = empty ? partition.leader_epoch()
                                                           : log.epoch_of(log.start_offset())};
        case max_timestamp:
            return log.max_timestamp();
        case latest_tiered:
        case earliest_pending_upload:
            return storage::TimestampOffset{};
        default:
            return log.offset_for_time(timestamp);
    }
}

/// Anything but an end of the log is searched for, in files that may be cold.
bool searches(int64_t timestamp) { return timestamp >= 0 || timestamp == max_timestamp; }

/// The same as look_up() where there is no log yet.
storage::TimestampOffset of_nothing(const Partition& partition, int64_t timestamp) {
    if (timestamp == latest_tiered || timestamp == earliest_pending_upload) return {};
    return {.offset = Offset{0}, .epoch = partition.leader_epoch()};
}

bool has_log(Broker& broker, const Partition& partition) {
    return partition.has_folder() || broker.logs().directory().offline();
}

Answer answer_for(Broker& broker, const ListOffsetsRequest& asked, const std::string& topic_name,
                  const ListOffsetsRequest::ListOffsetsPartition& wanted, int16_t version) {
    Answer answer{.partition_index = wanted.partition_index};
    auto topic = broker.metadata().find(topic_name);
    auto partition = topic ? topic->partition(wanted.partition_index) : nullptr;
    auto failed = [&](ErrorCode error) {
        answer.error_code = error;
        return answer;
    };
    if (!known(wanted.timestamp, version)) return failed(ErrorCode::unsupported_version);
    if (!partition) return failed(ErrorCode::unknown_topic_or_partition);
    ErrorCode stale = partition->check_epoch(wanted.current_leader_epoch);
    if (stale != ErrorCode::none) return failed(stale);
    const auto tell = [&](const storage::TimestampOffset& found) {
        answer.timestamp = found.timestamp_ms;
        answer.offset = found.offset;
        if (version >= first_version_with_leader_epoch) answer.leader_epoch = found.epoch;
        return answer;
    };
    if (!searches(wanted.timestamp) && !has_log(broker, *partition))
        return tell(of_nothing(*partition, wanted.timestamp));
    auto log = partition->log();
    if (!log) return failed(log.error());
    constexpr int32_t consumer = -1;  // as replica id: others see everything
    const bool read_committed = asked.isolation_level == 1 && asked.replica_id == consumer;
    auto found = look_up(*partition, **log, wanted.timestamp, read_committed);
    if (!found) return failed(found.error());
    if (read_committed && searches(wanted.timestamp) &&
        found->offset >= (*log)->last_stable_offset())
        found = storage::TimestampOffset{};
    return tell(*found);
}

bool searches(const ListOffsetsRequest& asked) {
    for (const auto& topic : asked.topics)
        for (const auto& partition : topic.partitions)
            if (searches(partition.timestamp)) return true;
    return false;
}

void answer_all(Broker& broker, const ListOffsetsRequest& asked, const AllowedNames& described,
                Reply<ListOffsetsResponse> reply) {
    Repeats<std::pair<std::string, PartitionId>> repeats;
    for (const auto& topic : asked.topics)
        for (const auto& partition : topic.partitions)
            repeats.count({topic.name, partition.partition_index});
    ListOffsetsResponse response;
    for (const auto& topic : asked.topics) {
        auto& answer = response.topics.emplace_back();
        answer.name = topic.name;
        for (const auto& partition : topic.partitions) {
            if (!described.contains(topic.name)) {
                answer.partitions.push_back(
                    {.partition_index = partition.partition_index,
                     .error_code = ErrorCode::topic_authorization_failed});
                continue;
            }
            const Turn turn = repeats.take({topic.name, partition.partition_index});
            if (turn == Turn::answered) continue;
            answer.partitions.push_back(
                turn == Turn::repeated ? Answer{.partition_index = partition.partition_index,
                                                .error_code = ErrorCode::invalid_request}
                                       : answer_for(broker, asked, topic.name, partition,
                                                    reply.version()));
        }
    }
    std::move(reply)(response);
}

/// A follower sees beyond what consumers may: who says that it is one must be a broker.
AllowedNames described_topics(const Access& access, const ListOffsetsRequest& asked) {
    if (asked.replica_id >= 0 && !access.allows(Right::list_offsets_as_follower))
        return AllowedNames::none();
    return access.filter(Right::list_offsets_topic, asked.topics,
                         [](const auto& topic) -> const std::string& { return topic.name; });
}

}  // namespace

void list_offsets(Broker& broker, const Request& request, ListOffsetsRequest asked,
                  Reply<ListOffsetsResponse> reply) {
    AllowedNames described = described_topics(Access(broker, request), asked);
    if (!searches(asked)) return answer_all(broker, asked, described, std::move(reply));
    auto kept = std::make_shared<Reply<ListOffsetsResponse>>(std::move(reply));
    broker.run_blocking([&broker, asked = std::move(asked), described, kept] {
        answer_all(broker, asked, described, std::move(*kept));
    });
}

}  // namespace stoker::broker
