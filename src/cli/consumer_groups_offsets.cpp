// kafka-consumer-groups --delete-offsets: what a group has committed of topics, or of partitions.
#include <algorithm>
#include <map>
#include <utility>

#include "cli/consumer_groups.hpp"
#include "kafka/admin_groups.hpp"
#include "kafka/admin_topics.hpp"
#include "kafka/java_text.hpp"

namespace stoker::cli {
namespace {

using kafka::java_format;
using kafka::java_length;
using kafka::TopicPartition;

/// What went wrong with each partition, or nothing. Partition -1 stands for a topic that is none.
using Statuses = std::map<TopicPartition, std::optional<kafka::Failure>>;

void print_verdict(Streams& io, const std::string& group,
                   const std::optional<kafka::Failure>& why) {
    const ErrorCode code = why ? why->code : ErrorCode::none;
    switch (code) {
        case ErrorCode::none:
            io.out.line("Request succeeded for deleting offsets from group " + group + ".");
            return;
        case ErrorCode::invalid_group_id:
        case ErrorCode::group_id_not_found:
        case ErrorCode::group_authorization_failed:
        case ErrorCode::non_empty_group:
            return print_group_error(io, std::string(kafka::default_message(code)));
        case ErrorCode::group_subscribed_to_topic:
        case ErrorCode::topic_authorization_failed:
        case ErrorCode::unknown_topic_or_partition:
            return print_group_error(
                io, "Encountered some partition-level error, see the follow-up details.");
        default:
            return print_group_error(io,
                                     "Encountered some unknown error: " + std::string(name(code)));
    }
}

void print_statuses(Streams& io, const Statuses& statuses) {
    size_t width = 15;
    std::vector<std::pair<std::string, const Statuses::value_type*>> sorted;
    for (const auto& entry : statuses) {
        width = std::max(width, java_length(entry.first.topic));
        sorted.emplace_back(entry.first.topic + std::to_string(entry.first.partition), &entry);
    }
    std::ranges::stable_sort(sorted, {}, [](const auto& entry) { return entry.first; });
    const std::string format = "\n" + column(width) + " %-10s %-15s";
    io.out.write(java_format(format, {"TOPIC", "PARTITION", "STATUS"}));
    for (const auto& [key, entry] : sorted) {
        const auto& [where, why] = *entry;
        io.out.write(java_format(
            format, {where.topic,
                     where.partition >= 0 ? std::to_string(where.partition) : std::string("-"),
                     why ? "Error: " + why->to_string() : "Successful"}));
    }
    io.out.line();
}

}  // namespace

void delete_consumer_offsets(ConsumerGroupRun& run) {
    const std::string group = *run.options.text(run.from.group);
    Statuses statuses;
    Partitions partitions;
    std::vector<std::string> whole;
    for (const std::string& topic : run.options.texts(run.from.topic)) {
        if (topic.find(':') == std::string::npos) {
            whole.push_back(topic);
            continue;
        }
        const Partitions some = ResetOffsets::parse_partitions(topic);
        partitions.insert(partitions.end(), some.begin(), some.end());
    }
    if (!whole.empty()) {
        const auto topics =
            value_or_throw(kafka::describe_topics(run.admin, whole, 2000, run.call));
        for (size_t i = 0; i < whole.size(); ++i) {
            if (!topics[i]) statuses[{whole[i], -1}] = topics[i].error();
            if (!topics[i]) continue;
            for (const auto& p : topics[i]->partitions)
                partitions.push_back({whole[i], p.partition});
        }
    }
    std::ranges::sort(partitions);
    partitions.erase(std::ranges::unique(partitions).begin(), partitions.end());
    const auto deleted = kafka::delete_group_offsets(
        run.admin, group, {partitions.begin(), partitions.end()}, run.call);
    std::optional<kafka::Failure> verdict;
    if (!deleted) verdict = deleted.error();
    for (const TopicPartition& where : partitions) {
        auto& status = statuses[where];
        if (!deleted) status = deleted.error();
        if (!deleted || !deleted->contains(where) || deleted->at(where)) continue;
        status = deleted->at(where).error();
        if (!verdict) verdict = status;
    }
    print_verdict(run.io, group, verdict);
    print_statuses(run.io, statuses);
}

}  // namespace stoker::cli
