// Ids as Java's Uuid.fromString reads them: with its leniency (padding, loose last bits) and its
// texts for what is none.
#pragma once

#include <string>

#include "base/uuid.hpp"
#include "kafka/failure.hpp"

namespace stoker::cli {

/// Fails with IllegalArgumentException.
kafka::Outcome<Uuid> parse_java_uuid(const std::string& text);

}  // namespace stoker::cli
