#include "storage/log_dir_state.hpp"

#include "storage/loggers.hpp"

namespace stoker::storage {

std::string LogDirState::reason() const { return *reason_.lock(); }

void LogDirState::failed(const DiskError& error) {
    if (!error.no_space()) return retire(error);
    if (full_.exchange(true)) return;
    logger().error(
        "The disk of the data directory {} is full ({}). Producers get KAFKA_STORAGE_ERROR until "
        "there is room again; then all goes on by itself.",
        path_, error.what);
}

void LogDirState::retire(const DiskError& error) {
    {
        auto reason = reason_.lock();
        if (offline()) return;
        *reason = error.what;
        offline_.store(true, std::memory_order_release);
    }
    logger().error(
        "The data directory {} is out of service until the next start, because what its files hold "
        "is no longer certain: {}. Check the disk, then restart.",
        path_, error.what);
}

bool LogDirState::sync_is_quick() const {
    return sync_ns_.load(std::memory_order_relaxed) < quick_sync_ns;
}

/// Two threads at once may lose one of the two figures, which is as good.
void LogDirState::sync_took(int64_t ns) {
    const int64_t smoothed = sync_ns_.load(std::memory_order_relaxed);
    sync_ns_.store(smoothed + (ns - smoothed) / sync_smoothing, std::memory_order_relaxed);
}

void LogDirState::folders_synced(uint64_t number) {
    uint64_t before = folders_synced_;
    while (before < number && !folders_synced_.compare_exchange_weak(before, number)) continue;
}

void LogDirState::succeeded() {
    if (!full_.load(std::memory_order_relaxed) || !full_.exchange(false)) return;
    logger().info("There is room again on the disk of the data directory {}.", path_);
}

}  // namespace stoker::storage
