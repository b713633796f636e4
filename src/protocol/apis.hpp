// The APIs whose messages are declared here.
#pragma once

#include <cstdint>
#include <span>

#include "protocol/schema.hpp"

namespace stoker::protocol {

/// In ascending order of their keys.
std::span<const Api> apis();
/// Nothing for a key that we do not know.
const Api* find_api(int16_t key);

}  // namespace stoker::protocol
