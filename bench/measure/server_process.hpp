// A server under test as a process of its own: started, asked what it used, stopped.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace stoker::bench {

struct ServerCommand {
    std::vector<std::string> arguments;  // the program first
    /// What comes before the port in the line that says that it is ready.
    std::string ready;
    /// Runs on this core only.
    std::optional<int> core;
    /// A server that says nothing is ready when something listens here; then `ready` is not used.
    std::optional<uint16_t> port = std::nullopt;
    /// And what it does say goes into this file.
    std::filesystem::path output = {};
};

/// Failures are std::runtime_error.
class ServerProcess {
public:
    /// Waits until it is ready.
    explicit ServerProcess(const ServerCommand& command);
    /// Ends it: SIGTERM, and SIGKILL after ten seconds.
    ~ServerProcess();
    ServerProcess(const ServerProcess&) = delete;
    ServerProcess& operator=(const ServerProcess&) = delete;

    uint16_t port() const { return port_; }
    /// Since the program was executed (in monotonic time).
    double seconds_since_exec() const;
    /// User and system time of the process so far.
    double cpu_seconds() const;
    double peak_memory_mib() const;
    /// What it has in memory now, shared pages of the program included.
    double memory_mib() const;

    /// SIGTERM, and SIGKILL after ten seconds. True when it ended by itself with status 0.
    bool stop();
    /// SIGKILL; waits until it is gone.
    void kill();

private:
    /// Where the child leaves the time at which it executes the program.
    struct SharedTime;
    struct Unmap {
        void operator()(SharedTime* time) const;
    };

    void wait_until_ready(const ServerCommand& command, int output);
    void wait_until_listening(const ServerCommand& command);

    std::unique_ptr<SharedTime, Unmap> exec_time_;
    pid_t process_ = -1;
    int output_ = -1;
    uint16_t port_ = 0;
};

/// Keeps the calling thread on one core.
void run_on_core(int core);

}  // namespace stoker::bench
