// The file of --config: what the load bombers' specification changes in the code of its scripts,
// under its names. YAML; every part may be absent, and what is absent stays as specified.
//
//     templates:                     # types of messages: new ones, or in place of specified ones
//       order:
//         key: order_id
//         weight: 3
//         fields:
//           order_id: {id: order_, from: 1, to: 5000}
//           items: {whole: [1, 20]}
//           total: {decimal: [0, 500], digits: 2}
//           state: {words: [new, paid, sent]}
//           origin: {address: [10, 20]}
//           shop: {text: main}
//     weights: {sensor_data: 0}      # how often a type comes beside the others; 0: never
//     ranges:                        # of a field, in every type that has it
//       user_id: [1, 500]
//       currency: [CHF, EUR]
//     producer: {acks: 1, compression_type: lz4, batch_size: 65536}
//     consumer: {fetch.min.bytes: 1000, max_poll_records: 100}
//     connection: {max_retries: 10, retry_delay: 1, consumer_startup_delay: 0.5}
//     processing:
//       processing_delay_min: 0
//       processing_delay_max: 0.01
//       required_fields: [timestamp]
//       rules:                       # of a type: the field that it needs, and what is an alert
//         system_metrics: {field: value, above: 90}
//         order: {field: state, one_of: [new]}
//     stats_report_interval: 5
#pragma once

#include <chrono>
#include <expected>
#include <string>
#include <vector>

#include "client/config.hpp"
#include "load/connect_retry.hpp"
#include "load/message_template.hpp"
#include "load/processing_rules.hpp"

namespace stoker::load {

struct BomberConfig {
    std::vector<MessageTemplate> templates;
    ProcessingRules rules;
    client::Config producer;  ///< in librdkafka's names, after the specification's
    client::Config consumer;  ///< in Apache Kafka's names
    ConnectRetry retry;
    std::chrono::milliseconds consumer_startup_delay{1'000};
    std::chrono::milliseconds block_max{10'000};
    int max_poll_records = 500;
    std::chrono::milliseconds poll_timeout{1'000};
    std::chrono::milliseconds report_interval{10'000};
};

/// Everything as specified.
BomberConfig specified_config();

/// `name` is the file's, for the errors: "load.yml:12: …", one line that says what to do.
std::expected<BomberConfig, std::string> parse_bomber_config(const std::string& text,
                                                             const std::string& name);

inline constexpr size_t config_file_max = 1 << 20;

}  // namespace stoker::load
