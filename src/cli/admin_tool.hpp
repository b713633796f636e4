// What the tools on the admin client have in common: making it, Java's exceptions for wrong input,
// and how upstream's mains end.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/argparse.hpp"
#include "cli/failures.hpp"
#include "cli/listing.hpp"
#include "cli/tool.hpp"
#include "kafka/admin.hpp"
#include "kafka/client_properties.hpp"
#include "kafka/failure.hpp"
#include "kafka/topic_partition.hpp"

namespace stoker::cli {

/// Throws KafkaException, as Admin.create does.
std::unique_ptr<kafka::Admin> make_admin(Streams& io, const kafka::ClientProperties& properties);

/// Throws a KafkaException of any class of Java's: "java.lang.IllegalArgumentException".
[[noreturn]] void throw_java(std::string_view java_class, std::string message);
/// Wrong input in most of the tools.
[[noreturn]] void throw_illegal_argument(std::string message);
/// Upstream prints the message of a TerseException without a stack trace.
[[noreturn]] void throw_terse(std::string message);
kafka::Failure terse_failure(std::string message);
bool is_terse(const kafka::Failure& failure);

/// KafkaFuture.get(): a failure comes as the cause of an ExecutionException.
template <class T>
T get_or_throw(kafka::Outcome<T> outcome) {
    if (!outcome) throw kafka::KafkaException(execution_failure(std::move(outcome.error())));
    if constexpr (!std::is_void_v<T>) return std::move(*outcome);
}

/// mainNoExit: what `execute` throws is printed on standard error, the message first and then the
/// stack trace (of a TerseException the message alone), and is status 1.
int main_no_exit(Streams& io, const std::function<int()>& execute);

/// Integer.parseInt with its NumberFormatException.
int32_t parse_int_or_throw(const std::string& text);
/// Utils.readFileAsString: fails as Java does for a file that cannot be read.
std::string read_file_or_throw(const std::string& path);

/// "1,2,3"
std::string joined_numbers(const std::vector<int32_t>& numbers, std::string_view separator = ",");

/// The table of new HashMap<>(entries) once it holds so many.
size_t map_table(size_t entries);
/// The keys in the order of a HashMap that was made for so many: new HashMap<>(keys.size()).
std::vector<std::string> in_map_order(std::vector<std::string> names);
std::vector<kafka::TopicPartition> in_map_order(std::vector<kafka::TopicPartition> partitions);
/// The same for a HashMap that grew.
std::vector<std::string> in_grown_map_order(std::vector<std::string> names);
std::vector<kafka::TopicPartition> in_grown_map_order(
    std::vector<kafka::TopicPartition> partitions);

/// --output of the tools with argparse.
argparse::Argument& add_output_argument(argparse::Parser& parser);
std::optional<OutputFormat> output_format(const argparse::Namespace& given,
                                          const argparse::Argument& output);

/// Topic.isInternal.
bool is_internal_topic(std::string_view name);

}  // namespace stoker::cli
