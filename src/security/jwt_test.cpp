#include "security/jwt.hpp"

#include <gtest/gtest.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "security/crypto.hpp"
#include "security/jwks_file.hpp"
#include "security/oauthbearer_server.hpp"
#include "security/sasl_client.hpp"

namespace stoker::security {
namespace {

using nlohmann::json;

constexpr int64_t now_s = 1'700'000'000;

/// A pair of keys that signs as an issuer of tokens does.
class Issuer {
public:
    enum class Kind { rsa, p256, p384 };
    explicit Issuer(Kind kind, std::string id = "k1") : kind_(kind), id_(std::move(id)) {
        EVP_PKEY* made = kind == Kind::rsa    ? EVP_RSA_gen(2048)
                         : kind == Kind::p256 ? EVP_EC_gen("P-256")
                                              : EVP_EC_gen("P-384");
        key_ = {made, EVP_PKEY_free};
    }

    json public_key() const {
        json key{{"kid", id_}, {"use", "sig"}};
        if (kind_ == Kind::rsa) {
            key["kty"] = "RSA";
            key["n"] = number(OSSL_PKEY_PARAM_RSA_N, 256);
            key["e"] = number(OSSL_PKEY_PARAM_RSA_E, 3);
            return key;
        }
        size_t size = kind_ == Kind::p256 ? 32 : 48;
        key["kty"] = "EC";
        key["crv"] = kind_ == Kind::p256 ? "P-256" : "P-384";
        key["x"] = number(OSSL_PKEY_PARAM_EC_PUB_X, size);
        key["y"] = number(OSSL_PKEY_PARAM_EC_PUB_Y, size);
        return key;
    }

    std::string token_with(const json& header, const json& claims) const {
        std::string text = base64_url(bytes_of(header.dump())) + "." +
                           base64_url(bytes_of(claims.dump()));
        return text + "." + base64_url(sign(text, header.value("alg", "RS256")));
    }
    std::string token(const json& claims, const std::string& algorithm) const {
        return token_with({{"alg", algorithm}, {"kid", id_}}, claims);
    }

private:
    std::string number(const char* name, size_t size) const {
        BIGNUM* value = nullptr;
        EXPECT_EQ(EVP_PKEY_get_bn_param(key_.get(), name, &value), 1);
        Bytes bytes(size);
        BN_bn2binpad(value, reinterpret_cast<unsigned char*>(bytes.data()), int(size));
        BN_free(value);
        return base64_url(bytes);
    }

    Bytes sign(const std::string& text, const std::string& algorithm) const {
        const EVP_MD* digest = algorithm.ends_with("384")   ? EVP_sha384()
                               : algorithm.ends_with("512") ? EVP_sha512()
                                                            : EVP_sha256();
        std::shared_ptr<EVP_MD_CTX> signer(EVP_MD_CTX_new(), EVP_MD_CTX_free);
        EVP_PKEY_CTX* settings = nullptr;
        EVP_DigestSignInit(signer.get(), &settings, digest, nullptr, key_.get());
        if (algorithm.starts_with("PS")) {
            EVP_PKEY_CTX_set_rsa_padding(settings, RSA_PKCS1_PSS_PADDING);
            EVP_PKEY_CTX_set_rsa_pss_saltlen(settings, RSA_PSS_SALTLEN_DIGEST);
        }
        const auto* data = reinterpret_cast<const unsigned char*>(text.data());
        size_t size = 0;
        EVP_DigestSign(signer.get(), nullptr, &size, data, text.size());
        Bytes signature(size);
        auto* out = reinterpret_cast<unsigned char*>(signature.data());
        EVP_DigestSign(signer.get(), out, &size, data, text.size());
        signature.resize(size);
        return kind_ == Kind::rsa ? signature : side_by_side(signature);
    }

    Bytes side_by_side(const Bytes& der) const {
        const auto* in = reinterpret_cast<const unsigned char*>(der.data());
        std::shared_ptr<ECDSA_SIG> pair(d2i_ECDSA_SIG(nullptr, &in, long(der.size())),
                                        ECDSA_SIG_free);
        int half = kind_ == Kind::p256 ? 32 : 48;
        Bytes both(size_t(2 * half));
        auto* out = reinterpret_cast<unsigned char*>(both.data());
        BN_bn2binpad(ECDSA_SIG_get0_r(pair.get()), out, half);
        BN_bn2binpad(ECDSA_SIG_get0_s(pair.get()), out + half, half);
        return both;
    }

