// Feeds any bytes to what reads HTTP requests, as a stranger would send them.
#include <cstddef>
#include <cstdint>
#include <span>

#include "http_check.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    stoker::http::check_http(std::as_bytes(std::span(data, size)));
    return 0;
}
