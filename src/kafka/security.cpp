#include "kafka/security.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "kafka/client_properties.hpp"

namespace stoker::kafka {
namespace {

constexpr std::array<std::string_view, 3> not_served{"SSL", "SASL_PLAINTEXT", "SASL_SSL"};

}  // namespace

Outcome<SecurityProtocol> read_security(const ClientProperties& properties) {
    std::string asked = properties.get_or("security.protocol", "PLAINTEXT");
    std::string upper = asked;
    std::ranges::transform(upper, upper.begin(), [](unsigned char c) {
        return char(c >= 'a' && c <= 'z' ? c - ('a' - 'A') : c);
    });
    if (upper == "PLAINTEXT") return SecurityProtocol::plaintext;
    if (std::ranges::find(not_served, upper) != not_served.end()) {
        return failed(config_failure("security.protocol=" + upper +
                                     " is not served yet: use a PLAINTEXT listener"));
    }
    return failed(config_failure(
        "Invalid value " + asked +
        " for configuration security.protocol: String must be one of (case insensitive): "
        "PLAINTEXT, SASL_PLAINTEXT, SASL_SSL, SSL"));
}

}  // namespace stoker::kafka
