// CreatePartitions (37), versions 0 to 3.
//
// Behaviour: raises the number of partitions; an assignment by hand must name this one node.
#include <string>

#include "broker/broker.hpp"
#include "broker/handlers/handlers.hpp"
#include "broker/repeats.hpp"
#include "broker/replica_assignment.hpp"

namespace stoker::broker {

using protocol::CreatePartitionsRequest;
using protocol::CreatePartitionsResponse;

namespace {

Outcome<void> grow(Broker& broker, const CreatePartitionsRequest::CreatePartitionsTopic& wanted,
                   bool validate_only) {
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
    return broker.metadata().create_partitions(wanted.name, wanted.count, validate_only);
}

}  // namespace

void create_partitions(Broker& broker, const Request&, CreatePartitionsRequest asked,
                       Reply<CreatePartitionsResponse> reply) {
    Repeats<std::string> repeats;
    for (const auto& topic : asked.topics) repeats.count(topic.name);
    CreatePartitionsResponse response;
    for (const auto& topic : asked.topics) {
        const Turn turn = repeats.take(topic.name);
        if (turn == Turn::answered) continue;
        Outcome<void> grown = turn == Turn::repeated
                                  ? refuse(ErrorCode::invalid_request, "Duplicate topic name.")
                                  : grow(broker, topic, asked.validate_only);
        auto& answer = response.results.emplace_back();
        answer.name = topic.name;
        if (grown) continue;
        answer.error_code = grown.error().code;
        if (!grown.error().message.empty()) answer.error_message = grown.error().message;
    }
    std::move(reply)(response);
}

}  // namespace stoker::broker
