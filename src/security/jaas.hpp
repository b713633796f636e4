// JAAS entries as sasl.jaas.config has them: one login module with its options,
//
//     org.apache.kafka.common.security.plain.PlainLoginModule required
//         username="alice" password="alice-secret";
//
// read by the rules of Java's StreamTokenizer: either quote, its escapes, and the three kinds of
// comments. No sentence of a failure repeats what was given: it may be a password.
#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace stoker::security {

/// The modules that there is something behind. Any other class is refused: what Java would load
/// (JndiLoginModule, LdapLoginModule) has been a way into brokers more than once.
enum class LoginModule : uint8_t { plain, scram, oauthbearer };

struct JaasEntry {
    LoginModule module = LoginModule::plain;
    /// The last of two options of one name counts, as in Java.
    std::map<std::string, std::string, std::less<>> options;

    std::optional<std::string> option(std::string_view name) const;
    /// What follows `prefix` in the names of options, with their values: users of "user_".
    std::map<std::string, std::string, std::less<>> options_after(std::string_view prefix) const;
};

/// More is no configuration.
inline constexpr size_t jaas_text_max = 1 << 20;

/// Exactly one entry. The error is a clause that names no value: "the entry has no control flag".
std::expected<JaasEntry, std::string> parse_jaas(std::string_view text);

}  // namespace stoker::security