    Kind kind_;
    std::string id_;
    std::shared_ptr<EVP_PKEY> key_;
};

json key_set(std::initializer_list<json> keys) {
    return {{"keys", json(keys)}};
}

/// Keys take long to make: one issuer for most tests.
const Issuer& issuer() {
    static const Issuer made(Issuer::Kind::rsa);
    return made;
}

json good_claims() {
    return {{"sub", "alice"},  {"iss", "https://issuer"}, {"aud", "kafka"},
            {"iat", now_s - 100}, {"exp", now_s + 300},     {"scope", json::array({"a", "b"})}};
}

json with(const char* claim, json value) {
    json claims = good_claims();
    claims[claim] = std::move(value);
    return claims;
}
json without(const char* claim) {
    json claims = good_claims();
    claims.erase(claim);
    return claims;
}

JwtRules rules() {
    JwtRules made;
    made.audiences = {"other", "kafka"};
    made.issuer = "https://issuer";
    return made;
}

/// "" when it is taken.
std::string why_not(const std::string& token, const json& keys = key_set({issuer().public_key()}),
                    const JwtRules& by = rules()) {
    auto set = KeySet::parse(keys.dump());
    EXPECT_TRUE(set) << set.error();
    auto shared = set ? std::make_shared<const KeySet>(std::move(*set)) : nullptr;
    auto valid = validate_jwt(token, by, [shared](bool) { return shared; }, now_s * 1000);
    return valid ? "" : valid.error();
}
std::string why_not_with(const json& claims) {
    return why_not(issuer().token(claims, "RS256"));
}

TEST(Jwt, every_algorithm_of_the_list_is_verified) {
    for (const char* algorithm : {"RS256", "RS384", "RS512", "PS256"})
        EXPECT_EQ(why_not(issuer().token(good_claims(), algorithm)), "") << algorithm;
    Issuer p256(Issuer::Kind::p256), p384(Issuer::Kind::p384);
    EXPECT_EQ(why_not(p256.token(good_claims(), "ES256"), key_set({p256.public_key()})), "");
    EXPECT_EQ(why_not(p384.token(good_claims(), "ES384"), key_set({p384.public_key()})), "");
}

TEST(Jwt, the_signature_of_rfc_7515_is_verified) {
    auto keys = KeySet::parse(
        R"({"keys":[{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",)"
        R"("y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]})");
    ASSERT_TRUE(keys) << keys.error();
    const PublicKey* key = keys->find(std::nullopt, JwsAlgorithm::es256);
    ASSERT_NE(key, nullptr);
    std::string text =
        "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGx"
        "lLmNvbS9pc19yb290Ijp0cnVlfQ";
    Bytes signature = *from_base64_url(
        "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q");
    EXPECT_TRUE(key->verifies(JwsAlgorithm::es256, signature, bytes_of(text)));
    text.back() = 'R';
    EXPECT_FALSE(key->verifies(JwsAlgorithm::es256, signature, bytes_of(text)));
}

TEST(Jwt, what_is_read_is_the_subject_the_end_and_the_scopes) {
    auto set = std::make_shared<const KeySet>(
        *KeySet::parse(key_set({issuer().public_key()}).dump()));
    auto valid = validate_jwt(issuer().token(good_claims(), "RS256"), rules(),
                              [set](bool) { return set; }, now_s * 1000);
    ASSERT_TRUE(valid) << valid.error();
    EXPECT_EQ(valid->subject, "alice");
    EXPECT_EQ(valid->expires_at_ms, (now_s + 300) * 1000);
    EXPECT_EQ(valid->scopes, (std::vector<std::string>{"a", "b"}));
}

TEST(Jwt, an_unsigned_token_is_refused_whatever_it_says) {
    for (const char* none : {"none", "None", "NONE"}) {
        std::string token = base64_url(bytes_of(json{{"alg", none}}.dump())) + "." +
                            base64_url(bytes_of(good_claims().dump())) + ".";
        EXPECT_NE(why_not(token), "") << none;
    }
    std::string token = base64_url(bytes_of(R"({"alg":"none"})")) + "." +
                        base64_url(bytes_of(good_claims().dump())) + ".";
    EXPECT_EQ(why_not(token), token_is_not_signed);
}

