// Feeds any bytes to what reads JAAS entries: a configuration may come from anywhere.
#include <cstddef>
#include <cstdint>
#include <span>

#include "security_check.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    stoker::security::check_jaas(std::as_bytes(std::span(data, size)));
    return 0;
}
