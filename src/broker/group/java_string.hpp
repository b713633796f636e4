// What Java's String says of a text, where Kafka's formats and limits depend on it: its length and
// hash count UTF-16 code units, not bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace stoker::broker {

/// String.length() of a text in valid UTF-8 (the codec checks it on the wire and in the log).
size_t java_length(std::string_view utf8);

/// String.hashCode().
int32_t java_hash(std::string_view utf8);

}  // namespace stoker::broker
