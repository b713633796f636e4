#include "load/child_process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace stoker::load {

namespace {

/// The shell's code for "found, but cannot be executed".
constexpr int cannot_execute = 126;

/// Between fork and exec; only async-signal-safe calls.
[[noreturn]] void become(const char* program, char* const* arguments, int output, pid_t parent) {
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent) _exit(cannot_execute);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
    dup2(output, STDOUT_FILENO);
    dup2(output, STDERR_FILENO);
    int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (nothing >= 0) dup2(nothing, STDIN_FILENO);
    execv(program, arguments);
    constexpr char text[] = "cannot be executed\n";
    [[maybe_unused]] ssize_t written = write(STDERR_FILENO, text, sizeof text - 1);
    _exit(cannot_execute);
}

}  // namespace

std::expected<std::unique_ptr<ChildProcess>, std::string> ChildProcess::start(
    const std::filesystem::path& program, const std::vector<std::string>& arguments) {
    std::string path = program.string();
    if (access(path.c_str(), X_OK) != 0)
        return std::unexpected(fmt::format("{}: {}", path, std::strerror(errno)));
    std::vector<char*> argv{path.data()};
    for (auto& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
    argv.push_back(nullptr);
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0)
        return std::unexpected(fmt::format("no pipe: {}", std::strerror(errno)));
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    pid_t parent = getpid();
    pid_t pid = fork();
    if (pid == 0) become(path.c_str(), argv.data(), ends[1], parent);
    close(ends[1]);
    if (pid < 0) {
        close(ends[0]);
        return std::unexpected(fmt::format("no process: {}", std::strerror(errno)));
    }
    return std::unique_ptr<ChildProcess>(new ChildProcess(pid, ends[0]));
}

ChildProcess::~ChildProcess() {
    if (!exit_code()) {
        kill(pid_, SIGKILL);
        waitpid(pid_, nullptr, 0);
    }
    close(output_);
}

std::vector<std::string> ChildProcess::read_lines() {
    std::vector<std::string> lines;
    std::array<char, 65'536> buffer;
    for (;;) {
        ssize_t got = read(output_, buffer.data(), buffer.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) break;
        if (got == 0) {
            output_ended_ = true;
            break;
        }
        partial_.append(buffer.data(), size_t(got));
        size_t from = 0;
        for (size_t end; (end = partial_.find('\n', from)) != std::string::npos; from = end + 1)
            lines.push_back(partial_.substr(from, end - from));
        partial_.erase(0, from);
        if (partial_.size() > line_max) lines.push_back(std::exchange(partial_, {}));
    }
    if (output_ended_ && !partial_.empty()) lines.push_back(std::exchange(partial_, {}));
    return lines;
}

void ChildProcess::send(int signal) {
    if (!exit_code()) kill(pid_, signal);
}

std::optional<int> ChildProcess::exit_code() {
    int status = 0;
    if (!exit_code_ && waitpid(pid_, &status, WNOHANG) == pid_)
        exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return exit_code_;
}

std::optional<int> ChildProcess::wait(std::chrono::milliseconds timeout) {
    auto end = std::chrono::steady_clock::now() + timeout;
    constexpr timespec pause{.tv_sec = 0, .tv_nsec = 2'000'000};
    while (!exit_code() && std::chrono::steady_clock::now() < end) nanosleep(&pause, nullptr);
    return exit_code_;
}

}  // namespace stoker::load
