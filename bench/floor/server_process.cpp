#include "bench/floor/server_process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>

namespace stoker::bench {
namespace {

using SteadyClock = std::chrono::steady_clock;
constexpr std::chrono::seconds ready_max(30);
constexpr std::chrono::seconds stop_max(10);

[[noreturn]] void execute(const ServerCommand& command, int output) {
    // It must not outlive a benchmark that was killed.
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (command.core) run_on_core(*command.core);
    ::dup2(output, STDOUT_FILENO);
    std::vector<char*> arguments;
    for (const auto& argument : command.arguments) {
        arguments.push_back(const_cast<char*>(argument.c_str()));
    }
    arguments.push_back(nullptr);
    ::execv(arguments[0], arguments.data());
    ::_exit(127);
}

std::string proc_file(pid_t process, const std::string& name) {
    std::ifstream file("/proc/" + std::to_string(process) + "/" + name);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
}

}  // namespace

void run_on_core(int core) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(static_cast<size_t>(core), &set);
    ::sched_setaffinity(0, sizeof set, &set);
}

ServerProcess::ServerProcess(const ServerCommand& command) {
    std::array<int, 2> pipe{};
    if (::pipe2(pipe.data(), O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
    const auto begin = SteadyClock::now();
    process_ = ::fork();
    if (process_ == 0) execute(command, pipe[1]);
    ::close(pipe[1]);
    output_ = pipe[0];
    if (process_ < 0) throw std::runtime_error("cannot fork");
    try {
        wait_until_ready(command, pipe[0]);
    } catch (...) {
        stop();
        throw;
    }
    start_seconds_ = std::chrono::duration<double>(SteadyClock::now() - begin).count();
}

ServerProcess::~ServerProcess() { stop(); }

void ServerProcess::wait_until_ready(const ServerCommand& command, int output) {
    std::string text;
    const auto deadline = SteadyClock::now() + ready_max;
    while (SteadyClock::now() < deadline) {
        pollfd readable{.fd = output, .events = POLLIN, .revents = 0};
        if (::poll(&readable, 1, 100) == 0) continue;
        std::array<char, 4096> piece;
        const ssize_t n = ::read(output, piece.data(), piece.size());
        if (n <= 0) throw std::runtime_error(command.arguments[0] + " did not start");
        text.append(piece.data(), static_cast<size_t>(n));
        const size_t at = text.find(command.ready);
        if (at == std::string::npos || text.find('\n', at) == std::string::npos) continue;
        port_ = static_cast<uint16_t>(std::atoi(text.c_str() + at + command.ready.size()));
        return;
    }
    throw std::runtime_error(command.arguments[0] + " was not ready within 30 s");
}

void ServerProcess::stop() {
    if (process_ > 0) {
        ::kill(process_, SIGTERM);
        const auto deadline = SteadyClock::now() + stop_max;
        bool killed = false;
        while (::waitpid(process_, nullptr, WNOHANG) == 0) {
            if (!killed && SteadyClock::now() > deadline) {
                ::kill(process_, SIGKILL);
                killed = true;
            }
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
    }
    if (output_ >= 0) ::close(output_);
    process_ = output_ = -1;
}

double ServerProcess::cpu_seconds() const {
    const std::string stat = proc_file(process_, "stat");
    // The name in parentheses may contain blanks; utime and stime are the 12th and 13th after it.
    std::istringstream fields(stat.substr(stat.rfind(')') + 1));
    std::string skipped;
    for (int i = 0; i < 11; ++i) fields >> skipped;
    double user = 0, system = 0;
    fields >> user >> system;
    return (user + system) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

double ServerProcess::peak_memory_mib() const {
    const std::string status = proc_file(process_, "status");
    const size_t at = status.find("VmHWM:");
    return at == std::string::npos ? 0 : std::atof(status.c_str() + at + 6) / 1024;
}

}  // namespace stoker::bench
