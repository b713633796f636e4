// The processes of brokers, for kafka-server-start and kafka-server-stop.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace stoker::cli {

/// What kafka-server-start runs: its arguments are a server.properties and overrides.
std::vector<std::string> broker_command(const std::string& program,
                                        const std::vector<std::string>& args);

/// The node id of the broker that was started with this command line; nothing where it is none.
std::optional<std::string> broker_node_id(const std::vector<std::string>& words);

}  // namespace stoker::cli
