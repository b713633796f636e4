// Feeds any bytes to what reads SCRAM's messages, on either side, as a stranger would send them.
#include <cstddef>
#include <cstdint>
#include <span>

#include "security_check.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    stoker::security::check_scram(std::as_bytes(std::span(data, size)));
    return 0;
}
