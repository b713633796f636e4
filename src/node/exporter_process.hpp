// `stoker exporter` as a child of `stoker up`: a program of its own, so that the broker carries
// none of its code and memory, and goes on whatever becomes of it.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>

namespace stoker::node {

/// One thread, the one that lives as long as the process: the child ends with it.
class ExporterProcess {
public:
    /// Starts it; it says on standard output when and where it is ready. The error is a sentence.
    static std::expected<std::unique_ptr<ExporterProcess>, std::string> start(
        const std::string& bootstrap, uint16_t port);
    /// stop()
    ~ExporterProcess();
    ExporterProcess(const ExporterProcess&) = delete;
    ExporterProcess& operator=(const ExporterProcess&) = delete;

    /// Its status once it has ended, as the shell has it; does not wait.
    std::optional<int> ended();
    /// Asks it to end and waits; kills it when that takes longer than stop_max_ms. Idempotent.
    void stop();
    static constexpr int stop_max_ms = 5000;

private:
    explicit ExporterProcess(pid_t process) : process_(process) {}

    const pid_t process_;
    std::optional<int> status_;
};

}  // namespace stoker::node
