#include "exchange/shell_command.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <optional>

extern char** environ;

namespace stoker::exchange {
namespace {

using Clock = std::chrono::steady_clock;

constexpr size_t read_size = 64 << 10;
constexpr int killed_by = 128;

/// Closes itself.
class Descriptor {
public:
    Descriptor() = default;
    ~Descriptor() { close(); }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;

    int get() const { return value_; }
    bool open() const { return value_ >= 0; }
    void set(int value) { value_ = value; }
    void close() {
        if (value_ >= 0) ::close(value_);
        value_ = -1;
    }

private:
    int value_ = -1;
};

struct Pipe {
    Descriptor read, write;

    bool make() {
        std::array<int, 2> ends;
        if (::pipe2(ends.data(), O_CLOEXEC) != 0) return false;
        read.set(ends[0]);
        write.set(ends[1]);
        return true;
    }
};

std::string because(const char* what, int error) {
    return std::string(what) + ": " + std::strerror(error) + ".";
}

std::string too_long(const ShellCommand& command) {
    return "It did not end within " + std::to_string(command.time_limit.count()) +
           " ms and was killed.";
}

/// A child in a process group of its own; killed and waited for when it is left.
class Child {
public:
    explicit Child(pid_t pid) : pid_(pid) {}
    ~Child() {
        if (pid_ < 0) return;
        ::kill(-pid_, SIGKILL);
        (void)wait();
    }
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;

    /// Whether it has ended by then.
    bool ends_by(Clock::time_point deadline) const {
        Descriptor process;
        process.set(int(::syscall(SYS_pidfd_open, pid_, 0)));
        if (!process.open()) return true;  // wait() will tell
        while (true) {
            const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
            pollfd wanted{process.get(), POLLIN, 0};
            const int n = ::poll(&wanted, 1, int(std::max<int64_t>(left.count(), 0)));
            if (n >= 0 || errno != EINTR) return n > 0;
        }
    }

    int wait() {
        int status = 0;
        while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) continue;
        pid_ = -1;
        return WIFEXITED(status) ? WEXITSTATUS(status) : killed_by + WTERMSIG(status);
    }

private:
    pid_t pid_;
};

std::expected<pid_t, std::string> spawn(const ShellCommand& command, const Pipe& in,
                                        const Pipe& out) {
    std::vector<std::string> variables;
    for (char** variable = environ; *variable != nullptr; ++variable)
        variables.push_back(*variable);
    for (const auto& [name, value] : command.environment) variables.push_back(name + "=" + value);
    std::vector<char*> environment;
    for (std::string& variable : variables) environment.push_back(variable.data());
    environment.push_back(nullptr);
    std::string shell = "/bin/sh", option = "-c", text = command.text;
    std::array<char*, 4> arguments = {shell.data(), option.data(), text.data(), nullptr};

    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, in.read.get(), STDIN_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions, out.write.get(), STDOUT_FILENO);
    posix_spawnattr_t attributes;
    ::posix_spawnattr_init(&attributes);
    sigset_t defaults;
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGPIPE);
    ::posix_spawnattr_setsigdefault(&attributes, &defaults);
    ::posix_spawnattr_setpgroup(&attributes, 0);
    ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF);
    pid_t pid = -1;
    const int error = ::posix_spawn(&pid, shell.c_str(), &actions, &attributes, arguments.data(),
                                    environment.data());
    ::posix_spawnattr_destroy(&attributes);
    ::posix_spawn_file_actions_destroy(&actions);
    if (error != 0) return std::unexpected(because("The shell cannot be started", error));
    return pid;
}

/// Input in, output out, as each side is ready.
class Exchange {
public:
    Exchange(const ShellCommand& command, ByteView input, Pipe& in, Pipe& out,
             Clock::time_point deadline)
        : command_(command), input_(input), in_(in), out_(out), deadline_(deadline) {}

    /// Until the command closes its output; the sentence says why it had to be ended before.
    std::optional<std::string> run() {
        if (input_.empty()) in_.write.close();
        while (out_.read.open()) {
            const auto left =
                std::chrono::ceil<std::chrono::milliseconds>(deadline_ - Clock::now());
            if (left.count() <= 0) return too_long(command_);
            std::array<pollfd, 2> wanted = {pollfd{out_.read.get(), POLLIN, 0},
                                            pollfd{in_.write.get(), POLLOUT, 0}};
            const int n = ::poll(wanted.data(), wanted.size(), int(left.count()));
            if (n < 0 && errno != EINTR) return because("It cannot be waited for", errno);
            if (n <= 0) continue;
            if (wanted[1].revents != 0) feed();
            if (wanted[0].revents != 0) collect();
            if (output.size() > command_.output_max) {
                return "It printed more than " + std::to_string(command_.output_max) +
                       " bytes and was killed.";
            }
        }
        return std::nullopt;
    }

    Bytes output;

private:
    void feed() {
        const ssize_t n = ::write(in_.write.get(), input_.data(), input_.size());
        // A command need not read all of it.
        if (n < 0 && errno != EAGAIN && errno != EINTR) in_.write.close();
        if (n > 0) input_ = input_.subspan(size_t(n));
        if (input_.empty()) in_.write.close();
    }
    void collect() {
        const size_t before = output.size();
        output.resize(before + read_size);
        const ssize_t n = ::read(out_.read.get(), output.data() + before, read_size);
        output.resize(before + size_t(std::max<ssize_t>(n, 0)));
        if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) out_.read.close();
    }

    const ShellCommand& command_;
    ByteView input_;
    Pipe& in_;
    Pipe& out_;
    const Clock::time_point deadline_;
};

}  // namespace

std::expected<CommandOutput, std::string> run(const ShellCommand& command, ByteView input) {
    Pipe in, out;
    if (!in.make() || !out.make()) return std::unexpected(because("No pipe can be made", errno));
    const auto pid = spawn(command, in, out);
    if (!pid) return std::unexpected(pid.error());
    Child child(*pid);
    in.read.close();
    out.write.close();
    ::fcntl(in.write.get(), F_SETFL, O_NONBLOCK);
    const auto deadline = Clock::now() + command.time_limit;
    Exchange exchange(command, input, in, out, deadline);
    if (auto why = exchange.run()) return std::unexpected(*why);
    if (!child.ends_by(deadline)) return std::unexpected(too_long(command));
    return CommandOutput{.bytes = std::move(exchange.output), .status = child.wait()};
}

}  // namespace stoker::exchange
