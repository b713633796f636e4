// Feeds any requests in any order to a whole broker in memory.
#include <cstddef>
#include <cstdint>
#include <span>

#include <spdlog/spdlog.h>

#include "broker_check.hpp"

extern "C" int LLVMFuzzerInitialize(int*, char***) {
    spdlog::set_level(spdlog::level::off);
    return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    stoker::broker::check_broker(std::as_bytes(std::span(data, size)));
    return 0;
}
