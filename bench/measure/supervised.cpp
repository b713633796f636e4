#include "bench/measure/supervised.hpp"

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <system_error>

namespace stoker::bench {
namespace {

int status_of(int wait_status) {
    return WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : 128 + WTERMSIG(wait_status);
}

/// Until the worker has ended: passes signals on. Returns its exit status.
int supervise(pid_t worker, const sigset_t& signals) {
    while (true) {
        int number = 0;
        sigwait(&signals, &number);
        // The worker has its servers die with it, and they must not outlive it by a clean stop.
        if (number != SIGCHLD) ::kill(worker, SIGKILL);
        int status = 0;
        const pid_t ended = ::waitpid(worker, &status, number == SIGCHLD ? WNOHANG : 0);
        if (ended != worker) continue;
        return number == SIGCHLD ? status_of(status) : 128 + number;
    }
}

}  // namespace

int run_supervised(const std::filesystem::path& folder, const std::function<int()>& work) {
    sigset_t signals, before;
    sigemptyset(&signals);
    for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGCHLD}) sigaddset(&signals, number);
    ::sigprocmask(SIG_BLOCK, &signals, &before);
    // Servers whose worker is gone become children of this process, which waits for them.
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);
    const pid_t worker = ::fork();
    if (worker < 0) throw std::system_error(errno, std::generic_category(), "fork");
    if (worker == 0) {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        ::setpgid(0, 0);  // ^C on the terminal is the supervisor's to handle
        ::sigprocmask(SIG_SETMASK, &before, nullptr);
        const int status = work();
        std::fflush(nullptr);
        ::_exit(status);
    }
    const int status = supervise(worker, signals);
    while (::waitpid(-1, nullptr, 0) > 0 || errno == EINTR) {}
    std::error_code ignored;
    std::filesystem::remove_all(folder, ignored);
    ::sigprocmask(SIG_SETMASK, &before, nullptr);
    return status;
}

}  // namespace stoker::bench
