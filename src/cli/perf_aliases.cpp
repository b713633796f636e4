#include "cli/perf_aliases.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "cli/failures.hpp"
#include "cli/producer_perf_options.hpp"
#include "cli/tool_list.hpp"
#include "cli/usage.hpp"

namespace stoker::cli {
namespace {

using kafka::ClientProperties;
using kafka::KafkaException;

constexpr std::string_view props_option = "--producer-props";
constexpr std::string_view file_property = "config-file";

bool is_option(std::string_view word) {
    return word.starts_with("--");
}

/// Whether a property begins here: a name and "=".
bool begins_property(std::string_view text) {
    const size_t equals = text.find('=');
    if (equals == std::string_view::npos || equals == 0) return false;
    return std::ranges::all_of(text.substr(0, equals), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
    });
}

/// The value of `name` in the arguments, as the next word or behind "=".
std::optional<std::string> value_of(const Args& args, std::string_view name) {
    for (size_t i = 0; i < args.size(); ++i) {
        if (args[i] == name && i + 1 < args.size()) return args[i + 1];
        if (args[i].starts_with(name) && args[i].substr(name.size()).starts_with('='))
            return args[i].substr(name.size() + 1);
    }
    return std::nullopt;
}

void rename(Args& args, std::string_view before, std::string_view now) {
    for (std::string& word : args)
        if (word == before || (word.starts_with(before) && word[before.size()] == '='))
            word.replace(0, before.size(), now);
}

}  // namespace

std::vector<std::string> split_joined_properties(std::string_view text) {
    std::vector<std::string> parts;
    bool is_quoted = false;
    size_t begin = 0;
    for (size_t i = 0; i < text.size(); ++i) {
        if (is_quoted && text[i] == '\\') ++i;
        else if (text[i] == '"') is_quoted = !is_quoted;
        else if (text[i] == ',' && !is_quoted && begins_property(text.substr(i + 1))) {
            parts.emplace_back(text.substr(begin, i - begin));
            begin = i + 1;
        }
    }
    parts.emplace_back(text.substr(begin));
    return parts;
}

ClientProperties read_joined_properties(const std::vector<std::string>& words) {
    std::vector<std::pair<std::string, std::string>> pairs;
    std::optional<std::string> file;
    for (const std::string& word : words) {
        for (const std::string& part : split_joined_properties(word)) {
            const size_t equals = part.find('=');
            if (equals == std::string::npos || equals == 0)
                throw KafkaException(illegal_argument("Invalid property: a name is missing"));
            std::string name = part.substr(0, equals);
            if (name == file_property) file = part.substr(equals + 1);
            else pairs.emplace_back(std::move(name), part.substr(equals + 1));
        }
    }
    ClientProperties properties = load_properties_or_throw(file);
    for (auto& [name, value] : pairs) properties.set(std::move(name), std::move(value));
    return properties;
}

Args consumer_perf_arguments(const Args& args) {
    Args result = args;
    rename(result, "--consumer.config", "--command-config");
    rename(result, "--messages", "--num-records");
    const auto file = value_of(result, "--command-config");
    if (!file || value_of(result, "--bootstrap-server")) return result;
    if (const auto servers = load_properties_or_throw(file).get("bootstrap.servers")) {
        result.emplace_back("--bootstrap-server");
        result.push_back(*servers);
    }
    return result;
}

int run_consumer_perf(const Args& args, Streams& io) {
    return run_consumer_perf_test(consumer_perf_arguments(args), io);
}

int run_producer_perf(const Args& args, Streams& io) {
    Args rest;
    std::vector<std::string> words;
    bool is_given = false;
    bool is_taking = false;
    for (const std::string& word : args) {
        if (is_option(word)) is_taking = word == props_option;
        is_given |= is_taking;
        if (!is_taking) rest.push_back(word);
        else if (word != props_option) words.push_back(word);
    }
    rename(rest, "--producer.config", "--command-config");
    if (!is_given) return run_producer_perf(read_producer_perf_options(rest, io), io);
    const ClientProperties properties = read_joined_properties(words);
    return run_producer_perf(read_producer_perf_options(rest, io, &properties), io);
}

}  // namespace stoker::cli
