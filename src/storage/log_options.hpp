// What a log is opened with, and what it tells its owner.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "base/random.hpp"
#include "storage/disk.hpp"
#include "storage/log_config.hpp"
#include "storage/log_dir_state.hpp"
#include "storage/topic_partition.hpp"

namespace stoker::storage {

class Log;

/// What a log tells those who own it. LogManager is the one in production.
class LogOwner {
public:
    virtual ~LogOwner() = default;
    /// Somebody waits for Log::flush(), or a segment was rolled. Any thread; must not block.
    virtual void request_flush(std::shared_ptr<Log> log) = 0;
    /// The log start moved: the checkpoint that says so should be written soon.
    virtual void request_checkpoint() = 0;
};

/// What a log needs of the world. All of it outlives the log.
struct LogContext {
    Disk& disk;
    const Clock& clock;
    Random& random;
    LogDirState& directory;
    /// May be null: then the caller of Log::flush() decides alone when.
    LogOwner* owner = nullptr;
    int64_t producer_id_expiration_ms = int64_t{24} * 3600 * 1000;
};

struct LogOptions {
    TopicPartition partition;
    /// Its folder, which exists.
    std::string folder;
    LogConfig config;
    /// From the checkpoints; the log start is at least the first segment's base.
    Offset log_start{};
    Offset recovery_point{};
    /// The process before us stopped in order: nothing needs to be recovered.
    bool clean = false;
    /// The machine itself has stopped since, or may have: what was not synced can be missing in
    /// parts.
    bool power_was_cut = false;
};

}  // namespace stoker::storage
