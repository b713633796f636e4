// What LogManager knows of a partition whose log may not be open yet.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include "base/guarded.hpp"
#include "storage/log.hpp"
#include "storage/log_manager.hpp"

namespace stoker::storage {

struct LogManager::Slot {
    explicit Slot(TopicPartition name) : partition(std::move(name)) {}

    struct State {
        std::shared_ptr<Log> log;
        /// LogManager::Options::defaults until set_config.
        std::optional<LogConfig> config;
        /// cleaner-offset-checkpoint
        std::optional<Offset> cleaned_to;
    };

    const TopicPartition partition;
    // From the checkpoints; while the log is not open they are what is written again.
    Offset log_start{};
    Offset recovery_point{};
    Offset high_watermark{};
    bool clean = true;
    Guarded<State> state;
    // tick() only: to find out who is idle.
    uint64_t appends_seen = 0;
    bool released = true;
};

}  // namespace stoker::storage
