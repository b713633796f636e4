// Feeds any bytes to what reads the small files of a partition.
#include <cstddef>
#include <cstdint>
#include <span>

#include "state_file_check.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    stoker::storage::check_state_file(std::as_bytes(std::span(data, size)));
    return 0;
}
