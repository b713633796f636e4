// Workload: everything that a load is, as a file or a preset describes it (file/workload_file.hpp,
// docs/load.md). Plain values, checked where they were read.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "workload/arrivals/phase.hpp"
#include "workload/content/content.hpp"

namespace stoker::workload {

/// Names and values of a client's or a topic's settings, in Apache Kafka's words.
using Settings = std::vector<std::pair<std::string, std::string>>;

/// Topics made for the run, named prefix-RUN-NUMBER, and deleted at its end.
struct TopicPlan {
    std::string prefix;  ///< empty: stoker-load-NAME
    int32_t count = 1;
    int32_t partitions = 3;
    std::optional<int16_t> replication_factor{};
    Settings configs{};
    bool keep = false;

    static constexpr int32_t partitions_max = 100'000;  ///< of all topics
};

/// Which client library sends and reads.
enum class EngineKind : uint8_t { raw, librdkafka };

struct TransactionPlan {
    std::chrono::milliseconds every{100};
    double aborts = 0;  ///< the share that is given up on purpose
};

struct ProducerPlan {
    int count = 1;
    std::string acks = "all";
    bool idempotent = true;
    std::optional<TransactionPlan> transactions{};
    Settings settings{};

    static constexpr int count_max = 1000;
};

struct GroupPlan {
    int consumers = 1;
    /// When it starts to read, after the load has begun; or once all is sent.
    std::chrono::milliseconds start_after{0};
    bool after_load = false;
    /// So many of the consumers take so long for each message.
    int slow_consumers = 0;
    std::chrono::microseconds slow_delay{0};
    /// So often one of the consumers goes and another comes; a crash leaves without a word and
    /// without a commit.
    std::chrono::milliseconds churn_every{0};
    bool churn_crashes = false;
    bool read_committed = false;
    Settings settings{};

    static constexpr int consumers_max = 1000;
};

struct Limits {
    /// The generator's own lateness may distort what is reported by so much, or by a tenth of the
    /// response time: beyond both there is no report.
    std::chrono::microseconds slip_p99{10'000};
    /// A run without times, because the generator was late, is good all the same: what arrived
    /// is what it is about.
    bool times_optional = false;
    /// How long after the end of the load messages that are due are still sent.
    std::chrono::milliseconds catch_up{10'000};
    /// How long is waited for answers, and for records that do not come.
    std::chrono::milliseconds patience{30'000};
};

struct Workload {
    /// Producers × partitions of all topics × (groups + 1): each has an account in memory.
    static constexpr int64_t accounts_max = 10'000'000;

    std::string name = "unnamed";
    std::string description{};
    EngineKind engine = EngineKind::raw;
    /// Processes that the producers are dealt out to; 1: threads of the run's own.
    int workers = 1;
    std::vector<Phase> phases{};
    TopicPlan topics{};
    ProducerPlan producers{};
    ContentPlan content{};
    std::vector<GroupPlan> groups{};
    Limits limits{};

    double duration_s() const {
        double sum = 0;
        for (const Phase& phase : phases) sum += phase.duration_s;
        return sum;
    }
    size_t partitions() const { return size_t(topics.count) * size_t(topics.partitions); }
};

}  // namespace stoker::workload