TEST(Jwt, a_public_key_is_never_taken_for_a_shared_secret) {
    std::string text = base64_url(bytes_of(R"({"alg":"HS256","kid":"k1"})")) + "." +
                       base64_url(bytes_of(good_claims().dump()));
    Bytes mac = hmac(Digest::sha_256, bytes_of(issuer().public_key()["n"].get<std::string>()),
                     bytes_of(text));
    EXPECT_NE(why_not(text + "." + base64_url(mac)), "");
}

TEST(Jwt, a_changed_token_is_refused) {
    std::string token = issuer().token(good_claims(), "RS256");
    std::string other = issuer().token(with("sub", "admin"), "RS256");
    size_t claims = token.find('.') + 1, signature = token.rfind('.');
    std::string mixed = other.substr(0, other.rfind('.')) + token.substr(signature);
    EXPECT_EQ(why_not(mixed), "the token's signature is wrong");
    token[claims + 3] = token[claims + 3] == 'A' ? 'B' : 'A';
    EXPECT_NE(why_not(token), "");
}

TEST(Jwt, the_key_is_the_one_that_the_token_names) {
    Issuer other(Issuer::Kind::rsa, "k2");
    json both = key_set({issuer().public_key(), other.public_key()});
    EXPECT_EQ(why_not(other.token(good_claims(), "RS256"), both), "");
    json header{{"alg", "RS256"}, {"kid", "k2"}};
    EXPECT_EQ(why_not(issuer().token_with(header, good_claims()), both),
              "the token's signature is wrong");
    header["kid"] = "k3";
    EXPECT_EQ(why_not(issuer().token_with(header, good_claims()), both),
              "there is no key for the token's kid and alg");
    header.erase("kid");
    EXPECT_EQ(why_not(issuer().token_with(header, good_claims()), both),
              "there is no key for the token's kid and alg");
    EXPECT_EQ(why_not(issuer().token_with(header, good_claims())), "");
}

TEST(Jwt, a_key_serves_only_the_algorithm_it_is_for) {
    json key = issuer().public_key();
    key["alg"] = "RS512";
    EXPECT_NE(why_not(issuer().token(good_claims(), "RS256"), key_set({key})), "");
    EXPECT_EQ(why_not(issuer().token(good_claims(), "RS512"), key_set({key})), "");
    Issuer curve(Issuer::Kind::p256);
    EXPECT_NE(why_not(issuer().token(good_claims(), "RS256"), key_set({curve.public_key()})), "");
}

TEST(Jwt, times_are_judged_with_the_clock_skew) {
    EXPECT_EQ(why_not_with(with("exp", now_s - 29)), "");
    EXPECT_EQ(why_not_with(with("exp", now_s - 30)), "the token has expired");
    EXPECT_EQ(why_not_with(with("iat", now_s + 301)),
              "the token expires before it is issued or valid");
    EXPECT_EQ(why_not_with(with("nbf", now_s + 30)), "");
    EXPECT_EQ(why_not_with(with("nbf", now_s + 31)), "the token is not valid yet");
    EXPECT_EQ(why_not_with(without("exp")), "the token has no exp");
    EXPECT_EQ(why_not_with(without("iat")), "the token has no iat");
    EXPECT_EQ(why_not_with(with("exp", "tomorrow")), "the token has no exp");
    EXPECT_EQ(why_not_with(with("exp", -1)), "the token has no exp");
    EXPECT_EQ(why_not_with(with("exp", 1e300)), "the token has no exp");
}

TEST(Jwt, audience_and_issuer_must_be_ours) {
    EXPECT_EQ(why_not_with(with("aud", json::array({"x", "kafka"}))), "");
    EXPECT_EQ(why_not_with(with("aud", "x")), "the token is for another audience");
    EXPECT_EQ(why_not_with(with("aud", json::array())), "the token is for another audience");
    EXPECT_EQ(why_not_with(without("aud")), "the token is for another audience");
    EXPECT_EQ(why_not_with(with("iss", "https://issuer/")), "the token is from another issuer");
    EXPECT_EQ(why_not_with(without("iss")), "the token is from another issuer");
    json keys = key_set({issuer().public_key()});
    EXPECT_EQ(why_not(issuer().token(good_claims(), "RS256"), keys, {}),
              "the token is for another audience");
    EXPECT_EQ(why_not(issuer().token(without("aud"), "RS256"), keys, {}), "");
}

