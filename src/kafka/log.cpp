#include "kafka/log.hpp"

#include <cstdint>
#include <cstdio>
#include <ctime>

namespace stoker::kafka {

std::string log_time(int64_t wall_ms) {
    std::time_t seconds = std::time_t(wall_ms / 1000);
    std::tm parts{};
    ::localtime_r(&seconds, &parts);
    char day[32];
    size_t size = std::strftime(day, sizeof day, "%Y-%m-%d %H:%M:%S", &parts);
    char millis[16];
    std::snprintf(millis, sizeof millis, ",%03d", int(wall_ms % 1000));
    return std::string(day, size) + millis;
}

void Log::put(std::string_view level, std::string_view text, std::string_view logger) const {
    std::string line = "[" + log_time(clock_->wall_ms()) + "] ";
    line.append(level).append(" ").append(text).append(" (").append(logger).append(")\n");
    sink_(line);
}

}  // namespace stoker::kafka
