// Feeds any bytes to every codec; the first byte chooses it. What comes out keeps to the cap, and
// compressing it again gives it back.
#include <cstdint>
#include <cstdlib>

#include "record/compression.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace stoker;
    using namespace stoker::record;
    constexpr size_t size_max = 1 << 18;
    if (size == 0) return 0;
    auto codec = Codec(data[0] % 6);
    ByteView input = std::as_bytes(std::span(data + 1, size - 1));
    Result<Bytes> output = decompress(codec, input, size_max);
    if (!output) return 0;
    if (output->size() > size_max) std::abort();
    Bytes again = compress(codec, *output);
    if (again.size() > compressed_size_max(codec, output->size())) std::abort();
    Result<Bytes> same = decompress(codec, again, output->size());
    if (!same || !equal(*same, *output)) std::abort();
    return 0;
}
