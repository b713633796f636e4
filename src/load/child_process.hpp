// ChildProcess: a program started beside us, whose output comes in as lines, and which never
// outlives us: it is asked to end when this process dies, and killed when this object goes.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <expected>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace stoker::load {

/// One thread, which must be the one that lives as long as the process.
class ChildProcess {
public:
    /// Starts `program` with its stdout and stderr in one pipe. It gets a process group of its own,
    /// so that Ctrl-C in the terminal reaches only us and we end the children in order.
    static std::expected<std::unique_ptr<ChildProcess>, std::string> start(
        const std::filesystem::path& program, const std::vector<std::string>& arguments);
    ~ChildProcess();
    ChildProcess(const ChildProcess&) = delete;
    ChildProcess& operator=(const ChildProcess&) = delete;

    /// Becomes readable when there are lines, or the end.
    int output() const { return output_; }
    /// The lines that are complete, without waiting. A line beyond line_max is cut in pieces.
    std::vector<std::string> read_lines();
    bool output_ended() const { return output_ended_; }

    void send(int signal);
    /// The exit code, 128 + the signal that ended it, or nothing while it runs.
    std::optional<int> exit_code();
    /// Waits for the end at most `timeout`.
    std::optional<int> wait(std::chrono::milliseconds timeout);

    static constexpr size_t line_max = 1 << 20;

private:
    ChildProcess(pid_t pid, int output) : pid_(pid), output_(output) {}

    pid_t pid_;
    int output_;
    bool output_ended_ = false;
    std::string partial_;
    std::optional<int> exit_code_;
};

}  // namespace stoker::load
