#include "bench/measure/server_process.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <new>
#include <sstream>
#include <stdexcept>
#include <thread>

namespace stoker::bench {
namespace {

using SteadyClock = std::chrono::steady_clock;
constexpr std::chrono::seconds ready_max(30);
constexpr std::chrono::seconds stop_max(10);

int64_t monotonic_ns() {
    return std::chrono::nanoseconds(SteadyClock::now().time_since_epoch()).count();
}

[[noreturn]] void execute(const ServerCommand& command, int output, int64_t& exec_ns) {
    // It must not outlive a benchmark that was killed.
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (command.core) run_on_core(*command.core);
    if (!command.output.empty()) {
        output = ::open(command.output.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
        ::dup2(output, STDERR_FILENO);
    }
    ::dup2(output, STDOUT_FILENO);
    std::vector<char*> arguments;
    for (const auto& argument : command.arguments) {
        arguments.push_back(const_cast<char*>(argument.c_str()));
    }
    arguments.push_back(nullptr);
    exec_ns = monotonic_ns();
    ::execv(arguments[0], arguments.data());
    ::_exit(127);
}

std::string text_of(const std::filesystem::path& path) {
    std::ifstream file(path);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
}

std::string proc_file(pid_t process, const std::string& name) {
    return text_of("/proc/" + std::to_string(process) + "/" + name);
}

bool is_listening(uint16_t port) {
    const int probe = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const bool connected =
        ::connect(probe, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    ::close(probe);
    return connected;
}

double kib_field(const std::string& text, const std::string& name) {
    const size_t at = text.find("\n" + name);
    if (at == std::string::npos) throw std::runtime_error("no " + name + " in /proc");
    return std::atof(text.c_str() + at + 1 + name.size());
}

}  // namespace

void run_on_core(int core) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(static_cast<size_t>(core), &set);
    ::sched_setaffinity(0, sizeof set, &set);
}

struct ServerProcess::SharedTime {
    int64_t ns = 0;
};

void ServerProcess::Unmap::operator()(SharedTime* time) const { ::munmap(time, sizeof *time); }

ServerProcess::ServerProcess(const ServerCommand& command) {
    void* page = ::mmap(nullptr, sizeof(SharedTime), PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED) throw std::runtime_error("no memory");
    exec_time_.reset(new (page) SharedTime);
    std::array<int, 2> pipe{};
    if (::pipe2(pipe.data(), O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
    process_ = ::fork();
    if (process_ == 0) execute(command, pipe[1], exec_time_->ns);
    ::close(pipe[1]);
    output_ = pipe[0];
    if (process_ < 0) throw std::runtime_error("cannot fork");
    try {
        if (command.port) wait_until_listening(command);
        else wait_until_ready(command, pipe[0]);
    } catch (...) {
        stop();
        throw;
    }
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

void ServerProcess::wait_until_listening(const ServerCommand& command) {
    const auto deadline = SteadyClock::now() + ready_max;
    while (!is_listening(*command.port)) {
        int status = 0;
        if (::waitpid(process_, &status, WNOHANG) == process_) {
            process_ = -1;
            throw std::runtime_error(command.arguments[0] + " ended:\n" + text_of(command.output));
        }
        if (SteadyClock::now() > deadline) {
            throw std::runtime_error(command.arguments[0] + " does not listen after 30 s");
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    port_ = *command.port;
}

bool ServerProcess::stop() {
    int status = -1;
    if (process_ > 0) {
        ::kill(process_, SIGTERM);
        const auto deadline = SteadyClock::now() + stop_max;
        bool killed = false;
        while (::waitpid(process_, &status, WNOHANG) == 0) {
            if (!killed && SteadyClock::now() > deadline) {
                ::kill(process_, SIGKILL);
                killed = true;
            }
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
    }
    if (output_ >= 0) ::close(output_);
    process_ = output_ = -1;
    return status == 0;
}

void ServerProcess::kill() {
    if (process_ <= 0) return;
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
    process_ = -1;
    stop();
}

double ServerProcess::seconds_since_exec() const {
    return static_cast<double>(monotonic_ns() - exec_time_->ns) / 1e9;
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
    return kib_field(proc_file(process_, "status"), "VmHWM:") / 1024;
}

double ServerProcess::memory_mib() const {
    // Unlike VmRSS this is counted, not estimated.
    return kib_field(proc_file(process_, "smaps_rollup"), "Rss:") / 1024;
}

}  // namespace stoker::bench
