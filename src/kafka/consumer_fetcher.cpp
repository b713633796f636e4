#include "kafka/consumer_fetcher.hpp"

#include <algorithm>
#include <tuple>

#include "record/builder.hpp"

namespace stoker::kafka {
namespace {

using protocol::FetchRequest;
using protocol::FetchResponse;

/// Answers of a partition that are fetched ahead, the one being read included.
constexpr int buffered_max = 2;
/// How long a broker may wait for records when a partition is not asked about because enough of it
/// waits here: until the answer has come nobody can ask about that one.
constexpr int32_t short_wait_ms = 10;
/// One answer holds at most this, whatever fetch.max.bytes allows: more only costs memory, for the
/// next answer is on its way while this one is read.
constexpr int32_t answer_bytes_max = 4 * 1024 * 1024;
constexpr size_t batch_decompressed_max = 1u << 30;

/// Behind the last whole batch; nothing when there is none.
std::optional<Offset> end_of(ByteView records) {
    record::BatchReader reader(records);
    std::optional<Offset> end;
    for (;;) {
        const auto batch = reader.next();
        if (!batch || !*batch) return end;
        end = (*batch)->header.last_offset() + 1;
    }
}

Failure cannot_read(const TopicPartition& where, const std::string& cause) {
    return kafka_exception("Received exception when fetching the next record from " +
                               to_string(where) +
                               ". If needed, please seek past the record to continue "
                               "consumption.",
                           kafka_exception(cause));
}

Failure is_corrupt(const TopicPartition& where, const record::BatchHeader& header) {
    return kafka_exception("Record batch for partition " + to_string(where) + " at offset " +
                           std::to_string(raw(header.base_offset)) +
                           " is invalid, cause: Record is corrupt");
}

}  // namespace

Outcome<void> ConsumerFetcher::step(const ConsumedPartitions& partitions, int64_t now_ms) {
    for (auto& [node, link] : links_) {
        if (!link.in_flight) continue;
        Outcome<std::optional<Answer>> answer = link.connection->poll();
        if (!answer) {
            lose(link, now_ms);
        } else if (*answer) {
            link.in_flight = false;
            if (auto taken = take(link, std::move(**answer), now_ms); !taken) return taken;
        } else if (now_ms - link.sent_ms > settings_.common.request_timeout_ms) {
            lose(link, now_ms);
        }
    }
    std::map<int32_t, std::vector<Asked>> wanted;
    std::set<int32_t> has_full;
    for (const auto& [where, partition] : partitions) {
        if (!partition->position || partition->retry_at_ms > now_ms) continue;
        if (partition->info.leader < 0) {
            wants_metadata_ = true;
            continue;
        }
        if (partition->buffered >= buffered_max) {
            has_full.insert(partition->info.leader);
            continue;
        }
        if (links_[partition->info.leader].in_flight) continue;
        wanted[partition->info.leader].push_back({partition, partition->era});
    }
    for (auto& [node, asked] : wanted) {
        const int32_t wait_max_ms = has_full.contains(node)
                                        ? std::min(short_wait_ms, settings_.fetch_max_wait_ms)
                                        : settings_.fetch_max_wait_ms;
        send(node, std::move(asked), wait_max_ms, now_ms);
    }
    return {};
}

void ConsumerFetcher::send(int32_t node, std::vector<Asked> wanted, int32_t wait_max_ms,
                           int64_t now_ms) {
    if (cluster_.backoff_left_ms(node) > 0) return;
    Link& link = links_[node];
    const Deadline deadline = cluster_.deadline(settings_.common.request_timeout_ms);
    Outcome<Connection*> to = cluster_.try_node(
        node, deadline.within(settings_.common.connection_setup_timeout_ms));
    if (!to) {
        wants_metadata_ = true;
        return;
    }
    link.connection = *to;
    FetchRequest request{
        .max_wait_ms = wait_max_ms,
        .min_bytes = settings_.fetch_min_bytes,
        .max_bytes = std::min(settings_.fetch_max_bytes, answer_bytes_max),
        .isolation_level = int8_t(settings_.read_committed ? 1 : 0),
        .rack_id = settings_.rack,
    };
    bool has_ids = true;
    for (const Asked& one : wanted) {
        const ConsumedPartition& partition = *one.partition;
        if (request.topics.empty() || request.topics.back().topic != partition.where.topic) {
            request.topics.push_back(
                {.topic = partition.where.topic, .topic_id = partition.topic_id});
            has_ids = has_ids && !partition.topic_id.is_zero();
        }
        request.topics.back().partitions.push_back(
            {.partition = PartitionId{partition.where.partition},
             .current_leader_epoch = partition.info.leader_epoch,
             .fetch_offset = partition.fetch_from,
             .partition_max_bytes = settings_.partition_max_bytes});
    }
    constexpr int16_t last_with_names = 12;
    const int16_t version_max = has_ids ? int16_t{INT16_MAX} : last_with_names;
    auto id = link.connection->send(request, deadline, {.version_max = version_max});
    if (!id) return lose(link, now_ms);
    link.in_flight = true;
    link.sent_ms = now_ms;
    link.asked = std::move(wanted);
}

void ConsumerFetcher::lose(Link& link, int64_t now_ms) {
    if (link.connection != nullptr) link.connection->close();
    link.connection = nullptr;
    link.in_flight = false;
    wants_metadata_ = true;
    for (const Asked& one : link.asked) {
        one.partition->retry_at_ms = now_ms + settings_.common.retry_backoff_ms;
    }
    link.asked.clear();
}

Outcome<void> ConsumerFetcher::take(Link& link, Answer answer, int64_t now_ms) {
    auto frame = std::make_shared<Answer>(std::move(answer));
    auto response = decode_answer<FetchResponse>(*frame);
    if (!response) return failed(response.error());
    const std::vector<Asked> asked = std::move(link.asked);
    link.asked.clear();
    if (response->error_code != ErrorCode::none) {
        for (const Asked& one : asked) {
            one.partition->retry_at_ms = now_ms + settings_.common.retry_backoff_ms;
        }
        if (is_retriable(response->error_code)) return {};
        return failed(failure_of(response->error_code));
    }
    // Partitions come in the order in which they were asked for, as a rule.
    size_t hint = 0;
    for (auto& topic : response->responses) {
        for (PartitionData& data : topic.partitions) {
            for (size_t tried = 0; tried < asked.size(); ++tried) {
                const Asked& one = asked[(hint + tried) % asked.size()];
                const ConsumedPartition& partition = *one.partition;
                const bool same_topic = topic.topic_id.is_zero()
                                            ? topic.topic == partition.where.topic
                                            : topic.topic_id == partition.topic_id;
                if (!same_topic || raw(data.partition_index) != partition.where.partition) {
                    continue;
                }
                hint += tried + 1;
                if (auto taken = take_partition(one, data, frame, now_ms); !taken) return taken;
                break;
            }
        }
    }
    return {};
}

Outcome<void> ConsumerFetcher::take_partition(const Asked& asked, PartitionData& data,
                                              const std::shared_ptr<Answer>& frame,
                                              int64_t now_ms) {
    ConsumedPartition& partition = *asked.partition;
    if (asked.era != partition.era) return {};
    if (data.error_code != ErrorCode::none) return judge(partition, data.error_code, now_ms);
    const Offset end_of_log =
        settings_.read_committed ? data.last_stable_offset : data.high_watermark;
    if (raw(end_of_log) >= 0) partition.end_of_log = end_of_log;
    if (!data.records || data.records->bytes.empty()) return {};
    const ByteView records = data.records->bytes;
    const std::optional<Offset> end = end_of(records);
    if (end) partition.fetch_from = *end;
    ++partition.buffered;
    ready_.push_back({.of = asked,
                      .frame = frame,
                      .batches = record::BatchReader(records),
                      .tickets = {},
                      .aborted = std::move(data.aborted_transactions)
                                     .value_or(std::vector<FetchResponse::AbortedTransaction>{}),
                      .open_aborts = {},
                      .header = {},
                      .records = {}});
    if (opener_) add_tickets(ready_.back(), records);
    return {};
}

void ConsumerFetcher::add_tickets(Fetched& to, ByteView records) {
    record::BatchReader reader(records);
    for (;;) {
        const auto batch = reader.next();
        if (!batch || !*batch) return;
        to.tickets.push_back(opener_->add(**batch, to.frame));
    }
}

Outcome<void> ConsumerFetcher::judge(ConsumedPartition& partition, ErrorCode code,
                                     int64_t now_ms) {
    partition.retry_at_ms = now_ms + settings_.common.retry_backoff_ms;
    if (code == ErrorCode::offset_out_of_range) {
        if (settings_.reset.kind == OffsetReset::Kind::none) {
            return failed(
                {.code = code,
                 .exception = "org.apache.kafka.clients.consumer.OffsetOutOfRangeException",
                 .message = "Fetch position FetchPosition{offset=" +
                            std::to_string(raw(partition.fetch_from)) +
                            "} is out of range for partition " + to_string(partition.where) +
                            ", and no reset policy is configured."});
        }
        // Which timestamp it is, the consumer knows.
        partition.look_up(INT64_MIN);
        partition.retry_at_ms = 0;
        return {};
    }
    if (is_stale_metadata(code) || is_retriable(code) ||
        code == ErrorCode::unknown_leader_epoch || code == ErrorCode::unknown_server_error) {
        wants_metadata_ = true;
        return {};
    }
    if (code == ErrorCode::topic_authorization_failed) {
        return failed(failure_of(code, "Not authorized to access topics: [" +
                                           partition.where.topic + "]"));
    }
    return failed({.code = code,
                   .exception = "java.lang.IllegalStateException",
                   .message = "Unexpected error code " + std::to_string(int(code)) +
                              " while fetching at offset " +
                              std::to_string(raw(partition.fetch_from)) +
                              " from topic-partition " + to_string(partition.where)});
}

void ConsumerFetcher::drop(Fetched& one) {
    --one.of.partition->buffered;
    for (const BatchOpener::Ticket& ticket : one.tickets) opener_->drop(ticket);
}

void ConsumerFetcher::drop_front() {
    drop(ready_.front());
    ready_.pop_front();
}

void ConsumerFetcher::forget_stale() {
    std::erase_if(ready_, [this](Fetched& one) {
        const bool stale = one.of.era != one.of.partition->era;
        if (stale) drop(one);
        return stale;
    });
}

std::vector<int> ConsumerFetcher::sockets() const {
    std::vector<int> all;
    for (const auto& [node, link] : links_) {
        if (link.in_flight) all.push_back(link.connection->socket());
    }
    return all;
}

const ConsumerRecord* ConsumerFetcher::next() {
    while (!ready_.empty()) {
        Fetched& front = ready_.front();
        if (front.of.era != front.of.partition->era) {
            drop_front();
            continue;
        }
        if (const ConsumerRecord* record = next_of(front)) return record;
        drop_front();
    }
    return nullptr;
}

/// Null when all of it was given out.
const ConsumerRecord* ConsumerFetcher::next_of(Fetched& from) {
    ConsumedPartition& partition = *from.of.partition;
    for (;;) {
        if (!from.records && !next_batch(from)) return nullptr;
        if (!from.records) continue;
        auto record = from.records->next();
        if (!record) {
            throw KafkaException(cannot_read(partition.where, "a record that is malformed"));
        }
        if (!*record) {
            partition.position = std::max(*partition.position, from.header->last_offset() + 1);
            from.records.reset();
            continue;
        }
        if ((*record)->offset < *partition.position) continue;
        partition.position = (*record)->offset + 1;
        partition.position_epoch = from.header->leader_epoch;
        from.gave_any = true;
        current_ = {.where = &partition.where,
                    .view = **record,
                    .log_append_time = from.header->is_log_append_time(),
                    .leader_epoch = from.header->leader_epoch};
        return &current_;
    }
}

/// False at the end; without `records` when the batch holds nothing to give out.
bool ConsumerFetcher::next_batch(Fetched& from) {
    ConsumedPartition& partition = *from.of.partition;
    const bool is_first = from.batches.position() == 0;
    auto batch = from.batches.next();
    if (!batch || !*batch) {
        // What is cut at the end of an answer comes whole with the next; at its beginning it never
        // will.
        if (!batch && is_first) {
            throw KafkaException(cannot_read(partition.where, "a batch that is not whole"));
        }
        return false;
    }
    BatchOpener::Ticket ticket;
    if (!from.tickets.empty()) {
        ticket = std::move(from.tickets.front());
        from.tickets.pop_front();
    }
    const record::BatchHeader header = (*batch)->header;
    const auto skip = [&] {
        if (ticket) opener_->drop(ticket);
        partition.position = std::max(*partition.position, header.last_offset() + 1);
        return true;
    };
    if (header.last_offset() < *partition.position) return skip();
    if (header.is_control() && settings_.check_crcs &&
        !record::validate((*batch)->bytes, record::Origin::log)) {
        if (ticket) opener_->drop(ticket);
        throw KafkaException(is_corrupt(partition.where, header));
    }
    if (is_aborted(from, **batch) || header.is_control()) return skip();
    OpenedBatch opened = open(**batch, ticket);
    if (!opened && opened.error() == BatchDamage::checksum) {
        throw KafkaException(is_corrupt(partition.where, header));
    }
    if (!opened) {
        throw KafkaException(cannot_read(partition.where, "a batch that cannot be decompressed"));
    }
    from.header = header;
    from.records.emplace(std::move(*opened));
    return true;
}

OpenedBatch ConsumerFetcher::open(const record::BatchView& batch,
                                  const BatchOpener::Ticket& ticket) {
    return ticket ? opener_->take(ticket) : open_batch(batch, settings_.check_crcs);
}

/// Keeps account of aborted transactions (KIP-98): each begins at an offset that the answer names
/// and ends with its marker.
bool ConsumerFetcher::is_aborted(Fetched& from, const record::BatchView& batch) {
    if (!settings_.read_committed || !batch.header.has_producer_id()) return false;
    std::erase_if(from.aborted, [&](const auto& one) {
        if (one.first_offset > batch.header.last_offset()) return false;
        from.open_aborts.insert(one.producer_id);
        return true;
    });
    if (!batch.header.is_control()) {
        return batch.header.is_transactional() &&
               from.open_aborts.contains(batch.header.producer_id);
    }
    std::ignore = record::for_each_record(
        batch, batch_decompressed_max, [&](const record::RecordView& marker) {
            const auto type = record::control_type(marker.key.value_or(ByteView{}));
            if (type == record::ControlType::abort) {
                from.open_aborts.erase(batch.header.producer_id);
            }
        });
    return false;
}

}  // namespace stoker::kafka
