#include "broker/fetch/fetch_session.hpp"

#include <algorithm>
#include <functional>
#include <limits>

namespace stoker::broker {

using protocol::FetchRequest;

namespace {

constexpr int32_t sessionless_epoch = -1;  // FetchMetadata.FINAL_EPOCH
constexpr int32_t initial_epoch = 0;
constexpr int16_t first_version_with_topic_ids = 13;

std::vector<FetchPartition> asked_partitions(const FetchRequest& request) {
    std::vector<FetchPartition> partitions;
    for (const auto& topic : request.topics) {
        for (const auto& partition : topic.partitions) {
            partitions.push_back({
                .key = {topic.topic_id, topic.topic, partition.partition},
                .fetch_offset = partition.fetch_offset,
                .current_leader_epoch = partition.current_leader_epoch,
                .last_fetched_epoch = partition.last_fetched_epoch,
                .max_bytes = partition.partition_max_bytes,
            });
        }
    }
    return partitions;
}

}  // namespace

size_t FetchKeyHash::operator()(const FetchKey& key) const noexcept {
    size_t hash = std::hash<Uuid>{}(key.topic_id) ^ std::hash<std::string>{}(key.topic);
    return hash * 31 + size_t(raw(key.partition));
}

void FetchSession::advance_epoch() {
    next_epoch_ = next_epoch_ == std::numeric_limits<int32_t>::max() ? 1 : next_epoch_ + 1;
}

void FetchSession::put(const FetchPartition& partition) {
    if (FetchPartition* known = find(partition.key)) {
        known->fetch_offset = partition.fetch_offset;
        known->current_leader_epoch = partition.current_leader_epoch;
        known->last_fetched_epoch = partition.last_fetched_epoch;
        known->max_bytes = partition.max_bytes;
        return;
    }
    index_[partition.key] = partitions_.insert(partitions_.end(), partition);
}

void FetchSession::remove(const FetchKey& key) {
    auto found = index_.find(key);
    if (found == index_.end()) return;
    partitions_.erase(found->second);
    index_.erase(found);
}

FetchPartition* FetchSession::find(const FetchKey& key) {
    auto found = index_.find(key);
    return found == index_.end() ? nullptr : &*found->second;
}

void FetchSession::move_to_end(const FetchKey& key) {
    auto found = index_.find(key);
    if (found != index_.end()) partitions_.splice(partitions_.end(), partitions_, found->second);
}

Result<FetchPlan> FetchSessions::begin(const FetchRequest& request, int16_t version) {
    bool uses_topic_ids = version >= first_version_with_topic_ids;
    if (request.session_epoch == sessionless_epoch || request.session_epoch == initial_epoch) {
        // A full fetch; with a session id it also ends that session.
        if (request.session_id != 0) drop(request.session_id);
        FetchPlan plan{.partitions = asked_partitions(request)};
        if (request.session_epoch == sessionless_epoch) return plan;
        plan.session = create(uses_topic_ids);
        if (!plan.session) return plan;
        auto session = plan.session->lock();
        for (const FetchPartition& partition : plan.partitions) session->put(partition);
        plan.session_id = session->id();
        return plan;
    }
    FetchPlan plan{.session = find(request.session_id), .incremental = true};
    if (!plan.session) return fail(ErrorCode::fetch_session_id_not_found);
    auto session = plan.session->lock();
    if (session->next_epoch() != request.session_epoch)
        return fail(ErrorCode::invalid_fetch_session_epoch);
    if (session->uses_topic_ids() != uses_topic_ids)
        return fail(ErrorCode::fetch_session_topic_id_error);
    session->advance_epoch();
    for (const FetchPartition& partition : asked_partitions(request)) session->put(partition);
    for (const auto& topic : request.forgotten_topics_data)
        for (PartitionId partition : topic.partitions)
            session->remove({topic.topic_id, topic.topic, partition});
    if (session->size() == 0) {
        drop(request.session_id);
        return FetchPlan{};
    }
    plan.session_id = session->id();
    plan.partitions = session->in_order();
    return plan;
}

std::shared_ptr<Guarded<FetchSession>> FetchSessions::create(bool uses_topic_ids) {
    int64_t now = clock_.monotonic_ms();
    auto cache = cache_.lock();
    if (slots_ == 0) return nullptr;
    if (cache->entries.size() >= slots_) {
        auto oldest = cache->entries.find(cache->by_use.front());
        if (now - oldest->second.used_ms < eviction_ms) return nullptr;
        cache->by_use.pop_front();
        cache->entries.erase(oldest);
    }
    int32_t id = 0;
    while (id == 0 || cache->entries.contains(id))
        id = int32_t(1 + random_.below(std::numeric_limits<int32_t>::max() - 1));
    auto session = std::make_shared<Guarded<FetchSession>>(id, uses_topic_ids);
    auto use = cache->by_use.insert(cache->by_use.end(), id);
    cache->entries.emplace(id, Entry{session, use, now});
    return session;
}

std::shared_ptr<Guarded<FetchSession>> FetchSessions::find(int32_t id) {
    auto cache = cache_.lock();
    auto found = cache->entries.find(id);
    if (found == cache->entries.end()) return nullptr;
    found->second.used_ms = clock_.monotonic_ms();
    cache->by_use.splice(cache->by_use.end(), cache->by_use, found->second.use);
    return found->second.session;
}

void FetchSessions::drop(int32_t id) {
    auto cache = cache_.lock();
    auto found = cache->entries.find(id);
    if (found == cache->entries.end()) return;
    cache->by_use.erase(found->second.use);
    cache->entries.erase(found);
}

}  // namespace stoker::broker
