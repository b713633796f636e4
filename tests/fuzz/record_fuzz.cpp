// Feeds any bytes to what reads the records of the broker's own topics.
#include <cstddef>
#include <cstdint>
#include <span>

#include "record_check.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    stoker::protocol::check_record(std::as_bytes(std::span(data, size)));
    return 0;
}
