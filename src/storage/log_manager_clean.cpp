// LogManager: what the cleaner needs of it.
#include <utility>

#include "storage/log_manager.hpp"
#include "storage/log_slot.hpp"

namespace stoker::storage {

std::vector<std::shared_ptr<Log>> LogManager::compacted_logs() {
    std::vector<std::shared_ptr<Log>> logs;
    for (const auto& slot : all_slots()) {
        std::shared_ptr<Log> log;
        bool closed_and_compacted = false;
        {
            const auto state = slot->state.lock();
            log = state->log;
            closed_and_compacted =
                log == nullptr && state->config && state->config->cleanup_compact;
        }
        if (closed_and_compacted) log = get(slot->partition).value_or(nullptr);
        if (log != nullptr && log->config().cleanup_compact) logs.push_back(std::move(log));
    }
    return logs;
}

std::optional<Offset> LogManager::cleaned_to(const Log& log) const {
    const auto found = slot(log.partition());
    return found == nullptr ? std::nullopt : found->state.lock()->cleaned_to;
}

void LogManager::set_cleaned_to(const Log& log, Offset offset) {
    const auto found = slot(log.partition());
    if (found == nullptr) return;
    {
        auto state = found->state.lock();
        // Another topic of the same name by now.
        if (state->log.get() != &log) return;
        state->cleaned_to = offset;
    }
    request_checkpoint();
}

void LogManager::remove_files_later(std::vector<std::string> paths, int64_t delay_ms) {
    for (std::string& path : paths) remove_later(std::move(path), false, delay_ms);
}

}  // namespace stoker::storage
