#include "cli/scram_credential.hpp"

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <algorithm>
#include <charconv>

#include "base/check.hpp"
#include "cli/admin_tool.hpp"

namespace stoker::cli {
namespace {

constexpr int8_t sha_256 = 1;
constexpr int8_t sha_512 = 2;
constexpr int32_t default_iterations = 4096;
constexpr int32_t iterations_min = 4096;
constexpr size_t salt_size = 20;

struct Parsed {
    int32_t iterations = default_iterations;
    std::string password;
};

/// (?:iterations=(\-?[0-9]*),)?password=(.*)
Parsed parse(const std::string& mechanism, const std::string& text) {
    constexpr std::string_view iterations_key = "iterations=";
    constexpr std::string_view password_key = "password=";
    std::string java_name = mechanism;
    std::ranges::replace(java_name, '-', '_');
    Parsed parsed;
    std::string_view rest = text;
    if (rest.starts_with(iterations_key)) {
        rest.remove_prefix(iterations_key.size());
        size_t comma = rest.find(',');
        std::string digits(rest.substr(0, comma));
        rest.remove_prefix(comma == std::string_view::npos ? rest.size() : comma + 1);
        size_t first = digits.starts_with('-') ? 1 : 0;
        bool valid = digits.find_first_not_of("0123456789", first) == std::string::npos;
        if (!valid) rest = {};
        else if (digits != "-1") parsed.iterations = parse_int_or_throw(digits);
    }
    if (!rest.starts_with(password_key)) {
        throw_illegal_argument("Invalid credential property " + java_name + "=" + text);
    }
    parsed.password = rest.substr(password_key.size());
    return parsed;
}

}  // namespace

bool is_scram_mechanism(std::string_view name) {
    return scram_mechanism(name) != 0;
}

int8_t scram_mechanism(std::string_view name) {
    if (name == "SCRAM-SHA-256") return sha_256;
    if (name == "SCRAM-SHA-512") return sha_512;
    return 0;
}

std::string_view scram_name(int8_t mechanism) {
    if (mechanism == sha_256) return "SCRAM-SHA-256";
    if (mechanism == sha_512) return "SCRAM-SHA-512";
    return "UNKNOWN";
}

Bytes salted_password(int8_t mechanism, std::string_view password, ByteView salt,
                      int32_t iterations) {
    const EVP_MD* digest = mechanism == sha_512 ? EVP_sha512() : EVP_sha256();
    Bytes key(size_t(EVP_MD_get_size(digest)));
    int done = PKCS5_PBKDF2_HMAC(password.data(), int(password.size()),
                                 reinterpret_cast<const unsigned char*>(salt.data()),
                                 int(salt.size()), iterations, digest, int(key.size()),
                                 reinterpret_cast<unsigned char*>(key.data()));
    STOKER_CHECK(done == 1, "PBKDF2 failed");
    return key;
}

protocol::AlterUserScramCredentialsRequest::ScramCredentialUpsertion make_scram_credential(
    const std::string& user, const std::string& mechanism, const std::string& text) {
    Parsed parsed = parse(mechanism, text);
    if (parsed.iterations < iterations_min) {
        throw_illegal_argument("Iterations " + std::to_string(parsed.iterations) +
                               " is less than the minimum " + std::to_string(iterations_min) +
                               " required for " + mechanism);
    }
    Bytes salt(salt_size);
    int filled = RAND_bytes(reinterpret_cast<unsigned char*>(salt.data()), int(salt.size()));
    STOKER_CHECK(filled == 1, "no randomness for a salt");
    int8_t number = scram_mechanism(mechanism);
    Bytes salted = salted_password(number, parsed.password, salt, parsed.iterations);
    return {.name = user,
            .mechanism = number,
            .iterations = parsed.iterations,
            .salt = std::move(salt),
            .salted_password = std::move(salted)};
}

}  // namespace stoker::cli
