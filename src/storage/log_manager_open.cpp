// LogManager: taking a data directory up.

#include <atomic>
#include <cerrno>
#include <utility>

#include "storage/clean_shutdown_file.hpp"
#include "storage/disk_error.hpp"
#include "storage/disk_path.hpp"
#include "storage/log_slot.hpp"
#include "storage/loggers.hpp"
#include "storage/meta_properties.hpp"

namespace stoker::storage {

namespace {

constexpr std::string_view lock_file_name = ".lock";
constexpr std::string_view boot_id_file_name = ".boot-id";
constexpr std::string_view deleted_folder_suffix = "-delete";

/// Files of ours, and of Apache Kafka, that are no partitions.
bool is_known_file(std::string_view name) {
    return name.starts_with('.') || name == meta_properties_file_name || name == "lost+found" ||
           name == "bootstrap.checkpoint" || name.ends_with("-offset-checkpoint") ||
           name.ends_with(".tmp");
}

std::string sentence(const DiskError& error) { return error.what + "."; }

/// For what the disk said itself: with what to do about it.
std::string advice(const DiskError& error) {
    if (is_malformed(error)) return sentence(error);
    std::string to_do = "see whether the disk is in order";
    if (error.code == EACCES || error.code == EPERM || error.code == EROFS) {
        to_do = "run as the user who owns it, or give another data folder";
    } else if (error.no_space()) {
        to_do = "make room on that disk, or give a data folder on another one";
    }
    return error.what + ": " + to_do + ".";
}

}  // namespace

std::expected<std::unique_ptr<LogManager>, std::string> LogManager::open(Disk& disk,
                                                                         const Clock& clock,
                                                                         Random& random,
                                                                         Options options) {
    std::unique_ptr<LogManager> manager(
        new LogManager(disk, clock, random, std::move(options)));
    if (const auto done = manager->take_up(); !done) return Refusal(done.error());
    if (const auto done = manager->find_logs(); !done) return Refusal(done.error());
    if (!manager->was_clean_) {
        if (const auto done = manager->open_all(); !done) return Refusal(done.error());
    }
    if (const auto done = manager->note_boot(); !done) return Refusal(advice(done.error()));
    const int64_t now = clock.monotonic_ms();
    const Options& settled = manager->options_;
    *manager->schedule_.lock() = {.checkpoint_ms = now + settled.checkpoint_interval_ms,
                                  .retention_ms = now + settled.retention_check_interval_ms,
                                  .expiry_ms = now,
                                  .idle_ms = now};
    return manager;
}

/// Makes sure that the directory is ours and nobody else's.
std::expected<void, std::string> LogManager::take_up() {
    const std::string& folder = directory_.path();
    const auto there = disk_.exists(folder);
    if (there && *there) {
        const auto room = disk_.space(folder);
        if (room && room->free_bytes < options_.free_bytes_min) {
            return Refusal("The disk of the data directory " + folder + " is full (" +
                           std::to_string(room->free_bytes) +
                           " bytes are free): make room and start again.");
        }
    }
    const auto meta = take_up_data_folder(
        disk_, {folder, options_.node_id, options_.cluster_id}, random_, clock_);
    if (!meta) return Refusal(sentence(meta.error()));
    cluster_id_ = meta->cluster_id;
    directory_id_ = meta->directory_id.value_or(Uuid{});

    auto lock = disk_.lock(join(folder, lock_file_name));
    if (!lock && lock.error().code == EWOULDBLOCK) {
        return Refusal("The data directory " + folder +
                       " is in use by another process: stop that one, or give this one another "
                       "directory.");
    }
    if (!lock) return Refusal(advice(lock.error()));
    lock_ = std::move(*lock);

    const auto clean = read_clean_shutdown(disk_, folder);
    if (!clean) return Refusal(advice(clean.error()));
    was_clean_ = clean->has_value();
    if (const auto done = compare_boot(); !done) return Refusal(advice(done.error()));
    return {};
}

DiskResult<void> LogManager::compare_boot() {
    const std::string path = join(directory_.path(), boot_id_file_name);
    const auto there = disk_.exists(path);
    if (!there) return std::unexpected(there.error());
    const auto known = *there ? read_file(disk_, path) : Bytes{};
    if (!known) return std::unexpected(known.error());
    power_was_cut_ = options_.boot_id.empty() || text_of(*known) != options_.boot_id;
    return {};
}

/// Only now that all is recovered: a start that is cut short leaves the next one to know of the
/// power cut. The file need not be synced: another power cut that takes it is noticed by its
/// absence.
DiskResult<void> LogManager::note_boot() {
    if (!power_was_cut_) return {};
    const std::string path = join(directory_.path(), boot_id_file_name);
    const auto file = disk_.open(path, OpenMode::create);
    if (!file) return std::unexpected(file.error());
    return (*file)->write(0, bytes_of(options_.boot_id));
}

/// Learns which partitions there are and what the checkpoints say of them.
std::expected<void, std::string> LogManager::find_logs() {
    const std::string& folder = directory_.path();
    const auto names = disk_.list(folder);
    if (!names) return Refusal(advice(names.error()));
    auto slots = slots_.lock();
    for (const std::string& name : *names) {
        if (auto partition = parse_topic_partition(name)) {
            auto slot = std::make_shared<Slot>(*partition);
            slot->clean = was_clean_;
            slots->emplace(std::move(*partition), std::move(slot));
        } else if (name.ends_with(deleted_folder_suffix)) {
            remove_later(join(folder, name), true, 0);
        } else if (!is_known_file(name)) {
            logger().warn("'{}' in the data directory {} is no partition; it is left alone.", name,
                          folder);
        }
    }
    if (const auto done = read_checkpoints(*slots); !done) return Refusal(advice(done.error()));
    // From here on a crash is one.
    if (const auto done = remove_clean_shutdown(disk_, folder); !done) {
        return Refusal(advice(done.error()));
    }
    return {};
}

DiskResult<void> LogManager::read_checkpoints(const Slots& slots) {
    using Take = void (*)(Slot&, Offset);
    struct Checkpoint {
        std::string_view name;
        Take take;
    };
    for (const auto& [name, take] :
         {Checkpoint{recovery_point_checkpoint,
                     [](Slot& slot, Offset offset) { slot.recovery_point = offset; }},
          Checkpoint{log_start_checkpoint,
                     [](Slot& slot, Offset offset) { slot.log_start = offset; }},
          Checkpoint{replication_checkpoint,
                     [](Slot& slot, Offset offset) { slot.high_watermark = offset; }},
          Checkpoint{cleaner_checkpoint,
                     [](Slot& slot, Offset offset) { slot.state.lock()->cleaned_to = offset; }}}) {
        const auto entries = read_offset_checkpoint(disk_, join(directory_.path(), name));
        if (!entries && !is_malformed(entries.error())) return std::unexpected(entries.error());
        // Without one, more is recovered or compacted than would be needed; nothing is lost.
        if (!entries) logger().warn("{} It is not used.", entries.error().what);
        if (!entries) continue;
        for (const OffsetCheckpoint& entry : *entries) {
            const auto found = slots.find({entry.topic, entry.partition});
            if (found != slots.end()) take(*found->second, entry.offset);
        }
    }
    return {};
}

/// After a crash: recovers all logs at once.
std::expected<void, std::string> LogManager::open_all() {
    const auto slots = all_slots();
    if (slots.empty()) return {};
    const int64_t start = clock_.monotonic_ms();
    logger().info("The last stop of {} was not in order: {} logs are being recovered.",
                  directory_.path(), slots.size());
    std::atomic<size_t> failed = 0;
    for_each_in_parallel(slots.size(), options_.recovery_threads, [&](size_t i) {
        const auto log = get(slots[i]->partition);
        if (!log) {
            ++failed;
            return;
        }
        // What was recovered need not be read again after the next crash.
        if ((*log)->flushed_offset() < (*log)->end_offset()) request_flush(*log);
    });
    if (directory_.offline()) {
        return Refusal("The data directory " + directory_.path() +
                       " cannot be recovered: " + directory_.reason() + ".");
    }
    if (failed > 0) {
        return Refusal("Of the logs in the data directory " + directory_.path() + ", " +
                       std::to_string(failed.load()) +
                       " could not be recovered because its disk is full: make room and start "
                       "again.");
    }
    logger().info("Recovered {} logs in {} ms.", slots.size(), clock_.monotonic_ms() - start);
    return {};
}

}  // namespace stoker::storage
