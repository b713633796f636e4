#include "security/security_protocol.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace stoker::security {
namespace {

constexpr std::array<std::string_view, 4> names{"PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"};

}  // namespace

std::string_view name(SecurityProtocol protocol) { return names.at(static_cast<size_t>(protocol)); }

std::optional<SecurityProtocol> parse_security_protocol(std::string_view text) {
    const auto same = [text](std::string_view name) {
        return std::ranges::equal(text, name, {}, [](unsigned char c) { return std::toupper(c); });
    };
    const auto found = std::ranges::find_if(names, same);
    if (found == names.end()) return std::nullopt;
    return static_cast<SecurityProtocol>(found - names.begin());
}

}  // namespace stoker::security
