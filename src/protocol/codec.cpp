#include "protocol/codec.hpp"

#include <string>

#include "protocol/apis.hpp"

namespace stoker::protocol {

namespace {

constexpr size_t frame_size_field = 4;
/// What an answer to a small Produce fits into; longer ones grow.
constexpr size_t usual_frame_size = 112;

Writer begin_frame() {
    Bytes bytes;
    bytes.reserve(usual_frame_size);
    bytes.resize(frame_size_field);
    return Writer(std::move(bytes));
}

std::string title(const Api& api, int16_t version) {
    return std::string(api.name) + " version " + std::to_string(version);
}

template <Structure T>
ByteView read_header(T& header, ByteView frame, const Api& api, int16_t header_version,
                     int16_t version) {
    Reader reader(frame);
    try {
        Decoder decoder(reader, header_version, T::api.is_flexible(header_version));
        decoder(header);
    } catch (const MalformedMessage& error) {
        fail_decoding(api, version, error);
    }
    return reader.rest();
}

/// The tail of `frame` that `rest`, a view into it, is.
MutableByteView tail(MutableByteView frame, ByteView rest) { return frame.last(rest.size()); }

}  // namespace

void Printer::operator()(const std::string& text) {
    text_ += '"';
    for (char c : text) {
        if (c == '"' || c == '\\') text_ += '\\';
        if (uint8_t(c) >= 0x20) text_ += c;
        else text_.append("\\u00").append(hex(bytes_of({&c, 1})));
    }
    text_ += '"';
}

void require_version_to_encode(const Api& api, int16_t version) {
    if (!api.versions.contain(version)) throw CannotEncode("there is no " + title(api, version));
}

void require_version_to_decode(const Api& api, int16_t version) {
    if (!api.versions.contain(version)) {
        throw MalformedMessage("there is no " + title(api, version));
    }
}

void fail_decoding(const Api& api, int16_t version, const MalformedMessage& inner) {
    throw MalformedMessage(title(api, version) + ": " + inner.what());
}

Writer begin_request(const Api& api, const RequestHeader& header) {
    int16_t version = header.request_api_version;
    require_version_to_encode(api, version);
    Writer writer = begin_frame();
    Encoder encoder(writer, api.request_header_version(version), api.is_flexible(version));
    encoder(header);
    return writer;
}

Writer begin_response(const Api& api, int32_t correlation_id, int16_t version) {
    require_version_to_encode(api, version);
    Writer writer = begin_frame();
    int16_t header_version = api.response_header_version(version);
    Encoder encoder(writer, header_version, ResponseHeader::api.is_flexible(header_version));
    encoder(ResponseHeader{.correlation_id = correlation_id});
    return writer;
}

RequestFrame read_request_header(MutableByteView frame) {
    if (frame.size() < 2 * sizeof(int16_t)) throw MalformedMessage("a frame without a header");
    auto key = load_big_endian<int16_t>(frame.data());
    auto version = load_big_endian<int16_t>(frame.data() + sizeof key);
    const Api* api = find_api(key);
    int16_t header_version = api ? api->request_header_version(version) : int16_t(1);
    RequestFrame request;
    ByteView body = read_header(request.header, frame, api ? *api : RequestHeader::api,
                                header_version, version);
    request.body = tail(frame, body);
    return request;
}

ResponseFrame read_response_header(MutableByteView frame, const Api& api, int16_t version) {
    ResponseHeader header;
    ByteView body =
        read_header(header, frame, api, api.response_header_version(version), version);
    return {.correlation_id = header.correlation_id, .body = tail(frame, body)};
}

}  // namespace stoker::protocol
