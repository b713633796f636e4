// Fetch sessions (KIP-227): the broker remembers what a consumer fetches, so that a request names
// only what changed and an answer holds only partitions with news.
//
// A session belongs to one client, but nothing keeps a hostile one from using it over two
// connections: each session has its own lock. The cache holds a bounded number; when it is full the
// least recently used session goes if it has rested for a while, else the newcomer gets none and
// fetches in full each time, which is always correct.
#pragma once

#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/clock.hpp"
#include "base/guarded.hpp"
#include "base/ids.hpp"
#include "base/random.hpp"
#include "base/result.hpp"
#include "base/uuid.hpp"
#include "protocol/messages/01_fetch.hpp"

namespace stoker::broker {

/// Which partition, as the client names it: by id from version 13, by name before.
struct FetchKey {
    Uuid topic_id;
    std::string topic;
    PartitionId partition{};

    bool operator==(const FetchKey&) const = default;
};

struct FetchKeyHash {
    size_t operator()(const FetchKey& key) const noexcept;
};

/// One partition of a fetch, and what the client was last told about it.
struct FetchPartition {
    FetchKey key;
    Offset fetch_offset{};
    LeaderEpoch current_leader_epoch = LeaderEpoch::none;
    LeaderEpoch last_fetched_epoch = LeaderEpoch::none;
    int32_t max_bytes = 0;
    /// Whoever sent this request may not read the topic; of the plan, not of the session.
    bool denied = false;

    Offset told_high_watermark{-1};
    Offset told_log_start{-1};
    /// The last answer was an error: the next one is told whatever it is.
    bool told_error = false;
    /// The session knows its topic's name.
    bool named = false;
};

/// What one client fetches. Guarded by FetchSessions' lock of the session.
class FetchSession {
public:
    FetchSession(int32_t id, bool uses_topic_ids) : id_(id), uses_topic_ids_(uses_topic_ids) {}

    int32_t id() const { return id_; }
    int32_t next_epoch() const { return next_epoch_; }
    bool uses_topic_ids() const { return uses_topic_ids_; }
    size_t size() const { return partitions_.size(); }

    void advance_epoch();
    /// Adds or changes one partition; what the client was told stays.
    void put(const FetchPartition& partition);
    void remove(const FetchKey& key);
    /// Nothing when it was forgotten meanwhile.
    FetchPartition* find(const FetchKey& key);
    /// In the order of service: a partition that was just answered with data goes to the end, so
    /// that a busy one cannot starve the rest (KIP-74).
    std::vector<FetchPartition> in_order() const {
        return {partitions_.begin(), partitions_.end()};
    }
    void move_to_end(const FetchKey& key);
    /// Names that topics had when they were seen first; empty for one that was not.
    void learn_name(const Uuid& topic_id, const std::string& name) { names_[topic_id] = name; }
    std::string name_of(const Uuid& topic_id) const {
        auto found = names_.find(topic_id);
        return found == names_.end() ? "" : found->second;
    }

private:
    int32_t id_;
    int32_t next_epoch_ = 1;
    bool uses_topic_ids_;
    std::list<FetchPartition> partitions_;
    std::unordered_map<FetchKey, std::list<FetchPartition>::iterator, FetchKeyHash> index_;
    std::map<Uuid, std::string> names_;
};

/// What a Fetch request asks for once its session has been looked up.
struct FetchPlan {
    /// The session to keep up to date; empty for a fetch in full without one.
    std::shared_ptr<Guarded<FetchSession>> session;
    /// What the answer carries: 0 without a session.
    int32_t session_id = 0;
    /// Only partitions with news are answered.
    bool incremental = false;
    std::vector<FetchPartition> partitions;
};

/// The sessions of a broker. Any thread.
class FetchSessions {
public:
    /// max.incremental.fetch.session.cache.slots
    static constexpr size_t slots_default = 1000;
    /// A session that was used within this time is not evicted for a new one.
    static constexpr int64_t eviction_ms = 120'000;

    FetchSessions(Clock& clock, Random& random, size_t slots = slots_default)
        : clock_(clock), random_(random), slots_(slots) {}

    /// A session that has nothing left to fetch is closed.
    /// FETCH_SESSION_ID_NOT_FOUND, INVALID_FETCH_SESSION_EPOCH, FETCH_SESSION_TOPIC_ID_ERROR.
    Result<FetchPlan> begin(const protocol::FetchRequest& request, int16_t version);
    size_t size() const { return cache_.lock()->entries.size(); }

private:
    struct Entry {
        std::shared_ptr<Guarded<FetchSession>> session;
        std::list<int32_t>::iterator use;
        int64_t used_ms;
    };
    struct Cache {
        std::unordered_map<int32_t, Entry> entries;
        std::list<int32_t> by_use;  // least recently used first
    };

    std::shared_ptr<Guarded<FetchSession>> create(bool uses_topic_ids);
    std::shared_ptr<Guarded<FetchSession>> find(int32_t id);
    void drop(int32_t id);

    Clock& clock_;
    Random& random_;
    size_t slots_;
    Guarded<Cache> cache_;
};

}  // namespace stoker::broker
