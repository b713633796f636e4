// `stoker tls init DIR`: certificates of our own and a configuration that uses them, so that
// SASL_SSL works within a minute.
//
// The authority's key is thrown away once it has signed: nobody can issue more in its name, and
// there is no secret to guard. Who wants another certificate makes a new folder.
#pragma once

#include <expected>
#include <string>

#include "base/clock.hpp"

namespace stoker::node {

/// Writes ca.pem, server.pem, client.pem (certificate and key), server.properties and
/// client.properties; what holds a secret is for the owner alone. Overwrites nothing. Returns what
/// to do next, for the user; the error is a sentence.
std::expected<std::string, std::string> write_tls_folder(const std::string& folder,
                                                         const Clock& clock);

}  // namespace stoker::node
