// kafka-producer-perf and kafka-consumer-perf: upstream's perf tools under the names that the load
// bombers' specification gives them, with the spellings of its commands. Upstream's own names keep
// to what upstream takes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/tool.hpp"
#include "kafka/client_properties.hpp"

namespace stoker::cli {

/// "a=1,b=2" at the commas that a property's name and "=" follow, and that are outside of quotes:
/// "bootstrap.servers=k1:9092,k2:9092,acks=1" has two.
std::vector<std::string> split_joined_properties(std::string_view text);

/// The words of --producer-props: joined or apart; those of the file that "config-file=FILE" names
/// are under the others. Throws KafkaException.
kafka::ClientProperties read_joined_properties(const std::vector<std::string>& words);

/// The arguments of kafka-consumer-perf as kafka-consumer-perf-test takes them: the servers may be
/// in the file of --consumer.config alone. Throws KafkaException.
Args consumer_perf_arguments(const Args& args);

}  // namespace stoker::cli
