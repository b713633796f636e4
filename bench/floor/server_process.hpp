// A server under test as a process of its own: started, asked what it used, stopped.
#pragma once

#include <sys/types.h>

#include <cstdint>
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
    double start_seconds() const { return start_seconds_; }
    /// User and system time of the process so far.
    double cpu_seconds() const;
    double peak_memory_mib() const;

private:
    void wait_until_ready(const ServerCommand& command, int output);
    void stop();

    pid_t process_ = -1;
    int output_ = -1;
    uint16_t port_ = 0;
    double start_seconds_ = 0;
};

/// Keeps the calling thread on one core.
void run_on_core(int core);

}  // namespace stoker::bench
