// Where the random choices of a step come from: one seeded generator and small pools, in which what
// is valid, what is not, and what collides lie side by side.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/ids.hpp"
#include "base/random.hpp"
#include "base/uuid.hpp"

namespace stoker::differential {

/// What both brokers are believed to hold, as the reference's answers tell. Steers the choices
/// towards requests that have an effect; nothing is compared with it.
struct Model {
    struct Producer {
        bool known = false;
        int16_t epoch = 0;
        std::map<std::pair<std::string, int32_t>, int32_t> next_sequence;
    };
    struct Session {
        bool open = false;
        bool by_id = false;
        int32_t next_epoch = 0;
    };
    struct Group {
        bool has_member = false;
        bool is_joined = false;
        bool is_synced = false;
        int32_t generation = -1;
    };

    /// Of a group of the consumer protocol.
    struct ConsumerMember {
        bool joined = false;
        int32_t epoch = 0;
        /// By the topic's symbol: what it was given last.
        std::map<Uuid, std::vector<PartitionId>> owned;
    };

    /// Of a transactional id.
    struct Transactional {
        bool known = false;
        int16_t epoch = 0;
        bool open = false;
        std::map<int32_t, int32_t> next_sequence;  // by partition
    };

    /// Partitions of each topic that exists.
    std::map<std::string, int32_t> topics;
    std::array<Producer, 3> producers;
    std::array<Session, 3> sessions;
    std::array<Transactional, 3> transactions;
    std::map<std::string, Group> groups;
    /// Stories of two members so far.
    int pairs = 0;
    /// By group and member.
    std::map<std::pair<std::string, std::string>, ConsumerMember> consumer_members;
};

class Draw {
public:
    explicit Draw(uint64_t seed) : random_(seed) {}

    size_t below(size_t bound) { return size_t(random_.below(bound)); }
    /// From first to last, both included.
    int64_t between(int64_t first, int64_t last) {
        return first + int64_t(random_.below(uint64_t(last - first + 1)));
    }
    bool chance(int percent) { return random_.below(100) < uint64_t(percent); }

    template <class T>
    T pick(std::initializer_list<T> from) {
        return from.begin()[below(from.size())];
    }
    template <class T>
    const T& pick(const std::vector<T>& from) {
        return from[below(from.size())];
    }

    /// Mostly one that exists.
    std::string topic(const Model& model);
    /// One that may be created or deleted in passing; the others stay for the whole run.
    std::string fleeting_topic();
    std::string bad_topic();
    PartitionId partition(const Model& model, const std::string& topic);
    Offset offset();
    LeaderEpoch epoch();
    std::string group();
    std::string text(size_t size_max);

    uint64_t seed() const { return random_.seed(); }

private:
    Random random_;
};

/// These are created before the first step.
inline constexpr std::string_view lasting_topics[] = {"alpha", "beta", "gamma", "delta"};
inline constexpr std::string_view stamped_topic = "gamma";  // LogAppendTime
inline constexpr std::string_view compacted_topic = "delta";
/// Two partitions, which only transactions write to.
inline constexpr std::string_view transaction_topic = "transfers";

}  // namespace stoker::differential
