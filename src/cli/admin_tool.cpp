#include "cli/admin_tool.hpp"

#include <algorithm>
#include <bit>
#include <fstream>
#include <iterator>

#include "cli/java_number.hpp"
#include "kafka/java_text.hpp"

namespace stoker::cli {
namespace {

constexpr std::string_view terse = "org.apache.kafka.tools.TerseException";

int32_t hash_of_name(const std::string& name) {
    return kafka::java_hash(name);
}

int32_t hash_of_partition(const kafka::TopicPartition& where) {
    return kafka::java_hash(where.topic, where.partition);
}

}  // namespace

std::unique_ptr<kafka::Admin> make_admin(Streams& io, const kafka::ClientProperties& properties) {
    return kafka::value_or_throw(kafka::Admin::create(properties, io.log, io.clock));
}

void throw_java(std::string_view java_class, std::string message) {
    throw kafka::KafkaException(kafka::Failure{.exception = std::string(java_class),
                                               .message = std::move(message)});
}

void throw_illegal_argument(std::string message) {
    throw_java("java.lang.IllegalArgumentException", std::move(message));
}

void throw_terse(std::string message) {
    throw kafka::KafkaException(terse_failure(std::move(message)));
}

kafka::Failure terse_failure(std::string message) {
    return {.exception = std::string(terse), .message = std::move(message)};
}

bool is_terse(const kafka::Failure& failure) {
    return failure.exception == terse;
}

int main_no_exit(Streams& io, const std::function<int()>& execute) {
    try {
        return execute();
    } catch (const kafka::KafkaException& thrown) {
        const kafka::Failure& failure = thrown.failure();
        io.err.line(failure.text());
        if (!is_terse(failure)) io.err.line(stack_trace(failure));
        return 1;
    }
}

int32_t parse_int_or_throw(const std::string& text) {
    const auto value = parse_java_int(text);
    if (!value) throw_java("java.lang.NumberFormatException", value.error());
    return static_cast<int32_t>(*value);
}

std::string read_file_or_throw(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) throw_java("java.nio.file.NoSuchFileException", path);
    return {std::istreambuf_iterator<char>(file), {}};
}

std::string joined_numbers(const std::vector<int32_t>& numbers, std::string_view separator) {
    std::string text;
    for (size_t i = 0; i < numbers.size(); ++i) {
        if (i > 0) text += separator;
        text += std::to_string(numbers[i]);
    }
    return text;
}

size_t map_table(size_t entries) {
    size_t table = std::bit_ceil(std::max<size_t>(entries, 1));
    return entries * 4 > table * 3 ? table * 2 : table;
}

std::vector<std::string> in_map_order(std::vector<std::string> names) {
    size_t table = map_table(names.size());
    return kafka::in_hash_order(std::move(names), hash_of_name, table);
}

std::vector<kafka::TopicPartition> in_map_order(std::vector<kafka::TopicPartition> partitions) {
    size_t table = map_table(partitions.size());
    return kafka::in_hash_order(std::move(partitions), hash_of_partition, table);
}

std::vector<std::string> in_grown_map_order(std::vector<std::string> names) {
    size_t table = kafka::grown_table(names.size());
    return kafka::in_hash_order(std::move(names), hash_of_name, table);
}

std::vector<kafka::TopicPartition> in_grown_map_order(
    std::vector<kafka::TopicPartition> partitions) {
    size_t table = kafka::grown_table(partitions.size());
    return kafka::in_hash_order(std::move(partitions), hash_of_partition, table);
}

argparse::Argument& add_output_argument(argparse::Parser& parser) {
    return parser
        .add({"--output"}, "Prints json, csv or a table that programs read (not in Apache Kafka).")
        .choices({"json", "csv", "table"});
}

std::optional<OutputFormat> output_format(const argparse::Namespace& given,
                                          const argparse::Argument& output) {
    std::optional<std::string> word = given.text(output);
    if (!word) return std::nullopt;
    if (*word == "json") return OutputFormat::json;
    return *word == "csv" ? OutputFormat::csv : OutputFormat::table;
}

bool is_internal_topic(std::string_view name) {
    return name == "__consumer_offsets" || name == "__transaction_state" ||
           name == "__share_group_state";
}

}  // namespace stoker::cli
