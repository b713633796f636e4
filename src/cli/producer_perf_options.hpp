// The command line of kafka-producer-perf-test, checked, and what it means.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/tool.hpp"
#include "kafka/client_properties.hpp"

namespace stoker::cli {

struct ProducerPerfOptions {
    std::string topic;
    int64_t records = 0;
    int64_t warmup_records = 0;
    int64_t reporting_interval_ms = 5000;
    double throughput = -1;
    bool prints_metrics = false;
    kafka::ClientProperties producer;
    /// Sends in transactions of this length.
    std::optional<int64_t> transaction_duration_ms{};
    /// One of the three.
    std::optional<int32_t> record_size{};
    std::vector<std::string> payloads{};
    bool is_monotonic = false;
};

/// Ends with the usage, or throws KafkaException, as upstream does for what is wrong. `more` are
/// properties from elsewhere than the arguments, which are over those of a file, or null.
ProducerPerfOptions read_producer_perf_options(const Args& args, Streams& io,
                                               const kafka::ClientProperties* more = nullptr);

/// Sends as the options say; what main returns.
int run_producer_perf(ProducerPerfOptions options, Streams& io);

/// java.util.Scanner over a text with that delimiter: the first one at the very beginning is passed
/// over, none gives an empty payload at the end.
std::vector<std::string> split_payloads(std::string_view text, std::string_view delimiter);

}  // namespace stoker::cli
