#include "node/tls_init.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/rand.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <span>
#include <system_error>
#include <utility>
#include <vector>

#include "base/bytes.hpp"
#include "base/check.hpp"
#include "security/certificate_authority.hpp"

namespace stoker::node {
namespace {

namespace fs = std::filesystem;

constexpr int64_t day_s = 86'400;
constexpr int64_t valid_days = 3'650;
constexpr size_t password_bytes = 12;
constexpr mode_t for_all = 0644;
constexpr mode_t for_owner = 0600;

struct File {
    std::string name;
    std::string content;
    mode_t mode = for_owner;
};

std::unexpected<std::string> failed(const fs::path& path, int error) {
    return std::unexpected(
        fmt::format("{} cannot be written: {}.", path.string(), std::strerror(error)));
}

std::expected<void, std::string> write_new(const fs::path& path, const File& file) {
    const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, file.mode);
    if (descriptor < 0) return failed(path, errno);
    const ssize_t written = ::write(descriptor, file.content.data(), file.content.size());
    const int error = written == ssize_t(file.content.size()) ? 0 : ENOSPC;
    ::close(descriptor);
    if (error != 0) return failed(path, error);
    return {};
}

std::string host_name() {
    std::array<char, 256> name{};
    if (::gethostname(name.data(), name.size() - 1) != 0) return "";
    const std::string text = name.data();
    const bool plain = std::ranges::all_of(
        text, [](unsigned char c) { return std::isalnum(c) || c == '-' || c == '.'; });
    return plain ? text : "";
}

std::string random_password() {
    std::array<unsigned char, password_bytes> bytes{};
    STOKER_CHECK(RAND_bytes(bytes.data(), int(bytes.size())) == 1, "there is randomness");
    return hex(std::as_bytes(std::span(bytes)));
}

constexpr std::string_view plain_module =
    "org.apache.kafka.common.security.plain.PlainLoginModule";
constexpr std::string_view scram_module =
    "org.apache.kafka.common.security.scram.ScramLoginModule";

/// A path as the value of a property.
std::string property(const fs::path& path) {
    std::string text;
    for (const char c : path.string()) text += c == '\\' ? std::string("\\\\") : std::string(1, c);
    return text;
}

std::string server_properties(const fs::path& folder, const std::string& password) {
    return fmt::format(
        R"(# stoker broker --config {0}/server.properties
# TLS, and a name and a password for everybody. To be reached from other machines, write the
# address instead of localhost; its name has to be in the certificate.
listeners=SASL_SSL://localhost:9093
ssl.keystore.type=PEM
ssl.keystore.location={1}/server.pem

sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512
# PLAIN: user_NAME="password", as many as there are users. SCRAM users are added while it runs:
# kafka-configs --alter --entity-type users --entity-name NAME \
#   --add-config 'SCRAM-SHA-512=[password=…]'
listener.name.sasl_ssl.plain.sasl.jaas.config={3} required user_admin="{2}";
listener.name.sasl_ssl.scram-sha-256.sasl.jaas.config={4} required;
listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config={4} required;

# Who may do what: without these two lines everybody who has a password may do everything.
#authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
#super.users=User:admin

# Certificates instead of passwords: listeners=SSL://localhost:9093, and these three lines.
#ssl.client.auth=required
#ssl.truststore.type=PEM
#ssl.truststore.location={1}/ca.pem
)",
        folder.string(), property(folder), password, plain_module, scram_module);
}

std::string client_properties(const fs::path& folder, const std::string& password) {
    return fmt::format(
        R"(# kafka-topics --bootstrap-server localhost:9093 --list \
#   --command-config {0}/client.properties
security.protocol=SASL_SSL
ssl.truststore.type=PEM
ssl.truststore.location={1}/ca.pem
sasl.mechanism=PLAIN
sasl.jaas.config={3} required username="admin" password="{2}";

# With certificates instead of passwords: security.protocol=SSL, and these two lines.
#ssl.keystore.type=PEM
#ssl.keystore.location={1}/client.pem
)",
        folder.string(), property(folder), password, plain_module);
}

std::vector<File> make_files(const fs::path& folder, const security::CertificateWish& times) {
    security::CertificateWish wish = times;
    wish.common_name = "Stoker CA";
    const security::Identity authority = security::make_authority(wish);
    wish.common_name = "localhost";
    wish.dns_names = {"localhost"};
    wish.addresses = {"127.0.0.1", "::1"};
    if (const std::string host = host_name(); !host.empty() && host != "localhost")
        wish.dns_names.push_back(host);
    const security::Identity server = security::issue(authority, wish);
    wish = times;
    wish.common_name = "client";
    const security::Identity client = security::issue(authority, wish);
    const std::string password = random_password();
    return {{"ca.pem", authority.certificate_pem(), for_all},
            {"server.pem", server.certificate_pem() + server.key_pem()},
            {"client.pem", client.certificate_pem() + client.key_pem()},
            {"server.properties", server_properties(folder, password)},
            {"client.properties", client_properties(folder, password)}};
}

}  // namespace

std::expected<std::string, std::string> write_tls_folder(const std::string& name,
                                                         const Clock& clock) {
    std::error_code error;
    fs::create_directories(name, error);
    if (error) return failed(name, error.value());
    const fs::path folder = fs::canonical(name, error);
    if (error) return failed(name, error.value());
    const int64_t now_s = clock.wall_ms() / 1000;
    security::CertificateWish times;
    times.valid_from_s = now_s - day_s;  // for machines whose clock is behind
    times.valid_until_s = now_s + valid_days * day_s;
    const std::vector<File> files = make_files(folder, times);
    for (const File& file : files)
        if (fs::exists(folder / file.name, error))
            return std::unexpected(fmt::format(
                "{} is there already, and nothing is overwritten: name another folder.",
                (folder / file.name).string()));
    for (const File& file : files)
        if (auto written = write_new(folder / file.name, file); !written)
            return std::unexpected(written.error());
    return fmt::format(
        "Wrote ca.pem, server.pem, client.pem, server.properties and client.properties to {0}.\n"
        "Start the broker:   stoker broker --config {0}/server.properties\n"
        "Ask it something:   kafka-topics --bootstrap-server localhost:9093 --command-config "
        "{0}/client.properties --list\n"
        "Other clients:      trust {0}/ca.pem; user and password are in {0}/client.properties\n",
        folder.string());
}

}  // namespace stoker::node
