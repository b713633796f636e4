#include "kafka/client_sasl.hpp"

#include <fstream>
#include <iterator>
#include <utility>
#include <vector>

#include "security/jaas.hpp"
#include "security/jwks_file.hpp"
#include "security/sasl_client.hpp"

namespace stoker::kafka {
namespace {

using security::JaasEntry;
using security::LoginModule;
using Client = std::unique_ptr<security::SaslClient>;

constexpr size_t token_size_max = 64 << 10;
constexpr std::string_view jaas_property = "sasl.jaas.config";
constexpr std::string_view token_property = "sasl.oauthbearer.token.endpoint.url";
constexpr std::string_view extension_prefix = "extension_";

std::unexpected<Failure> refused(std::string why) {
    return failed(config_failure(std::move(why)));
}

Outcome<JaasEntry> read_entry(const ClientProperties& properties, LoginModule module) {
    auto text = properties.get(jaas_property);
    if (!text)
        return refused("Could not find a 'KafkaClient' entry in the JAAS configuration: set "
                       "sasl.jaas.config to a login module with its options");
    auto entry = security::parse_jaas(*text);
    if (!entry)
        return refused("Invalid value for configuration sasl.jaas.config: " + entry.error());
    if (entry->module != module)
        return refused("The login module of sasl.jaas.config is of another mechanism than "
                       "sasl.mechanism");
    return std::move(*entry);
}

struct Login {
    std::string user, password;
};

Outcome<Login> read_login(const ClientProperties& properties, LoginModule module) {
    auto entry = read_entry(properties, module);
    if (!entry) return failed(entry.error());
    if (entry->option("tokenauth").value_or("") == "true")
        return refused("sasl.jaas.config: delegation tokens (tokenauth) are not served");
    auto user = entry->option("username"), password = entry->option("password");
    if (!user || !password) return refused("sasl.jaas.config needs username and password");
    return Login{std::move(*user), std::move(*password)};
}

Outcome<std::string> read_token(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::string token(std::istreambuf_iterator<char>(file), {});
    auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
    while (!token.empty() && blank(token.back())) token.pop_back();
    size_t start = 0;
    while (start < token.size() && blank(token[start])) ++start;
    token.erase(0, start);
    if (token.empty() || token.size() > token_size_max)
        return refused("The token file " + path + " (" + std::string(token_property) +
                       ") cannot be read, or holds no token");
    return token;
}

Outcome<void> read_oauthbearer(const ClientProperties& properties, ClientSecurity& into) {
    auto entry = read_entry(properties, LoginModule::oauthbearer);
    if (!entry) return failed(entry.error());
    auto path = security::path_in_file_url(properties.get_or(token_property, ""));
    if (!path)
        return refused("OAUTHBEARER needs " + std::string(token_property) +
                       "=file:///…, a file with the token: unsigned tokens are not made, and "
                       "nothing is fetched over HTTP");
    std::vector<std::pair<std::string, std::string>> extensions;
    for (auto& [name, value] : entry->options_after(extension_prefix))
        extensions.emplace_back(name, value);
    into.sasl = [path = std::move(*path), extensions]() -> Outcome<Client> {
        auto token = read_token(path);
        if (!token) return failed(token.error());
        return security::oauthbearer_client(std::move(*token), extensions);
    };
    return {};
}

}  // namespace

Outcome<void> read_client_sasl(const ClientProperties& properties, ClientSecurity& into) {
    into.mechanism = properties.get_or("sasl.mechanism", "GSSAPI");
    if (into.mechanism == "OAUTHBEARER") return read_oauthbearer(properties, into);
    const auto scram = security::scram_mechanism(into.mechanism);
    const bool plain = into.mechanism == "PLAIN";
    if (!plain && scram == security::ScramMechanism::unknown)
        return refused("sasl.mechanism=" + into.mechanism +
                       " is not served: use PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 or OAUTHBEARER");
    auto login = read_login(properties, plain ? LoginModule::plain : LoginModule::scram);
    if (!login) return failed(login.error());
    into.sasl = [plain, scram, login = std::move(*login)]() -> Outcome<Client> {
        if (plain) return security::plain_client(login.user, login.password);
        return security::scram_client(scram, login.user, login.password);
    };
    return {};
}

}  // namespace stoker::kafka