TEST(Jwt, the_subject_is_a_name) {
    for (const json& bad : {json(""), json("  "), json(7), json(nullptr), json("a\nb"),
                            json(json::array({"alice"}))})
        EXPECT_EQ(why_not_with(with("sub", bad)), "the token has no usable sub") << bad.dump();
    JwtRules by = rules();
    by.subject_claim = "email";
    EXPECT_EQ(why_not(issuer().token(with("email", "a@b"), "RS256"),
                      key_set({issuer().public_key()}), by),
              "");
}

TEST(Jwt, scopes_are_neither_empty_nor_repeated) {
    EXPECT_EQ(why_not_with(without("scope")), "");
    EXPECT_EQ(why_not_with(with("scope", "one")), "");
    EXPECT_NE(why_not_with(with("scope", "")), "");
    EXPECT_NE(why_not_with(with("scope", json::array({"a", "a"}))), "");
    EXPECT_NE(why_not_with(with("scope", json::array({1}))), "");
}

TEST(Jwt, headers_that_ask_for_more_are_refused) {
    json header{{"alg", "RS256"}, {"kid", "k1"}, {"crit", json::array({"exp"})}};
    EXPECT_NE(why_not(issuer().token_with(header, good_claims())), "");
    header = {{"alg", "RS256"}, {"kid", 7}};
    EXPECT_NE(why_not(issuer().token_with(header, good_claims())), "");
}

TEST(Jwt, what_is_no_token_is_refused) {
    for (const std::string& token :
         {std::string(), std::string("."), std::string(".."), std::string("a.b"),
          std::string("a.b.c.d"), std::string("!.!.!"), std::string(jwt_size_max + 1, 'a')})
        EXPECT_NE(why_not(token), "");
}

TEST(Jwt, a_name_that_stands_twice_is_refused) {
    std::string header = base64_url(bytes_of(R"({"alg":"RS256","alg":"none"})"));
    EXPECT_EQ(why_not(header + ".e30.AA"), "the token's header is malformed");
}

TEST(Jwks, sets_that_do_not_do_are_refused) {
    json weak = issuer().public_key();
    weak["n"] = base64_url(Bytes(128, std::byte{0xff}));
    json off_the_curve{{"kty", "EC"}, {"crv", "P-256"}};
    off_the_curve["x"] = off_the_curve["y"] = base64_url(Bytes(32, std::byte{1}));
    for (const std::string& text :
         {std::string(), std::string("[]"), std::string("{}"), std::string(R"({"keys":{}})"),
          std::string(R"({"keys":[]})"), std::string(R"({"keys":[7]})"),
          std::string(R"({"keys":[{"kty":"oct","k":"AAAA"}]})"), key_set({weak}).dump(),
          key_set({off_the_curve}).dump()})
        EXPECT_FALSE(KeySet::parse(text)) << text;
}

TEST(Jwks, keys_of_other_kinds_are_passed_over) {
    json encrypting = issuer().public_key();
    encrypting["use"] = "enc";
    encrypting["kid"] = "k9";
    auto set = KeySet::parse(
        key_set({encrypting, issuer().public_key(), json{{"kty", "OKP"}, {"crv", "Ed25519"}}})
            .dump());
    ASSERT_TRUE(set);
    EXPECT_EQ(set->size(), 1u);
}

TEST(Jwks, file_urls_name_paths_of_this_machine) {
    EXPECT_EQ(path_in_file_url("file:///a/b.json"), "/a/b.json");
    EXPECT_EQ(path_in_file_url("file:/a/b.json"), "/a/b.json");
    EXPECT_EQ(path_in_file_url("file://localhost/a%20b"), "/a b");
    for (const char* url : {"", "/a", "http://x/a", "https://x/a", "file://host/a", "file:a",
                            "file:///a%2", "file:///a%00", "file:///a?b", "FILE"})
        EXPECT_EQ(path_in_file_url(url), std::nullopt) << url;
}

