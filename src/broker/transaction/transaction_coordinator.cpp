// The checks that come before a transactional id is looked at, the way to its shard, and the
// requests; how a transaction ends once that is decided is in coordinator_markers.cpp.
#include "broker/transaction/transaction_coordinator.hpp"

#include <algorithm>
#include <utility>

#include "base/check.hpp"
#include "broker/group/consumer/topic_regex.hpp"
#include "broker/group/group_shard.hpp"
#include "broker/loggers.hpp"

namespace stoker::broker {

using protocol::DescribeTransactionsResponse;
using protocol::ListTransactionsRequest;
using protocol::ListTransactionsResponse;
using storage::TopicPartition;

TransactionCoordinator::TransactionCoordinator(Clock& clock, const TransactionConfig& config,
                                               Environment environment)
    : clock_(clock), config_(config), environment_(std::move(environment)) {
    for (int32_t i = 0; i < shard_count; ++i) shards_.emplace_back();
    const int64_t now_ms = clock_.monotonic_ms();
    *due_.lock() = {.abort_ms = now_ms + config_.abort_interval_ms,
                    .expiry_ms = now_ms + config_.expiry_interval_ms};
}

PartitionId TransactionCoordinator::partition_of(std::string_view transactional_id) const {
    return transaction_partition_of(transactional_id, config_.partitions);
}

Guarded<TransactionCoordinator::Shard>& TransactionCoordinator::shard_of(
    std::string_view transactional_id) {
    return shards_[static_cast<size_t>(raw(partition_of(transactional_id)) % shard_count)];
}

const Guarded<TransactionCoordinator::Shard>& TransactionCoordinator::shard_of(
    std::string_view transactional_id) const {
    return shards_[static_cast<size_t>(raw(partition_of(transactional_id)) % shard_count)];
}

bool TransactionCoordinator::is_coordinator_of(std::string_view transactional_id) const {
    return environment_.coordinator_epoch(partition_of(transactional_id)).has_value();
}

ErrorCode TransactionCoordinator::apply(ByteView key, std::optional<ByteView> value) {
    const auto id = read_transaction_key(key);
    if (!id) return id.error();
    if (!*id) return ErrorCode::none;
    auto shard = shard_of(**id).lock();
    if (!value) {
        shard->entries.erase(**id);
        return ErrorCode::none;
    }
    auto read = read_transaction_value(*value);
    if (!read) return read.error();
    shard->entries[**id].transaction = std::move(*read);
    return ErrorCode::none;
}

std::string TransactionCoordinator::dump() const {
    std::vector<std::string> lines;
    for (const auto& guarded : shards_) {
        auto shard = guarded.lock();
        for (const auto& [id, entry] : shard->entries) {
            const Transaction& known = entry.transaction;
            std::string line = fmt::format(
                "{} {} producer {}/{} before {} after {} timeout {} start {} update {} version {}",
                id, name(known.state), raw(known.producer.id), known.producer.epoch,
                raw(known.previous_producer_id), raw(known.next_producer_id), known.timeout_ms,
                known.start_ms, known.last_update_ms, known.client_version);
            for (const TopicPartition& partition : known.partitions)
                line += " " + to_string(partition);
            lines.push_back(line + "\n");
        }
    }
    std::ranges::sort(lines);
    std::string text;
    for (const std::string& line : lines) text += line;
    return text;
}

ErrorCode TransactionCoordinator::advance(Shard& shard, const std::string& id, Transaction next,
                                          int16_t server_version) {
    const TransactionRecord record = transaction_record(id, next, server_version);
    const ErrorCode error = environment_.append(partition_of(id), std::span(&record, 1));
    if (error != ErrorCode::none) return error_of_failed_append(error);
    Entry& entry = shard.entries[id];
    entry.used_ms = clock_.monotonic_ms();
    if (next.state == TransactionState::ongoing &&
        entry.transaction.state != TransactionState::ongoing)
        entry.started_ms = entry.used_ms;
    if (is_idle(next.state)) shard.open.erase(id);
    else shard.open.insert(id);
    entry.transaction = std::move(next);
    return ErrorCode::none;
}

bool TransactionCoordinator::is_late(Entry& entry, const Caller& caller,
                                     uint64_t Connections::* kind) {
    if (caller.session_id == 0 || caller.producer != entry.transaction.producer) return false;
    Connections& known = entry.connections;
    if (known.producer != caller.producer) known = {.producer = caller.producer};
    if (caller.session_id < known.*kind) return true;
    known.*kind = caller.session_id;
    return false;
}

ErrorCode TransactionCoordinator::locked_with_id(const std::string& transactional_id,
                                                 const Act& act) {
    std::optional<ProducerId> new_id;
    for (;;) {
        Outbox out;
        const Attempt done = act(*shard_of(transactional_id).lock(), new_id, out);
        out.deliver(environment_.when_durable);
        if (done) return ErrorCode::none;
        // Asked for without the lock: the metadata log's comes before it.
        auto next = environment_.next_producer_id();
        if (!next) return error_of_failed_append(next.error());
        new_id = *next;
    }
}

void TransactionCoordinator::init_producer(const InitCall& call, ProducerReply reply) {
    if (call.transactional_id.empty()) return reply({.error = ErrorCode::invalid_request});
    if (call.timeout_ms <= 0 || call.timeout_ms > config_.max_timeout_ms)
        return reply({.error = ErrorCode::invalid_transaction_timeout});
    if (!is_coordinator_of(call.transactional_id))
        return reply({.error = ErrorCode::not_coordinator});
    const int16_t version = environment_.transaction_version();
    const ErrorCode error = locked_with_id(
        call.transactional_id,
        [&](Shard& shard, std::optional<ProducerId> new_id, Outbox& out) {
            return try_init(shard, call, new_id, version, reply, out);
        });
    if (error != ErrorCode::none) reply({.error = error});
}

TransactionCoordinator::Attempt TransactionCoordinator::try_init(Shard& shard, const InitCall& call,
                                                                 std::optional<ProducerId> new_id,
                                                                 int16_t server_version,
                                                                 ProducerReply& reply,
                                                                 Outbox& out) {
    const std::string& id = call.transactional_id;
    Transaction now;
    if (const auto found = shard.entries.find(id); found != shard.entries.end()) {
        now = found->second.transaction;
    } else if (shard.entries.size() >= config_.ids_max / shard_count + 1) {
        out.answer(reply, ProducerAnswer{.error = ErrorCode::policy_violation});
        return {};
    } else if (new_id) {
        now.producer.id = *new_id;
    } else {
        return std::unexpected(NeedsProducerId{});
    }
    auto next = initialised(now, {.timeout_ms = call.timeout_ms,
                                  .expected = call.expected,
                                  .new_id = new_id,
                                  .now_ms = clock_.wall_ms()});
    if (!next) return std::unexpected(next.error());
    if (!*next) {
        const ErrorCode error = next->error();
        // The epoch that fences the old one is never given away: the client asks again, and gets
        // the one behind it.
        if (now.state == TransactionState::ongoing && error == ErrorCode::concurrent_transactions)
            return try_fence(shard, id, new_id, server_version, reply, out);
        out.answer(reply, ProducerAnswer{.error = error});
        return {};
    }
    ProducerAnswer answer{.producer = (*next)->producer};
    const ErrorCode error = advance(shard, id, std::move(**next), server_version);
    if (error != ErrorCode::none) out.answer(reply, ProducerAnswer{.error = error});
    else out.answer(reply, answer, {partition_of(id)});
    return {};
}

TransactionCoordinator::Attempt TransactionCoordinator::try_fence(Shard& shard,
                                                                  const std::string& id,
                                                                  std::optional<ProducerId> new_id,
                                                                  int16_t server_version,
                                                                  ProducerReply& reply,
                                                                  Outbox& out) {
    auto aborted =
        fenced(shard.entries.at(id).transaction, server_version, new_id, clock_.wall_ms());
    if (!aborted) return std::unexpected(aborted.error());
    begin_ending(shard, id, std::move(*aborted), server_version, reply,
                 {.error = ErrorCode::concurrent_transactions}, out);
    return {};
}

void TransactionCoordinator::add_partitions(const Caller& caller, TransactionPartitions partitions,
                                            int16_t client_version, ErrorReply reply) {
    const std::string& id = caller.transactional_id;
    if (id.empty()) return reply(ErrorCode::invalid_request);
    if (!is_coordinator_of(id)) return reply(ErrorCode::not_coordinator);
    const int16_t version = environment_.transaction_version();
    Outbox out;
    {
        auto shard = shard_of(id).lock();
        const auto found = shard->entries.find(id);
        if (found == shard->entries.end()) {
            out.answer(reply, ErrorCode::invalid_producer_id_mapping);
        } else if (is_late(found->second, caller, &Connections::adding)) {
            transaction_log().info(
                "Partitions for the transaction of {} came on a connection that its "
                "producer had given up: dropped",
                id);
        } else {
            const Transaction& now = found->second.transaction;
            auto next = with_partitions(now, caller.producer, partitions, client_version,
                                        clock_.wall_ms());
            ErrorCode error = next ? ErrorCode::none : next.error();
            if (next && *next != now) error = advance(*shard, id, std::move(*next), version);
            if (error != ErrorCode::none) out.answer(reply, error);
            else out.answer(reply, error, {partition_of(id)});
        }
    }
    out.deliver(environment_.when_durable);
}

void TransactionCoordinator::verify_partitions(
    const std::string& transactional_id, ProducerId producer_id, int16_t producer_epoch,
    std::vector<TopicPartition> partitions, bool add,
    std::move_only_function<void(std::vector<ErrorCode>)> done) {
    const ProducerIdentity producer{producer_id, producer_epoch};
    const size_t count = partitions.size();
    if (add) {
        TransactionPartitions added(std::move_iterator(partitions.begin()),
                                    std::move_iterator(partitions.end()));
        return add_partitions({.transactional_id = transactional_id, .producer = producer},
                              std::move(added), epoch_bump_version,
                              [count, done = std::move(done)](ErrorCode error) mutable {
                                  done(std::vector(count, error));
                              });
    }
    const auto all = [count](ErrorCode error) { return std::vector(count, error); };
    if (transactional_id.empty()) return done(all(ErrorCode::invalid_request));
    if (!is_coordinator_of(transactional_id)) return done(all(ErrorCode::not_coordinator));
    std::vector<ErrorCode> codes = all(ErrorCode::invalid_producer_id_mapping);
    {
        auto shard = shard_of(transactional_id).lock();
        const auto found = shard->entries.find(transactional_id);
        if (found != shard->entries.end() &&
            found->second.transaction.producer.id == producer_id) {
            const Transaction& now = found->second.transaction;
            for (size_t i = 0; i < count; ++i) {
                const bool known = now.partitions.contains(partitions[i]);
                codes[i] = now.producer.epoch != producer_epoch ? ErrorCode::producer_fenced
                           : is_ending(now.state) ? ErrorCode::concurrent_transactions
                           : known                ? ErrorCode::none
                                                  : ErrorCode::transaction_abortable;
            }
        }
    }
    done(std::move(codes));
}

void TransactionCoordinator::end(const Caller& caller, bool commit, int16_t client_version,
                                 ProducerReply reply) {
    const std::string& id = caller.transactional_id;
    if (id.empty()) return reply({.error = ErrorCode::invalid_request});
    if (!is_coordinator_of(id)) return reply({.error = ErrorCode::not_coordinator});
    const int16_t version = environment_.transaction_version();
    const ErrorCode error = locked_with_id(
        id, [&](Shard& shard, std::optional<ProducerId> new_id, Outbox& out) {
            return try_end(shard, caller,
                           {.producer = caller.producer,
                            .commit = commit,
                            .client_version = client_version,
                            .new_id = new_id,
                            .now_ms = clock_.wall_ms()},
                           version, reply, out);
        });
    if (error != ErrorCode::none) reply({.error = error});
}

TransactionCoordinator::Attempt TransactionCoordinator::try_end(Shard& shard, const Caller& caller,
                                                                const Ending& how,
                                                                int16_t server_version,
                                                                ProducerReply& reply,
                                                                Outbox& out) {
    const std::string& id = caller.transactional_id;
    const auto found = shard.entries.find(id);
    if (found == shard.entries.end()) {
        out.answer(reply, ProducerAnswer{.error = ErrorCode::invalid_producer_id_mapping});
        return {};
    }
    if (how.client_version < epoch_bump_version &&
        is_late(found->second, caller, &Connections::ending)) {
        transaction_log().info(
            "The end of a transaction of {} came on a connection that its producer had "
            "given up: dropped",
            id);
        return {};
    }
    const Transaction& now = found->second.transaction;
    auto next = ending(now, how);
    if (!next) return std::unexpected(next.error());
    if (!*next) {
        out.answer(reply, ProducerAnswer{.error = next->error()});
    } else if (!**next) {
        out.answer(reply, ProducerAnswer{.producer = now.producer}, {partition_of(id)});
    } else {
        const ProducerAnswer answer{.producer = completed(***next, how.now_ms).producer};
        begin_ending(shard, id, std::move(***next), server_version, reply, answer, out);
    }
    return {};
}

DescribeTransactionsResponse::TransactionState TransactionCoordinator::describe(
    const std::string& transactional_id) const {
    DescribeTransactionsResponse::TransactionState described{.transactional_id = transactional_id};
    if (transactional_id.empty()) described.error_code = ErrorCode::invalid_request;
    else if (!is_coordinator_of(transactional_id))
        described.error_code = ErrorCode::not_coordinator;
    if (described.error_code != ErrorCode::none) return described;
    auto shard = shard_of(transactional_id).lock();
    const auto found = shard->entries.find(transactional_id);
    if (found == shard->entries.end()) {
        described.error_code = ErrorCode::transactional_id_not_found;
        return described;
    }
    const Transaction& known = found->second.transaction;
    described.transaction_state = name(known.state);
    described.transaction_timeout_ms = known.timeout_ms;
    described.transaction_start_time_ms = known.start_ms;
    described.producer_id = known.producer.id;
    described.producer_epoch = known.producer.epoch;
    for (const auto& [topic, partition] : known.partitions) {
        if (described.topics.empty() || described.topics.back().topic != topic)
            described.topics.push_back({.topic = topic, .partitions = {}});
        described.topics.back().partitions.push_back(partition);
    }
    return described;
}

ListTransactionsResponse TransactionCoordinator::list(const ListTransactionsRequest& asked) const {
    ListTransactionsResponse response;
    std::function<bool(std::string_view)> id_matches;
    if (asked.transactional_id_pattern && !asked.transactional_id_pattern->empty()) {
        if (regex_error(*asked.transactional_id_pattern)) {
            response.error_code = ErrorCode::invalid_regular_expression;
            return response;
        }
        id_matches = whole_match(*asked.transactional_id_pattern);
    }
    std::set<TransactionState> states;
    for (const std::string& text : asked.state_filters) {
        if (auto state = parse_transaction_state(text)) states.insert(*state);
        else response.unknown_state_filters.push_back(text);
    }
    const std::set<ProducerId> ids(asked.producer_id_filters.begin(),
                                   asked.producer_id_filters.end());
    const int64_t now_ms = clock_.wall_ms();
    const auto wanted = [&](const std::string& id, const Transaction& known) {
        if (!ids.empty() && !ids.contains(known.producer.id)) return false;
        if (!asked.state_filters.empty() && !states.contains(known.state)) return false;
        if (asked.duration_filter >= 0 && now_ms - known.start_ms <= asked.duration_filter)
            return false;
        return !id_matches || id_matches(id);
    };
    for (const auto& guarded : shards_) {
        auto shard = guarded.lock();
        for (const auto& [id, entry] : shard->entries)
            if (wanted(id, entry.transaction))
                response.transaction_states.push_back(
                    {.transactional_id = id,
                     .producer_id = entry.transaction.producer.id,
                     .transaction_state = std::string(name(entry.transaction.state))});
    }
    return response;
}

}  // namespace stoker::broker
