// One logger a layer, under the names that operators of Apache Kafka know, so that the level of one
// can be changed without the others. All write where spdlog's default logger does, which is "root":
// what has no logger of its own goes there. Here because storage is the lowest layer that logs.
#pragma once

#include <spdlog/logger.h>

#include <cstdint>
#include <memory>

namespace stoker {

enum class LogOf : uint8_t { requests, connections, groups, transactions, storage, cleaner };

/// All are made when one is asked for first: after the default logger has been set up. They are in
/// spdlog's registry, too. Any thread.
const std::shared_ptr<spdlog::logger>& logger(LogOf subject);

}  // namespace stoker

namespace stoker::storage {

inline spdlog::logger& logger() {
    return *stoker::logger(LogOf::storage);
}

inline spdlog::logger& cleaner_log() {
    return *stoker::logger(LogOf::cleaner);
}

}  // namespace stoker::storage
