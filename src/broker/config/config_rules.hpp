// The rules of declarations, checked. The errors are Kafka's own messages.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "broker/config/declaration.hpp"

namespace stoker::broker {

/// `shown` is the number as messages show it.
std::expected<void, std::string> check_number(const ConfigDeclaration& config, double value,
                                              std::string_view shown);
std::expected<void, std::string> check_text(const ConfigDeclaration& config,
                                            std::string_view value);
std::expected<void, std::string> check_list(const ConfigDeclaration& config,
                                            const std::vector<std::string>& words);

/// The host and the port of "host:port", where an IPv6 address stands in brackets; nothing when it
/// is not one. The port is not checked for its range.
struct HostPort {
    std::string host;
    std::string port;
};
std::expected<HostPort, std::string> split_host_port(std::string_view text);

}  // namespace stoker::broker
