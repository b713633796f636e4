#include "storage/loggers.hpp"

#include <spdlog/spdlog.h>

#include <array>
#include <cstddef>

namespace stoker {

namespace {

std::shared_ptr<spdlog::logger> make(const char* name) {
    auto logger = spdlog::default_logger()->clone(name);
    spdlog::register_logger(logger);
    return logger;
}

}  // namespace

const std::shared_ptr<spdlog::logger>& logger(LogOf subject) {
    // In the order of LogOf.
    static const std::array all{
        make("kafka.server.KafkaApis"),
        make("kafka.network.SocketServer"),
        make("org.apache.kafka.coordinator.group.GroupCoordinatorService"),
        make("kafka.coordinator.transaction.TransactionCoordinator"),
        make("org.apache.kafka.storage.internals.log.UnifiedLog"),
        make("org.apache.kafka.storage.internals.log.LogCleaner"),
    };
    return all[static_cast<size_t>(subject)];
}

}  // namespace stoker
