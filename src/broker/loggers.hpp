// Where requests and groups tell what they do: loggers of their own (storage/loggers.hpp).
#pragma once

#include "storage/loggers.hpp"

namespace stoker::broker {

inline spdlog::logger& request_log() {
    return *logger(LogOf::requests);
}

inline spdlog::logger& group_log() {
    return *logger(LogOf::groups);
}

inline spdlog::logger& transaction_log() {
    return *logger(LogOf::transactions);
}

}  // namespace stoker::broker
