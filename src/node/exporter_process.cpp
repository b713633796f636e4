#include "node/exporter_process.hpp"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

#include "node/external_command.hpp"

namespace stoker::node {
namespace {

/// The shell's code for "found, but cannot be executed".
constexpr int cannot_execute = 126;
constexpr int signal_status = 128;
constexpr int look_ms = 5;

/// Between fork and exec: only calls that are safe there. A group of its own, so that Ctrl-C goes
/// to the broker alone, which then stops it.
[[noreturn]] void become(char* const* arguments, pid_t parent) {
    ::setpgid(0, 0);
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (::getppid() != parent) ::_exit(cannot_execute);
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    ::execv(arguments[0], arguments);
    ::_exit(cannot_execute);
}

}  // namespace

std::expected<std::unique_ptr<ExporterProcess>, std::string> ExporterProcess::start(
    const std::string& bootstrap, uint16_t port) {
    const auto program = find_program("exporter", program_folders());
    if (!program) return std::unexpected("the program stoker-exporter is not there");
    std::string path = *program;
    std::string servers = "--bootstrap-server=" + bootstrap;
    std::string served = "--port=" + std::to_string(port);
    const std::array<char*, 4> arguments{path.data(), servers.data(), served.data(), nullptr};
    const pid_t parent = ::getpid();
    const pid_t process = ::fork();
    if (process == 0) become(arguments.data(), parent);
    if (process < 0) return std::unexpected(std::generic_category().message(errno));
    return std::unique_ptr<ExporterProcess>(new ExporterProcess(process));
}

ExporterProcess::~ExporterProcess() { stop(); }

std::optional<int> ExporterProcess::ended() {
    int status = 0;
    if (!status_ && ::waitpid(process_, &status, WNOHANG) == process_)
        status_ = WIFEXITED(status) ? WEXITSTATUS(status) : signal_status + WTERMSIG(status);
    return status_;
}

void ExporterProcess::stop() {
    constexpr timespec pause{.tv_sec = 0, .tv_nsec = look_ms * 1'000'000};
    if (!ended()) ::kill(process_, SIGTERM);
    for (int passed_ms = 0; !ended() && passed_ms < stop_max_ms; passed_ms += look_ms)
        ::nanosleep(&pause, nullptr);
    if (ended()) return;
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
    status_ = signal_status + SIGKILL;
}

}  // namespace stoker::node
