// What a kafka-* tool is: a name and a function. The table of all of them is in tools.cpp.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "cli/writer.hpp"
#include "kafka/failure.hpp"
#include "kafka/log.hpp"

namespace stoker::cli {

/// The words after the name of the program.
using Args = std::vector<std::string>;

/// What a tool reads and writes; everything outlives the call of the tool.
struct Streams {
    Writer& out;
    Writer& err;
    int in = 0;
    const Clock& clock;
    /// The WARN and ERROR lines of Java's clients, on `err`.
    const kafka::Log& log;
};

/// Returns the status to exit with. Throws Exit, or KafkaException for what Java's main throws.
using Run = int (*)(const Args& args, Streams& io);

struct Tool {
    /// Upstream's name without ".sh".
    std::string_view name;
    Run run;
};

std::span<const Tool> tools();
/// By name, with or without ".sh" and folders before it; null if there is none.
const Tool* find_tool(std::string_view name);

/// Runs the tool as main does: an Exit becomes its status, and an exception that upstream's main
/// lets out becomes `Exception in thread "main" ...` and 1.
int run_tool(const Tool& tool, const Args& args, Streams& io);

/// The exception and its causes as printStackTrace gives them, without the frames.
std::string stack_trace(const kafka::Failure& failure);

/// The status for an error after which upstream's tool exits 0: so do we, unless
/// STOKER_STRICT_EXIT=1 in the environment asks for 1.
int lenient_exit();

/// What --version prints: the Apache Kafka release whose tools these are like.
inline constexpr std::string_view kafka_version = "4.3.0";
inline constexpr std::string_view kafka_commit = "a9ce3221537b8653";

}  // namespace stoker::cli
