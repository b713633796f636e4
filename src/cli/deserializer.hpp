// Java's deserializers by the names of their classes, as far as they print: bytes in, what
// toString() gives out.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"

namespace stoker::cli {

/// Throws KafkaException (SerializationException) for bytes that are no such value.
using Deserializer = std::string (*)(ByteView bytes);

/// By the full name of the class; nothing when there is none of that name.
std::optional<Deserializer> find_deserializer(std::string_view class_name);

}  // namespace stoker::cli