TEST(Jwks, a_file_that_has_changed_is_read_again) {
    namespace fs = std::filesystem;
    const fs::path path = fs::path(::testing::TempDir()) / "stoker_jwks_test.json";
    auto write = [&path](const std::string& text, int64_t seconds) {
        std::ofstream(path) << text;
        fs::last_write_time(path, fs::file_time_type(std::chrono::seconds(seconds)));
    };
    Issuer other(Issuer::Kind::p256, "k2");
    write(key_set({issuer().public_key()}).dump(), 1000);
    ManualClock clock;
    auto file = JwksFile::open(path.string(), 3'600'000, clock);
    ASSERT_TRUE(file) << file.error();
    write(key_set({issuer().public_key(), other.public_key()}).dump(), 2000);
    EXPECT_EQ((*file)->keys(true)->size(), 1u) << "a second has not passed";
    clock.advance_ms(1000);
    EXPECT_EQ((*file)->keys(false)->size(), 1u);
    EXPECT_EQ((*file)->keys(true)->size(), 2u);
    write("half wri", 3000);
    clock.advance_ms(3'600'000);
    EXPECT_EQ((*file)->keys(false)->size(), 2u) << "what was read before stays in force";
    fs::remove(path);
    EXPECT_FALSE(JwksFile::open(path.string(), 1000, clock));
}

std::unique_ptr<SaslServer> server() {
    return oauthbearer_server([](std::string_view token) -> std::expected<Jwt, std::string> {
        if (token == "good") return Jwt{.subject = "alice", .expires_at_ms = 5};
        return std::unexpected(token == "unsigned" ? std::string(token_is_not_signed) : "bad");
    });
}

TEST(OAuthBearer, a_good_token_gets_in) {
    auto asked = server();
    auto answer = asked->evaluate(oauthbearer_client("good", {{"trace", "1"}})->first());
    ASSERT_TRUE(answer);
    EXPECT_TRUE(answer->empty());
    EXPECT_EQ(asked->user(), "alice");
    EXPECT_EQ(asked->expires_at_ms(), 5);
}

TEST(OAuthBearer, a_bad_token_is_told_before_it_is_refused) {
    auto asked = server();
    auto client = oauthbearer_client("bad", {});
    auto answer = asked->evaluate(client->first());
    ASSERT_TRUE(answer);
    EXPECT_EQ(text_of(*answer), R"({"status":"invalid_token"})");
    auto next = client->evaluate(*answer);
    ASSERT_TRUE(next && *next);
    EXPECT_EQ(text_of(**next), "\x01");
    auto end = asked->evaluate(**next);
    ASSERT_FALSE(end);
    EXPECT_EQ(end.error().told, R"({"status":"invalid_token"})");
    EXPECT_FALSE(asked->complete());
}

TEST(OAuthBearer, a_token_without_a_signature_is_told_so) {
    auto asked = server();
    auto answer = asked->evaluate(oauthbearer_client("unsigned", {})->first());
    ASSERT_TRUE(answer);
    EXPECT_NE(text_of(*answer).find("not signed"), std::string::npos);
}

TEST(OAuthBearer, nobody_may_act_as_another) {
    EXPECT_FALSE(server()->evaluate(bytes_of("n,a=bob,\x01" "auth=Bearer good\x01\x01")));
    EXPECT_TRUE(server()->evaluate(bytes_of("n,a=alice,\x01" "auth=bearer  good\x01\x01")));
}

TEST(OAuthBearer, malformed_messages_are_refused) {
    for (const char* message :
         {"", "n,,", "n,,\x01", "n,,\x01\x01", "n,,\x01" "auth=Bearer good\x01",
          "n,,\x01" "auth=Basic good\x01\x01", "n,,\x01" "auth=Bearer \x01\x01",
          "n,,\x01" "auth=Bearer go od\x01\x01", "n,,\x01" "x=y\x01\x01",
          "y,,\x01" "auth=Bearer good\x01\x01",
          "n,,\x01" "auth=Bearer good\x01" "auth=Bearer good\x01\x01",
          "n,,\x01" "1=y\x01" "auth=Bearer good\x01\x01", "n,,\x01" "auth=Bearer good\x01\x01x"})
        EXPECT_FALSE(server()->evaluate(bytes_of(message))) << message;
}

}  // namespace
}  // namespace stoker::security
