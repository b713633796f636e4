#include "load/processor_use.hpp"

#include <sys/times.h>

#include <algorithm>
#include <ctime>
#include <fstream>
#include <string>

namespace stoker::load {
namespace {

/// The columns of /proc/stat's first line (proc(5)); guests are in the user's column already.
constexpr int idle_column = 3;
constexpr int iowait_column = 4;
constexpr int columns = 8;

}  // namespace

ProcessorMeter::ProcessorMeter() : begin_(sample()) {}

ProcessorMeter::Sample ProcessorMeter::sample() {
    Sample now;
    std::ifstream file("/proc/stat");
    std::string label;
    file >> label;
    for (int column = 0; column < columns; ++column) {
        int64_t ticks = 0;
        if (!(file >> ticks)) break;
        now.all_ticks += ticks;
        if (column != idle_column && column != iowait_column) now.busy_ticks += ticks;
    }
    tms own{};
    times(&own);
    now.own_ticks = own.tms_utime + own.tms_stime;
    return now;
}

ProcessorUse ProcessorMeter::since() const {
    const Sample now = sample();
    const auto all = double(now.all_ticks - begin_.all_ticks);
    if (all <= 0) return {};
    return {.machine = std::clamp(double(now.busy_ticks - begin_.busy_ticks) / all, 0.0, 1.0),
            .own = std::clamp(double(now.own_ticks - begin_.own_ticks) / all, 0.0, 1.0)};
}

int64_t thread_processor_ns() {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return int64_t(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

}  // namespace stoker::load
