// Share groups (KIP-932), as far as their tools get: neither our broker nor our client speaks their
// protocol, and a broker that does not is told as Java's share consumer tells it.
#pragma once

#include <cstdint>
#include <optional>

#include "cli/tool.hpp"
#include "kafka/client_properties.hpp"

namespace stoker::cli {

/// What a share consumer of these properties (client.id and group.id among them) fails with, after
/// the lines that Java's logs; nothing when no broker answers within the time.
std::optional<kafka::Failure> try_share_consumer(Streams& io,
                                                 const kafka::ClientProperties& properties,
                                                 int64_t timeout_ms);

}  // namespace stoker::cli
