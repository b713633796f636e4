// What a consumer-bomber's client is configured with, in Apache Kafka's names: the specification's
// settings, then what --config and --command-config change, then where and as whom to connect.
#pragma once

#include <expected>
#include <string>

#include "client/config.hpp"
#include "kafka/client_properties.hpp"
#include "load/bomber_options.hpp"

namespace stoker::load {

/// A setting of --config's `consumer`, as Kafka's clients for Java, Python or C spell it, under the
/// name that Java has for it. The error is a clause that says what is wrong.
std::expected<client::Config::value_type, std::string> consumer_setting(const std::string& name,
                                                                        const std::string& value);

/// New topics are found within two seconds, and partitions are dealt out one by one: the usual
/// "range" would give the only partition of every topic to the same consumer.
/// Throws std::runtime_error with a sentence when a certificate's file cannot be read.
kafka::ClientProperties consumer_properties(const ConsumerOptions& options);

}  // namespace stoker::load
