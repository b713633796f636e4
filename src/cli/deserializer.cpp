#include "cli/deserializer.hpp"

#include <bit>
#include <charconv>
#include <cstdint>
#include <utility>
#include <vector>

#include "base/big_endian.hpp"
#include "kafka/failure.hpp"
#include "kafka/java_text.hpp"

namespace stoker::cli {
namespace {

using kafka::KafkaException;

[[noreturn]] void refuse(std::string why) {
    throw KafkaException(kafka::client_failure("SerializationException", std::move(why)));
}

void check_size(ByteView bytes, size_t size, std::string_view name) {
    if (bytes.size() == size) return;
    refuse("Size of data received by " + std::string(name) + " is not " + std::to_string(size));
}

template <class T>
T number(ByteView bytes, std::string_view name) {
    check_size(bytes, sizeof(T), name);
    return load_big_endian<T>(bytes.data());
}

std::string string(ByteView bytes) { return std::string(text_of(bytes)); }
std::string integer(ByteView bytes) {
    return std::to_string(number<int32_t>(bytes, "IntegerDeserializer"));
}
std::string long_number(ByteView bytes) {
    return std::to_string(number<int64_t>(bytes, "LongDeserializer"));
}
std::string short_number(ByteView bytes) {
    return std::to_string(number<int16_t>(bytes, "ShortDeserializer"));
}
std::string float_number(ByteView bytes) {
    return kafka::java_text(std::bit_cast<float>(number<uint32_t>(bytes, "Deserializer")));
}
std::string double_number(ByteView bytes) {
    return kafka::java_text(std::bit_cast<double>(number<uint64_t>(bytes, "Deserializer")));
}

std::string boolean(ByteView bytes) {
    const auto value = number<int8_t>(bytes, "BooleanDeserializer");
    if (value == 1) return "true";
    if (value == 0) return "false";
    refuse("Unexpected byte received by BooleanDeserializer: " + std::to_string(value));
}

/// Bytes.toString().
std::string escaped(ByteView bytes) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string text;
    for (const char c : text_of(bytes)) {
        if (c >= ' ' && c <= '~' && c != '\\') {
            text += c;
            continue;
        }
        const auto code = static_cast<unsigned char>(c);
        text += "\\x";
        text += digits[code >> 4];
        text += digits[code & 15];
    }
    return text;
}

std::string byte_buffer(ByteView bytes) {
    const std::string size = std::to_string(bytes.size());
    return "java.nio.HeapByteBuffer[pos=0 lim=" + size + " cap=" + size + "]";
}

/// What Java prints for an array is its class and a hash that differs each time.
std::string byte_array(ByteView bytes) {
    return "[B@" + std::to_string(reinterpret_cast<uintptr_t>(bytes.data()) & 0x7fffffff);
}

/// UUID.fromString() takes short groups, toString() fills them up.
std::string uuid(ByteView bytes) {
    constexpr size_t widths[] = {8, 4, 4, 4, 12};
    std::string_view rest = text_of(bytes);
    std::string text;
    for (size_t group = 0; group < std::size(widths); ++group) {
        const size_t dash = group + 1 < std::size(widths) ? rest.find('-') : rest.size();
        if (dash == std::string_view::npos || dash == 0) refuse("Error parsing data into UUID");
        uint64_t value = 0;
        const auto [end, error] = std::from_chars(rest.data(), rest.data() + dash, value, 16);
        if (error != std::errc() || end != rest.data() + dash) {
            refuse("Error parsing data into UUID");
        }
        std::string digits;
        for (size_t i = 0; i < widths[group]; ++i, value >>= 4) {
            digits.insert(digits.begin(), "0123456789abcdef"[value & 15]);
        }
        text += (group > 0 ? "-" : "") + digits;
        rest.remove_prefix(std::min(dash + 1, rest.size()));
    }
    return text;
}

std::string void_value(ByteView) {
    throw KafkaException({.exception = "java.lang.IllegalArgumentException",
                          .message = "Data should be null for a VoidDeserializer."});
}

}  // namespace

std::optional<Deserializer> find_deserializer(std::string_view class_name) {
    constexpr std::string_view package = "org.apache.kafka.common.serialization.";
    constexpr std::string_view suffix = "Deserializer";
    static constexpr std::pair<std::string_view, Deserializer> all[] = {
        {"String", string},          {"Integer", integer},
        {"Long", long_number},       {"Short", short_number},
        {"Float", float_number},     {"Double", double_number},
        {"Boolean", boolean},        {"Bytes", escaped},
        {"ByteBuffer", byte_buffer}, {"ByteArray", byte_array},
        {"UUID", uuid},              {"Void", void_value},
    };
    if (!class_name.starts_with(package) || !class_name.ends_with(suffix)) return std::nullopt;
    class_name.remove_prefix(package.size());
    class_name.remove_suffix(suffix.size());
    for (const auto& [name, deserializer] : all) {
        if (name == class_name) return deserializer;
    }
    return std::nullopt;
}

}  // namespace stoker::cli
