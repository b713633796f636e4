#include "cli/hanging_transactions.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include "cli/pretty_table.hpp"
#include "kafka/admin_topics.hpp"
#include "kafka/admin_transactions.hpp"

namespace stoker::cli {
namespace {

constexpr int64_t minute_ms = 60'000;
/// How many partitions one question names, so that a broker is not overwhelmed.
constexpr size_t batch_max = 500;

using ProducerState = protocol::DescribeProducersResponse::ProducerState;

struct OpenTransaction {
    kafka::TopicPartition where;
    ProducerState producer;
};

std::vector<kafka::TopicPartition> partitions_to_search(Streams& io, kafka::Admin& admin,
                                                        const HangingSearch& search) {
    if (search.topic && search.partition) return {{*search.topic, *search.partition}};
    std::vector<std::string> topics;
    if (search.topic) {
        topics = {*search.topic};
    } else {
        auto listed = kafka::list_topics(admin, true);
        if (!listed) exit_with_failure(io, "Failed to list topics", listed.error());
        for (auto& topic : *listed) topics.push_back(std::move(topic.name));
    }
    std::string problem = "Failed to describe " + std::to_string(topics.size()) + " topics";
    auto described = kafka::describe_topics(admin, topics);
    if (!described) exit_with_failure(io, problem, described.error());
    std::vector<kafka::TopicPartition> partitions;
    for (const auto& topic : *described) {
        if (!topic) exit_with_failure(io, problem, topic.error());
        for (const auto& partition : topic->partitions) {
            bool has_replica = !search.broker || std::ranges::find(partition.replicas,
                                                                   *search.broker) !=
                                                     partition.replicas.end();
            if (has_replica) partitions.push_back({topic->name, partition.partition});
        }
    }
    return partitions;
}

std::vector<OpenTransaction> open_for_long(Streams& io, kafka::Admin& admin,
                                           const HangingSearch& search,
                                           const std::vector<kafka::TopicPartition>& partitions) {
    std::vector<OpenTransaction> open;
    for (size_t begin = 0; begin < partitions.size(); begin += batch_max) {
        size_t end = std::min(partitions.size(), begin + batch_max);
        std::set<kafka::TopicPartition> batch(partitions.begin() + long(begin),
                                              partitions.begin() + long(end));
        for (auto& [where, producers] : kafka::describe_producers(admin, batch, search.broker)) {
            if (!producers) {
                std::string broker = search.broker
                                         ? "Optional[" + std::to_string(*search.broker) + "]"
                                         : "Optional.empty";
                exit_with_failure(io,
                                  "Failed to describe producers for " +
                                      std::to_string(batch.size()) + " partitions on broker " +
                                      broker,
                                  producers.error());
            }
            for (const ProducerState& producer : *producers) {
                int64_t age_ms = io.clock.wall_ms() - producer.last_timestamp;
                if (raw(producer.current_txn_start_offset) >= 0 &&
                    age_ms > search.timeout_min * minute_ms) {
                    open.push_back({where, producer});
                }
            }
        }
    }
    return open;
}

/// Whether the coordinator of that transaction still means to write this partition's marker.
bool is_expected(Streams& io, kafka::Admin& admin, const std::string& id,
                 const kafka::TopicPartition& where) {
    auto described = kafka::describe_transaction(admin, id);
    if (!described) {
        if (described.error().code == ErrorCode::transactional_id_not_found) return false;
        exit_with_failure(io, "Failed to describe 1 transactions", described.error());
    }
    return std::ranges::any_of(described->state.topics, [&](const auto& topic) {
        return topic.topic == where.topic &&
               std::ranges::find(topic.partitions, PartitionId{where.partition}) !=
                   topic.partitions.end();
    });
}

void remove_expected(Streams& io, kafka::Admin& admin, std::vector<OpenTransaction>& open) {
    kafka::TransactionFilter filter;
    for (const auto& one : open) filter.producer_ids.insert(raw(one.producer.producer_id));
    auto listed = kafka::list_transactions(admin, filter);
    if (!listed) {
        exit_with_failure(io,
                          "Failed to list transactions for " +
                              std::to_string(filter.producer_ids.size()) + " producers",
                          listed.error());
    }
    std::map<int64_t, std::string> ids;
    for (const auto& one : *listed) {
        ids[raw(one.state.producer_id)] = one.state.transactional_id;
    }
    std::erase_if(open, [&](const OpenTransaction& one) {
        auto id = ids.find(raw(one.producer.producer_id));
        return id != ids.end() && is_expected(io, admin, id->second, one.where);
    });
}

}  // namespace

void exit_with(Streams& io, const std::string& message) {
    io.err.line(message);
    throw Exit{1};
}

void exit_with_failure(Streams& io, const std::string& message, const kafka::Failure& why) {
    exit_with(io, message + ": " + why.text() + ". Enable debug logging for additional detail.");
}

void find_hanging_transactions(Streams& io, kafka::Admin& admin, const HangingSearch& search) {
    if (!search.topic && !search.broker) {
        exit_with(io, "The `find-hanging` command requires either --topic or --broker-id to limit "
                      "the scope of the search");
    }
    if (search.partition && !search.topic) {
        exit_with(io, "The --partition argument requires --topic to be provided");
    }
    std::vector<OpenTransaction> open =
        open_for_long(io, admin, search, partitions_to_search(io, admin, search));
    if (!open.empty()) remove_expected(io, admin, open);
    std::vector<std::vector<std::string>> rows;
    for (const auto& [where, producer] : open) {
        int64_t age_ms = io.clock.wall_ms() - producer.last_timestamp;
        rows.push_back({where.topic, std::to_string(where.partition),
                        std::to_string(raw(producer.producer_id)),
                        std::to_string(producer.producer_epoch),
                        std::to_string(std::max(producer.coordinator_epoch, -1)),
                        std::to_string(raw(producer.current_txn_start_offset)),
                        std::to_string(producer.last_timestamp),
                        std::to_string(age_ms / minute_ms)});
    }
    print_pretty_table(io.out,
                       {"Topic", "Partition", "ProducerId", "ProducerEpoch", "CoordinatorEpoch",
                        "StartOffset", "LastTimestamp", "Duration(min)"},
                       rows);
}

}  // namespace stoker::cli
