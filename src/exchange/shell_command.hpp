// Runs a command of the user's shell with a message on its standard input; what it prints is the
// answer. Linux.
#pragma once

#include <chrono>
#include <cstddef>
#include <expected>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.hpp"

namespace stoker::exchange {

struct ShellCommand {
    /// For /bin/sh -c.
    std::string text;
    /// Added to the environment of this process.
    std::vector<std::pair<std::string, std::string>> environment{};
    std::chrono::milliseconds time_limit{30'000};
    /// A command that prints more is ended.
    size_t output_max = 1 << 20;
};

struct CommandOutput {
    Bytes bytes;
    /// Of the shell: 0 is success, 128 + n a signal.
    int status = 0;
};

/// The command's standard error is this process's. Blocks until it has ended; when its time is up
/// or it prints too much it is killed with all that it started in its process group. The error is a
/// sentence. One thread; SIGPIPE must be ignored.
std::expected<CommandOutput, std::string> run(const ShellCommand& command, ByteView input);

}  // namespace stoker::exchange
