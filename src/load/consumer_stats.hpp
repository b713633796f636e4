// ConsumerStats: what a consumer-bomber counts, under its specification's names, and how it is
// told.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "kafka/topic_partition.hpp"
#include "load/histogram.hpp"
#include "load/json.hpp"
#include "load/verification.hpp"

namespace stoker::load {

struct ConsumerStats {
    int64_t messages_consumed = 0;
    int64_t messages_failed = 0;  ///< could not be processed, or an error came in place of one
    int64_t bytes_consumed = 0;   ///< of values
    int64_t messages_processed = 0;
    int64_t processing_errors = 0;
    int64_t bytes_processed = 0;
    int64_t processing_ns = 0;  ///< of the processed messages, simulated delay included
    std::map<std::string, int64_t, std::less<>> by_type;  ///< of the processed messages
    std::map<std::string, int64_t, std::less<>> alerts;   ///< of them, by type
    Histogram age_us;  ///< of the processed messages: from their timestamp to their processing
    std::map<std::string, int64_t, std::less<>> by_topic;  ///< of the consumed messages
    std::map<kafka::TopicPartition, int64_t> lag;
    int64_t partitions_assigned = 0;  ///< now
    int64_t consumers_assigned = 0;   ///< how many consumers have partitions now
    int64_t commits = 0;              ///< that were answered
    int64_t failed_commits = 0;
    int64_t rebalances = 0;   ///< how often the group gave partitions to a consumer
    int64_t connections = 0;  ///< now
    std::string last_error;

    void merge(const ConsumerStats& other);
    double avg_processing_time_ms() const;
    /// Errors to processed messages; 0 when none was processed.
    double error_rate() const;
};

struct ConsumerRun {
    int64_t start_wall_us = 0;
    double seconds = 0;
};

Json consumer_json(const ConsumerStats& stats, const ConsumerRun& run);
/// {"distinct":…, "duplicated":…, "unstamped":…, "producers":[…], "end_to_end_ms":{…}}
Json verified_json(const Verification& verification);
/// `verification` may be null; `recent_us` is the end-to-end latency of the last second.
Json consumer_progress_json(const ConsumerStats& stats, const ConsumerRun& run,
                            const Verification* verification, const Histogram& recent_us);
/// Both in the words of the specification.
std::string consumer_report(const ConsumerStats& stats, const ConsumerRun& run);
std::string consumer_summary(const ConsumerStats& stats, const ConsumerRun& run,
                             const Verification* verification);

}  // namespace stoker::load
