// The libFuzzer program of one request parser; the build says which (CMakeLists.txt).
#include <cstddef>
#include <cstdint>

#include STOKER_FUZZ_HEADER
#include "request_check.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    stoker::protocol::check_request<stoker::protocol::STOKER_FUZZ_MESSAGE>(
        std::as_bytes(std::span(data, size)));
    return 0;
}
