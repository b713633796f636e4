#include "storage/loggers.hpp"

#include <spdlog/spdlog.h>

#include <array>
#include <cstddef>

namespace stoker {

std::span<const std::shared_ptr<spdlog::logger>> loggers() {
    // In the order of LogOf.
    static const std::array all{
        spdlog::default_logger()->clone("kafka.server.KafkaApis"),
        spdlog::default_logger()->clone("kafka.network.SocketServer"),
        spdlog::default_logger()->clone(
            "org.apache.kafka.coordinator.group.GroupCoordinatorService"),
        spdlog::default_logger()->clone("org.apache.kafka.storage.internals.log.UnifiedLog"),
    };
    return all;
}

const std::shared_ptr<spdlog::logger>& logger(LogOf subject) {
    return loggers()[static_cast<size_t>(subject)];
}

}  // namespace stoker
