// CreatePartitions (37), versions 0 to 3.
//
// Behaviour: raises the number of partitions; an assignment by hand must name this one node.
#include <string>

#include "broker/broker.hpp"
#include "broker/handlers/handlers.hpp"
#include "broker/security/access.hpp"
#include "broker/repeats.hpp"
#include "broker/replica_assignment.hpp"

namespace stoker::broker {

using protocol::CreatePartitionsRequest;
using protocol::CreatePartitionsResponse;

namespace {

constexpr int16_t first_version_with_throttling = 3;

Outcome<void> grow(Broker& broker, const CreatePartitionsRequest::CreatePartitionsTopic& wanted,
                   bool validate_only, const Reply<CreatePartitionsResponse>& reply) {
    auto topic = broker.metadata().find(wanted.name);
    if (!topic) return refuse(ErrorCode::unknown_topic_or_partition, "");
    int64_t added = wanted.count - std::ssize(topic->partitions);
    if (wanted.assignments && added > 0) {
        if (std::ssize(*wanted.assignments) != added)
            return refuse(ErrorCode::invalid_replica_assignment,
                          "Attempted to add " + std::to_string(added) +
                              " additional partition(s), but only " +
                              std::to_string(wanted.assignments->size()) +
                              " assignment(s) were specified.");
        for (const auto& assignment : *wanted.assignments)
            if (auto fine = check_replicas(assignment.broker_ids, broker.node_id()); !fine)
                return fine;
    }
    QuotaTicket* quota = reply.quota();
    if (quota && !validate_only && added > 0 &&
        !quota->may_mutate(double(added), reply.version() >= first_version_with_throttling))
        return refuse(ErrorCode::throttling_quota_exceeded,
                      "The throttling quota has been exceeded.");
    return broker.metadata().create_partitions(wanted.name, wanted.count, validate_only);
}

}  // namespace

void create_partitions(Broker& broker, const Request& request, CreatePartitionsRequest asked,
                       Reply<CreatePartitionsResponse> reply) {
    Repeats<std::string> repeats;
    for (const auto& topic : asked.topics) repeats.count(topic.name);
    AllowedNames alterable =
        Access(broker, request)
            .filter(Right::create_partitions, asked.topics,
                    [](const auto& topic) -> const std::string& { return topic.name; });
    CreatePartitionsResponse response;
    for (const auto& topic : asked.topics) {
        const Turn turn = repeats.take(topic.name);
        if (turn == Turn::answered) continue;
        Outcome<void> grown = turn == Turn::repeated
                                  ? refuse(ErrorCode::invalid_request, "Duplicate topic name.")
                              : !alterable.contains(topic.name)
                                  ? refuse(ErrorCode::topic_authorization_failed)
                                  : grow(broker, topic, asked.validate_only, reply);
        auto& answer = response.results.emplace_back();
        answer.name = topic.name;
        if (grown) continue;
        answer.error_code = grown.error().code;
        if (!grown.error().message.empty()) answer.error_message = grown.error().message;
    }
    std::move(reply)(response);
}

}  // namespace stoker::broker
