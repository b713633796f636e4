// The client's side of SASL, made of sasl.mechanism and sasl.jaas.config as Java's clients take
// them.
#pragma once

#include "kafka/client_properties.hpp"
#include "kafka/security.hpp"

namespace stoker::kafka {

/// Fills in the mechanism and what makes its exchanges.
Outcome<void> read_client_sasl(const ClientProperties& properties, ClientSecurity& into);

}  // namespace stoker::kafka
