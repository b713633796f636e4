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

/// Which bucket of a java.util.HashMap of `entries` strings holds this one: sorted by it, stably,
/// they stand in the order in which such a map hands them out.
size_t java_hash_bucket(std::string_view utf8, size_t entries);

}  // namespace stoker::broker
