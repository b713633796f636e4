// What a person can do about a cluster that cannot be used, in one line.
#pragma once

#include <string>

#include "client/error.hpp"

namespace stoker::load {

/// "kafka1:9092: the broker refused the user or the password (…): check --username, …".
std::string explain(const std::string& bootstrap_servers, const client::Error& error);

}  // namespace stoker::load
