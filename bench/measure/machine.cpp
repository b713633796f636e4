#include "bench/measure/machine.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/utsname.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstring>
#include <fstream>
#include <thread>
#include <vector>

#include <fmt/format.h>

#include "bench/measure/statistics.hpp"

namespace stoker::bench {
namespace {

using SteadyClock = std::chrono::steady_clock;

double us_since(SteadyClock::time_point begin) {
    return std::chrono::duration<double, std::micro>(SteadyClock::now() - begin).count();
}

double copy_speed() {
    constexpr size_t size = 32 << 20;
    constexpr int rounds = 8;
    std::vector<char> from(size, 'x'), to(size, 'y');
    const auto begin = SteadyClock::now();
    for (int i = 0; i < rounds; ++i) {
        from[static_cast<size_t>(i)] = 'z';
        std::memcpy(to.data(), from.data(), size);
    }
    return static_cast<double>(size) * rounds / us_since(begin) / 1e3;
}

double sync_time(const std::filesystem::path& folder) {
    const auto path = folder / "control";
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    const std::vector<char> block(4096, 'x');
    std::vector<double> times;
    for (int i = 0; i < 40; ++i) {
        const auto begin = SteadyClock::now();
        if (::write(file, block.data(), block.size()) < 0 || ::fdatasync(file) != 0) break;
        times.push_back(us_since(begin));
    }
    ::close(file);
    std::filesystem::remove(path);
    return median(std::move(times));
}

double ping_time() {
    std::array<int, 2> pair{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.data()) != 0) return 0;
    std::thread echo([peer = pair[1]] {
        char byte;
        while (::read(peer, &byte, 1) == 1 && ::write(peer, &byte, 1) == 1) {}
    });
    std::vector<double> times;
    char byte = 'x';
    for (int i = 0; i < 1000; ++i) {
        const auto begin = SteadyClock::now();
        if (::write(pair[0], &byte, 1) != 1 || ::read(pair[0], &byte, 1) != 1) break;
        times.push_back(us_since(begin));
    }
    ::close(pair[0]);
    echo.join();
    ::close(pair[1]);
    return median(std::move(times));
}

double change(double before, double after) {
    return before > 0 && after > 0 ? std::abs(std::log(after / before)) : 1;
}

}  // namespace

void settle_disk(const std::filesystem::path& folder) {
    const int directory = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (directory < 0) return;
    ::syncfs(directory);
    ::close(directory);
}

Control measure_control(const std::filesystem::path& folder) {
    return {.copy_gb_per_s = copy_speed(), .sync_us = sync_time(folder), .ping_us = ping_time()};
}

double moved(const Control& before, const Control& after) {
    const double largest = std::max({change(before.copy_gb_per_s, after.copy_gb_per_s),
                                     change(before.sync_us, after.sync_us),
                                     change(before.ping_us, after.ping_us)});
    return std::exp(largest) - 1;
}

StealTime steal_time() {
    std::ifstream stat("/proc/stat");
    std::string cpu;
    stat >> cpu;
    StealTime time;
    for (int i = 0; i < 8; ++i) {
        double ticks = 0;
        stat >> ticks;
        time.total += ticks;
        if (i == 7) time.stolen = ticks;
    }
    return time;
}

double stolen_share(const StealTime& before, const StealTime& after) {
    const double total = after.total - before.total;
    return total > 0 ? (after.stolen - before.stolen) / total : 0;
}

std::string kernel() {
    utsname names{};
    ::uname(&names);
    return names.release;
}

std::string processor() {
    std::ifstream file("/proc/cpuinfo");
    for (std::string line; std::getline(file, line);) {
        const size_t colon = line.find(": ");
        if (line.starts_with("model name") && colon != std::string::npos) {
            return line.substr(colon + 2);
        }
    }
    return "unknown";
}

std::string file_system(const std::filesystem::path& folder) {
    struct statfs answer {};
    if (::statfs(folder.c_str(), &answer) != 0) return "unknown";
    switch (answer.f_type) {
        case 0xef53: return "ext4";
        case 0x58465342: return "xfs";
        case 0x9123683e: return "btrfs";
        case 0x794c7630: return "overlay";
        case 0x01021994: return "tmpfs";
        default: return fmt::format("{:#x}", answer.f_type);
    }
}

}  // namespace stoker::bench
