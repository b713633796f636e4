#include "kafka/producer.hpp"

#include <algorithm>

namespace stoker::kafka {
namespace {

/// Beyond this the queue only costs memory: the broker is slower than the caller, who waits then.
constexpr size_t buffer_useful = 4 * 1024 * 1024;
constexpr size_t batches_useful = 8;
constexpr int64_t wait_slice_ms = 50;
constexpr size_t record_overhead_max = 21;

size_t varint_sized(const std::optional<ByteView>& bytes) {
    if (!bytes) return record::varint_size(-1);
    return record::varint_size(int32_t(bytes->size())) + bytes->size();
}

/// AbstractRecords.estimateSizeInBytesUpperBound, whose number is in an error text.
size_t size_upper_bound(const ProducerRecord& record) {
    size_t size = record::header_size + record_overhead_max + varint_sized(record.key) +
                  varint_sized(record.value) +
                  record::varint_size(int32_t(record.headers.size()));
    for (const record::Header& header : record.headers) {
        size += varint_sized(bytes_of(header.key)) + varint_sized(header.value);
    }
    return size;
}

Failure too_large(size_t size, size_t limit, std::string_view setting) {
    return failure_of(ErrorCode::message_too_large,
                      "The message is " + std::to_string(size) +
                          " bytes when serialized which is larger than " + std::to_string(limit) +
                          ", which is the value of the " + std::string(setting) +
                          " configuration.");
}

}  // namespace

Producer::Producer(ProducerSettings settings, std::unique_ptr<Cluster> cluster,
                   DeliveryHandler on_delivery, const Wakeup* wakeup)
    : settings_(std::move(settings)),
      cluster_(std::move(cluster)),
      on_delivery_(std::move(on_delivery)),
      wakeup_(wakeup),
      metadata_(*cluster_, "Producer clientId=" + settings_.common.client_id, wakeup) {
    if (settings_.transactional_id) transaction_.emplace(*settings_.transactional_id);
}

Outcome<std::unique_ptr<Producer>> Producer::create(const ClientProperties& properties, Log log,
                                                    const Clock& clock,
                                                    DeliveryHandler on_delivery,
                                                    const Wakeup* wakeup) {
    auto settings = read_producer_settings(properties);
    if (!settings) return failed(settings.error());
    auto cluster = Cluster::create({.settings = settings->common,
                                    .name = "Producer clientId=" + settings->common.client_id,
                                    .warns_of_bootstrap = true},
                                   std::move(log), clock);
    if (!cluster) {
        return failed(kafka_exception("Failed to construct kafka producer", cluster.error()));
    }
    return std::unique_ptr<Producer>(new Producer(std::move(*settings), std::move(*cluster),
                                                  std::move(on_delivery), wakeup));
}

Outcome<void> Producer::send(const ProducerRecord& record, int64_t tag) {
    Outcome<TopicQueues*> to = topic(record.topic);
    if (!to) return failed(to.error());
    Outcome<PartitionQueue*> queue = choose(**to, record);
    if (!queue) return failed(queue.error());
    const size_t size = size_upper_bound(record);
    if (size > settings_.max_request_size) {
        return failed(too_large(size, settings_.max_request_size, "max.request.size"));
    }
    if (size > settings_.buffer_memory) {
        return failed(too_large(size, settings_.buffer_memory, "buffer.memory"));
    }
    if (transaction_) {
        auto taken = transaction_->take_in(record.topic, (*queue)->partition, identity_);
        if (!taken) return taken;
    }
    if (Outcome<void> room = wait_for_room(size); !room) return room;
    const int64_t timestamp_ms =
        record.timestamp_ms ? *record.timestamp_ms : cluster_->clock().wall_ms();
    append(**queue, record, timestamp_ms, tag);
    // Once a millisecond is enough for linger and time-outs; a full batch goes at once.
    if (timestamp_ms != stepped_wall_ms_ || !ready_.empty()) {
        stepped_wall_ms_ = timestamp_ms;
        step(cluster_->clock().monotonic_ms());
    }
    return {};
}

Outcome<TopicQueues*> Producer::topic(std::string_view name) {
    if (last_topic_ != nullptr && last_topic_->name == name &&
        last_topic_->info != nullptr) {
        return last_topic_;
    }
    auto found = topics_.find(name);
    if (found == topics_.end()) {
        std::string key(name);
        TopicQueues made{.name = key, .sticky = {random_, settings_.batch_size}};
        found = topics_.emplace(std::move(key), std::move(made)).first;
    }
    if (found->second.info == nullptr) {
        if (Outcome<void> known = wait_for_topic(found->first, {}); !known) {
            return failed(known.error());
        }
    }
    last_topic_ = &found->second;
    return last_topic_;
}

Outcome<void> Producer::wait_for_topic(const std::string& name, std::optional<int32_t> partition) {
    const Deadline deadline = cluster_->deadline(settings_.max_block_ms);
    for (int attempts = 0;; ++attempts) {
        while (in_flight()) poll(wait_slice_ms);
        std::vector<std::string> wanted;
        for (const auto& [known, queues] : topics_) wanted.push_back(known);
        auto news = metadata_.refresh(std::move(wanted), true, deadline);
        if (!news &&
            (news.error().is("WakeupException") || is_authentication_failure(news.error()))) {
            return failed(news.error());
        }
        for (auto& [known, queues] : topics_) queues.info = metadata_.find(known);
        const TopicInfo* info = metadata_.find(name);
        const size_t count = info == nullptr ? 0 : info->partitions.size();
        if (count > size_t(partition.value_or(0))) return {};
        if (news && news->refused) return failed(*news->refused);
        if (deadline.passed()) break;
        wait_readable({}, wakeup_,
                      std::min(cluster_->retry_backoff_ms(attempts), deadline.left_ms()));
        if (wakeup_ != nullptr && wakeup_->raised()) return failed(woken());
    }
    const TopicInfo* info = metadata_.find(name);
    const std::string after = " after " + std::to_string(settings_.max_block_ms) + " ms.";
    if (info == nullptr || !partition) {
        return failed(client_failure("TimeoutException",
                                     "Topic " + name + " not present in metadata" + after));
    }
    return failed(client_failure(
        "TimeoutException", "Partition " + std::to_string(*partition) + " of topic " + name +
                                " with partition count " +
                                std::to_string(info->partitions.size()) +
                                " is not present in metadata" + after));
}

Outcome<PartitionQueue*> Producer::choose(TopicQueues& topic, const ProducerRecord& record) {
    if (record.partition && size_t(*record.partition) >= topic.info->partitions.size()) {
        if (Outcome<void> known = wait_for_topic(topic.name, record.partition); !known) {
            return failed(known.error());
        }
    }
    const auto count = int32_t(topic.info->partitions.size());
    int32_t partition = 0;
    if (record.partition) {
        partition = *record.partition;
    } else if (record.key && !settings_.ignores_keys) {
        partition = partition_for_key(*record.key, count);
    } else {
        partition = topic.sticky.next(count);
    }
    if (topic.partitions.size() < size_t(count)) topic.partitions.resize(size_t(count));
    auto& queue = topic.partitions[size_t(partition)];
    if (!queue) {
        queue = std::make_unique<PartitionQueue>();
        queue->topic = &topic;
        queue->partition = partition;
    }
    return queue.get();
}

Outcome<void> Producer::wait_for_room(size_t size) {
    const size_t useful = std::max({buffer_useful, batches_useful * settings_.batch_size, size});
    const size_t limit = std::min(settings_.buffer_memory, useful);
    if (buffered_bytes_ + size <= limit) return {};
    const Deadline deadline = cluster_->deadline(settings_.max_block_ms);
    while (buffered_bytes_ + size > limit && unanswered_ > 0) {
        if (wakeup_ != nullptr && wakeup_->raised()) return failed(woken());
        close_due(cluster_->clock().monotonic_ms(), buffered_bytes_ > limit / 2);
        poll(std::min(wait_slice_ms, deadline.left_ms()));
        if (deadline.passed() && buffered_bytes_ + size > limit) {
            return failed({.exception =
                               "org.apache.kafka.clients.producer.BufferExhaustedException",
                           .message = "Failed to allocate " + std::to_string(size) +
                                      " bytes within the configured max blocking time " +
                                      std::to_string(settings_.max_block_ms) +
                                      " ms. Total memory: " +
                                      std::to_string(settings_.buffer_memory) + " bytes."});
        }
    }
    return {};
}

void Producer::append(PartitionQueue& queue, const ProducerRecord& record, int64_t timestamp_ms,
                      int64_t tag) {
    bool closed = false;
    size_t size = 0;
    for (;;) {
        if (!queue.open) {
            queue.open = std::make_unique<ProducerBatch>(
                queue,
                record::BatchBuilder::Options{.codec = settings_.codec,
                                              .level = settings_.level,
                                              .transactional = transaction_.has_value()},
                cluster_->clock().monotonic_ms());
            queue.open->serial = next_serial_++;
            open_.push_back(&queue);
            ++unanswered_;
            buffered_bytes_ += queue.open->size();
        }
        size = queue.open->record_size(timestamp_ms, record.key, record.value, record.headers);
        if (queue.open->count() == 0 || queue.open->size() + size <= settings_.batch_size) break;
        close_open(queue);
        closed = true;
    }
    queue.open->append(timestamp_ms, record.key, record.value, record.headers, tag, size);
    buffered_bytes_ += size;
    if (queue.open->size() >= settings_.batch_size) {
        close_open(queue);
        closed = true;
    }
    if (!record.partition && (!record.key || settings_.ignores_keys)) {
        queue.topic->sticky.added(size, closed);
    }
}

void Producer::close_open(PartitionQueue& queue) {
    if (!queue.open) return;
    const size_t before = queue.open->size();
    queue.open->close();
    buffered_bytes_ = buffered_bytes_ - before + queue.open->size();
    queue.closed.push_back(std::move(queue.open));
    std::erase(open_, &queue);
    mark_ready(queue);
}

void Producer::close_due(int64_t now_ms, bool all) {
    for (size_t i = 0; i < open_.size();) {
        PartitionQueue& queue = *open_[i];
        const bool due = now_ms - queue.open->created_ms() >= settings_.linger_ms;
        if (all || due) close_open(queue);
        else ++i;
    }
}

void Producer::mark_ready(PartitionQueue& queue) {
    if (queue.is_ready) return;
    queue.is_ready = true;
    ready_.push_back(&queue);
}

void Producer::poll(int64_t wait_ms) {
    if (step(cluster_->clock().monotonic_ms()) || wait_ms <= 0) return;
    const int64_t wait = std::min(wait_ms, due_in_ms());
    if (wait > 0) wait_readable(sockets(), wakeup_, wait);
    step(cluster_->clock().monotonic_ms());
}

void Producer::flush() {
    while (unanswered_ > 0) {
        close_due(cluster_->clock().monotonic_ms(), true);
        if (step(cluster_->clock().monotonic_ms())) continue;
        // A wakeup must not make this loop a busy one: it waits on the sockets alone.
        wait_readable(sockets(), nullptr, std::min(due_in_ms(), wait_slice_ms));
    }
}

int64_t Producer::due_in_ms() const {
    const int64_t now_ms = cluster_->clock().monotonic_ms();
    int64_t due = wait_slice_ms * 100;
    for (const PartitionQueue* queue : open_) {
        due = std::min(due, queue->open->created_ms() + settings_.linger_ms - now_ms);
    }
    for (const PartitionQueue* queue : ready_) {
        if (queue->closed.empty()) continue;
        const int64_t at = queue->closed.front()->retry_at_ms - now_ms;
        due = std::min(due, std::max(at, wait_slice_ms / 5));
    }
    return std::max<int64_t>(due, 0);
}

std::vector<int> Producer::sockets() const {
    std::vector<int> all;
    for (const auto& [node, link] : links_) {
        if (!link.in_flight.empty()) all.push_back(link.connection->socket());
    }
    return all;
}

}  // namespace stoker::kafka
