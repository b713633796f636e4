#include "protocol/record_frame.hpp"

#include <limits>

#include "protocol/wire.hpp"

namespace stoker::protocol {

namespace {

constexpr uint32_t metadata_frame_version = 1;

int16_t small_varint(Reader& reader) {
    uint32_t value = reader.unsigned_varint();
    if (value > uint32_t(std::numeric_limits<int16_t>::max())) reader.fail("beyond 32767");
    return int16_t(value);
}

}  // namespace

Bytes int16_prefix(int16_t value) {
    Writer writer;
    writer.number(value);
    return std::move(writer).finish_whole();
}

Bytes metadata_prefix(int16_t type, int16_t version) {
    Writer writer;
    writer.unsigned_varint(metadata_frame_version);
    writer.unsigned_varint(uint32_t(type));
    writer.unsigned_varint(uint32_t(version));
    return std::move(writer).finish_whole();
}

StoredMessage read_key(ByteView bytes) {
    Reader reader(bytes);
    reader.reading("key type");
    auto type = reader.number<int16_t>();
    return {.type = type, .version = 0, .body = reader.rest()};
}

StoredMessage read_value(ByteView bytes) {
    Reader reader(bytes);
    reader.reading("version");
    auto version = reader.number<int16_t>();
    return {.type = -1, .version = version, .body = reader.rest()};
}

StoredMessage read_metadata_record(ByteView bytes) {
    Reader reader(bytes);
    reader.reading("metadata frame version");
    if (reader.unsigned_varint() != metadata_frame_version) reader.fail("is not 1");
    reader.reading("metadata record type");
    int16_t type = small_varint(reader);
    reader.reading("metadata record version");
    int16_t version = small_varint(reader);
    return {.type = type, .version = version, .body = reader.rest()};
}

}  // namespace stoker::protocol
