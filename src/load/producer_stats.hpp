// ProducerStats: what a producer-bomber counts, under its specification's names, and how it is
// told: a line every ten seconds, a summary, one JSON object at the end, one a second for programs.
#pragma once

#include <cstdint>
#include <set>
#include <string>

#include "load/histogram.hpp"
#include "load/json.hpp"

namespace stoker::load {

struct ProducerStats {
    int64_t messages_queued = 0;  ///< handed to the client library
    int64_t messages_sent = 0;    ///< acknowledged
    int64_t messages_failed = 0;
    int64_t bytes_sent = 0;       ///< of acknowledged values
    int64_t messages_late = 0;    ///< handed over more than late_ns after their time
    int64_t messages_unsent = 0;  ///< given up because the run was over
    int64_t lateness_max_us = 0;
    int64_t blocked_ns = 0;        ///< waiting for room in the buffer, of all threads together
    int64_t silence_max_us = 0;    ///< the longest time without an answer that was waited for
    int64_t processor_ns_max = 0;  ///< of the thread that worked most
    Histogram ack_us;  ///< from the intended send time to the acknowledgement
    std::set<std::string> topics_created;
    std::string last_error;

    /// Later than a linger and a timer's tick: the machine or the broker did not keep up.
    static constexpr int64_t late_ns = 20'000'000;

    void merge(const ProducerStats& other);
};

/// What stays the same during a run.
struct ProducerRun {
    int64_t start_wall_us = 0;
    double seconds = 0;          ///< since the start
    double planned_seconds = 0;  ///< of them, those in which messages ought to be sent
    int64_t messages_due = 0;    ///< that ought to have been sent by now
    int threads = 1;
    uint64_t run_id = 0;
    uint64_t seed = 0;
};

Json producer_json(const ProducerStats& stats, const ProducerRun& run);
/// `recent_ack_us`: of the last second.
Json producer_progress_json(const ProducerStats& stats, const ProducerRun& run,
                            const Histogram& recent_ack_us);
/// Both in the words of the specification.
std::string producer_report(const ProducerStats& stats, const ProducerRun& run);
std::string producer_summary(const ProducerStats& stats, const ProducerRun& run);

/// Sixteen hexadecimal digits: JSON numbers do not hold 64 bits.
std::string run_name(uint64_t run_id);
/// Count or bytes a second; 0 when no time has passed.
double per_second(int64_t count, double seconds);
/// Millions of bytes a second.
double mb_per_second(int64_t bytes, double seconds);

}  // namespace stoker::load
