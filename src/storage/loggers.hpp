// One logger a layer, under the names that operators of Apache Kafka know, so that the level of one
// can be changed without the others. All write where spdlog's default logger does, which is "root":
// what has no logger of its own goes there. Here because storage is the lowest layer that logs.
#pragma once

#include <spdlog/logger.h>

#include <cstdint>
#include <memory>
#include <span>

namespace stoker {

enum class LogOf : uint8_t { requests, connections, groups, storage };

/// Made when one is asked for first: after the default logger has been set up. Any thread.
const std::shared_ptr<spdlog::logger>& logger(LogOf subject);
/// All but the root.
std::span<const std::shared_ptr<spdlog::logger>> loggers();

}  // namespace stoker

namespace stoker::storage {

inline spdlog::logger& logger() {
    return *stoker::logger(LogOf::storage);
}

}  // namespace stoker::storage
