// The lines that Java's tools log to standard error, in the pattern of their log4j2 configuration:
// "[2026-11-21 07:55:48,513] WARN text (org.apache.kafka.clients.NetworkClient)".
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/clock.hpp"

namespace stoker::kafka {

/// Where lines go; each call is one line with its end. One thread at a time.
using LogSink = std::function<void(std::string_view line)>;

class Log {
public:
    /// `clock` must outlive the log.
    Log(const Clock& clock, LogSink sink) : clock_(&clock), sink_(std::move(sink)) {}

    /// `logger` is Java's class, as in the pattern's last part.
    void warn(std::string_view text, std::string_view logger) const { put("WARN", text, logger); }
    void error(std::string_view text, std::string_view logger) const { put("ERROR", text, logger); }

private:
    void put(std::string_view level, std::string_view text, std::string_view logger) const;

    const Clock* clock_;
    LogSink sink_;
};

/// Local time as log4j2's %d writes it: "2026-11-21 07:55:48,513".
std::string log_time(int64_t wall_ms);

}  // namespace stoker::kafka
