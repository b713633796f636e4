#include "workload/sender/thread_time.hpp"

#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <system_error>

namespace stoker::workload {

ThreadTime::ThreadTime() : file_(::open("/proc/thread-self/schedstat", O_RDONLY | O_CLOEXEC)) {}

ThreadTime::~ThreadTime() {
    if (file_ >= 0) ::close(file_);
}

int64_t ThreadTime::busy_ns() const {
    std::array<char, 96> text{};
    const ssize_t size = file_ < 0 ? -1 : ::pread(file_, text.data(), text.size() - 1, 0);
    if (size > 0) {
        char* end = nullptr;
        const int64_t running_ns = std::strtoll(text.data(), &end, 10);
        const int64_t ready_ns = std::strtoll(end, nullptr, 10);
        if (running_ns > 0) return running_ns + ready_ns;
    }
    return thread_cpu_ns();
}

int64_t thread_cpu_ns() {
    timespec cpu{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &cpu);
    return int64_t(cpu.tv_sec) * 1'000'000'000 + cpu.tv_nsec;
}

namespace {

/// In nanoseconds, by the thread's id.
std::map<pid_t, int64_t> cpu_ns_by_thread() {
    std::map<pid_t, int64_t> all;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/task", error)) {
        std::ifstream file(entry.path() / "schedstat");
        int64_t running_ns = 0;
        if (file >> running_ns) all[pid_t(std::stol(entry.path().filename()))] = running_ns;
    }
    return all;
}

}  // namespace

BusyThreads::BusyThreads() : before_(cpu_ns_by_thread()) {}

double BusyThreads::among(const std::set<pid_t>& threads, double seconds) const {
    return busiest(threads, true, seconds);
}

double BusyThreads::beside(const std::set<pid_t>& threads, double seconds) const {
    return busiest(threads, false, seconds);
}

double BusyThreads::busiest(const std::set<pid_t>& threads, bool among, double seconds) const {
    double share = 0;
    for (const auto& [thread, cpu_ns] : cpu_ns_by_thread()) {
        if (threads.contains(thread) != among) continue;
        const auto earlier = before_.find(thread);
        const int64_t used_ns = cpu_ns - (earlier == before_.end() ? 0 : earlier->second);
        share = std::max(share, double(used_ns) / 1e9 / std::max(seconds, 1e-3));
    }
    return share;
}

}  // namespace stoker::workload
