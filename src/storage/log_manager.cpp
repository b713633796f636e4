#include "storage/log_manager.hpp"


#include <algorithm>
#include <bit>
#include <thread>
#include <utility>

#include "storage/disk_error.hpp"
#include "storage/disk_path.hpp"
#include "storage/log_slot.hpp"
#include "storage/loggers.hpp"
#include "storage/partition_metadata.hpp"
#include "storage/segment_files.hpp"

namespace stoker::storage {

namespace {

/// A name of a folder has at most this many bytes.
constexpr size_t folder_name_max = 255;

/// Two random ids differ in half of their 128 bits, give or take a few; one that differs in a
/// byte's worth is the same with damage.
bool is_damaged_copy(const Uuid& found, const Uuid& right) {
    constexpr int bits_max = 8;
    int bits = 0;
    for (size_t i = 0; i < right.bytes.size(); ++i) {
        bits += std::popcount(std::to_integer<unsigned>(found.bytes[i] ^ right.bytes[i]));
    }
    return bits <= bits_max;
}

/// "orders-3.0123456789abcdef0123456789abcdef-delete", as Apache Kafka names what is being deleted;
/// what is set aside ends in -stray there.
std::string new_name(const TopicPartition& partition, const Uuid& id, std::string_view ending) {
    const std::string suffix = "-" + std::to_string(raw(partition.partition)) + "." +
                               hex(id.bytes) + std::string(ending);
    return partition.topic.substr(0, folder_name_max - suffix.size()) + suffix;
}

}  // namespace

LogManager::LogManager(Disk& disk, const Clock& clock, Random& random, Options options)
    : disk_(disk),
      clock_(clock),
      random_(random),
      options_(std::move(options)),
      directory_(normal_path(options_.folder)) {}

LogManager::~LogManager() = default;

LogContext LogManager::context() {
    return {disk_, clock_, random_, directory_, this, options_.producer_id_expiration_ms};
}

std::string LogManager::folder_of(const TopicPartition& partition) const {
    return join(directory_.path(), to_string(partition));
}

std::shared_ptr<LogManager::Slot> LogManager::slot(const TopicPartition& partition) const {
    const auto slots = slots_.lock();
    const auto found = slots->find(partition);
    return found == slots->end() ? nullptr : found->second;
}

std::vector<std::shared_ptr<LogManager::Slot>> LogManager::all_slots() const {
    const auto slots = slots_.lock();
    std::vector<std::shared_ptr<Slot>> all;
    all.reserve(slots->size());
    for (const auto& item : *slots) all.push_back(item.second);
    return all;
}

Result<std::shared_ptr<Log>> LogManager::open_log(Slot& slot, const LogConfig& config) {
    return Log::open(context(), {.partition = slot.partition,
                                 .folder = folder_of(slot.partition),
                                 .config = config,
                                 .log_start = slot.log_start,
                                 .recovery_point = slot.recovery_point,
                                 .clean = slot.clean,
                                 .power_was_cut = power_was_cut_});
}

Result<std::shared_ptr<Log>> LogManager::create(const TopicPartition& partition,
                                                const Uuid& topic_id, const LogConfig& config) {
    const std::lock_guard one_at_a_time(creating_);
    if (directory_.offline()) return fail(ErrorCode::kafka_storage_error);
    if (slot(partition) != nullptr) return fail(ErrorCode::topic_already_exists);
    const std::string folder = folder_of(partition);
    const auto there = disk_.exists(folder);
    if (there && *there) return fail(ErrorCode::topic_already_exists);

    DiskResult<void> made = disk_.make_folder(folder);
    if (made) {
        const std::string path = join(folder, partition_metadata_file_name);
        made = write_partition_metadata(disk_, path, topic_id);
    }
    auto fresh = std::make_shared<Slot>(partition);
    Result<std::shared_ptr<Log>> log = fail(ErrorCode::kafka_storage_error);
    if (made) {
        log = open_log(*fresh, config);
    } else {
        directory_.failed(made.error());
    }
    if (!log) {
        // Nobody knows of it yet; what cannot be removed now is a stray at the next start.
        (void)disk_.remove_folder(folder);
        return log;
    }
    {
        auto state = fresh->state.lock();
        state->log = *log;
        state->config = config;
    }
    slots_.lock()->emplace(partition, std::move(fresh));
    return log;
}

Result<std::shared_ptr<Log>> LogManager::get(const TopicPartition& partition) {
    const auto found = slot(partition);
    if (found == nullptr) return fail(ErrorCode::unknown_topic_or_partition);
    auto state = found->state.lock();
    if (state->log == nullptr) {
        auto log = open_log(*found, state->config.value_or(options_.defaults));
        if (!log) return log;
        state->log = std::move(*log);
    }
    return state->log;
}

std::shared_ptr<Log> LogManager::get_if_open(const TopicPartition& partition) const {
    const auto found = slot(partition);
    return found == nullptr ? nullptr : found->state.lock()->log;
}

bool LogManager::contains(const TopicPartition& partition) const {
    return slot(partition) != nullptr;
}

Result<std::pair<std::string, int64_t>> LogManager::take_out(const TopicPartition& partition,
                                                             std::string_view ending) {
    std::shared_ptr<Slot> gone;
    {
        auto slots = slots_.lock();
        const auto found = slots->find(partition);
        if (found == slots->end()) return fail(ErrorCode::unknown_topic_or_partition);
        gone = std::move(found->second);
        slots->erase(found);
    }
    int64_t delay_ms = options_.defaults.file_delete_delay_ms;
    std::shared_ptr<Log> log;
    {
        const auto state = gone->state.lock();
        if (state->config) delay_ms = state->config->file_delete_delay_ms;
        log = state->log;
    }
    // Without our locks: it tells the log's listener.
    if (log != nullptr) log->mark_deleted();
    std::string target = join(directory_.path(), new_name(partition, random_.uuid(), ending));
    if (const auto done = disk_.rename(folder_of(partition), target); !done) {
        directory_.failed(done.error());
        return fail(ErrorCode::kafka_storage_error);
    }
    // A partition of the same name must not inherit its offsets.
    request_checkpoint();
    return std::pair(std::move(target), delay_ms);
}

Result<void> LogManager::remove(const TopicPartition& partition) {
    auto taken = take_out(partition, "-delete");
    if (!taken) return fail(taken.error());
    remove_later(std::move(taken->first), true, taken->second);
    return {};
}

Result<void> LogManager::set_aside(const TopicPartition& partition) {
    const auto taken = take_out(partition, "-stray");
    if (!taken) return fail(taken.error());
    logger().warn("{} is of another topic of that name, which nobody knows any more: it was moved "
                  "to {} and is left alone.",
                  folder_of(partition), taken->first);
    return {};
}

void LogManager::remove_later(std::string path, bool folder, int64_t delay_ms) {
    deleted_.lock()->push_back({std::move(path), clock_.monotonic_ms() + delay_ms, folder});
}

void LogManager::set_config(const TopicPartition& partition, const LogConfig& config) {
    const auto found = slot(partition);
    if (found == nullptr) return;
    std::shared_ptr<Log> log;
    {
        auto state = found->state.lock();
        state->config = config;
        log = state->log;
    }
    if (log != nullptr) log->update_config(config);
}

std::vector<TopicPartition> LogManager::partitions() const {
    const auto slots = slots_.lock();
    std::vector<TopicPartition> all;
    all.reserve(slots->size());
    for (const auto& item : *slots) all.push_back(item.first);
    return all;
}

int64_t LogManager::size_of(const TopicPartition& partition) const {
    if (const auto log = get_if_open(partition)) return log->size();
    const std::string folder = folder_of(partition);
    const auto names = disk_.list(folder);
    if (!names) return 0;
    int64_t total = 0;
    for (const std::string& name : *names) {
        if (!name.ends_with(log_suffix)) continue;
        const auto file = disk_.open(join(folder, name), OpenMode::read);
        if (file) total += (*file)->size().value_or(0);
    }
    return total;
}

Uuid LogManager::topic_id(const TopicPartition& partition) {
    const auto id = read_partition_metadata(
        disk_, join(folder_of(partition), partition_metadata_file_name));
    if (id) return *id;
    if (!id.error().not_found()) logger().warn("{}", id.error().what);
    return {};
}

bool LogManager::is_of_topic(const TopicPartition& partition, const Uuid& topic_id) {
    const std::string path = join(folder_of(partition), partition_metadata_file_name);
    const auto found = read_partition_metadata(disk_, path);
    if (found && *found == topic_id) return true;
    if (found && !is_damaged_copy(*found, topic_id)) return false;
    const bool readable = found || is_malformed(found.error()) || found.error().not_found();
    logger().warn("{} does not name its topic any more{}.", path,
                  readable ? ": it is written anew" : ", since it cannot be read");
    if (!readable) return true;
    const auto written = write_partition_metadata(disk_, path, topic_id);
    if (!written) directory_.failed(written.error());
    return true;
}

void LogManager::request_flush(std::shared_ptr<Log> log) {
    flushes_.lock()->push_back(std::move(log));
    tell_work_listener();
}

void LogManager::request_checkpoint() {
    if (!checkpoint_requested_.exchange(true)) tell_work_listener();
}

void LogManager::tell_work_listener() const {
    if (work_listener_) work_listener_();
}

void for_each_in_parallel(size_t count, unsigned threads,
                          const std::function<void(size_t)>& work) {
    std::atomic<size_t> next = 0;
    const auto run = [&] {
        for (size_t i = next++; i < count; i = next++) work(i);
    };
    std::vector<std::jthread> helpers;
    const size_t wanted = std::min<size_t>(threads, count);
    for (size_t i = 1; i < wanted; ++i) helpers.emplace_back(run);
    run();
}

}  // namespace stoker::storage
