// ssl.principal.mapping.rules (KIP-371): from a certificate's distinguished name to the name of a
// principal. The rules are Java's: the first one whose pattern matches the whole name replaces
// every match in it, as String.replaceAll does.
#pragma once

#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace re2 {
class RE2;
}

namespace stoker::security {

/// Constant once made. Any thread.
class PrincipalMapper {
public:
    /// "RULE:^CN=(.*?),.*$/$1/L,DEFAULT". The error is a sentence; patterns with look-around or
    /// back-references, which RE2 does not have, are among those refused.
    static std::expected<PrincipalMapper, std::string> parse(std::string_view rules);
    ~PrincipalMapper();
    PrincipalMapper(PrincipalMapper&&) noexcept;
    PrincipalMapper& operator=(PrincipalMapper&&) noexcept;

    /// The name without "User:". The error is a clause: no rule applies.
    std::expected<std::string, std::string> name_of(const std::string& distinguished_name) const;

private:
    struct Rule;
    PrincipalMapper();
    std::vector<Rule> rules_;
};

}  // namespace stoker::security
