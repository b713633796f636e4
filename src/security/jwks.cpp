#include "security/jwks.hpp"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>

#include <array>
#include <utility>

#include "security/crypto.hpp"
#include "security/json_reader.hpp"

namespace stoker::security {
namespace {

using nlohmann::json;

constexpr size_t file_size_max = 1 << 20;
constexpr size_t keys_max = 1000;
constexpr int rsa_bits_min = 2048;
constexpr int rsa_bits_max = 16'384;

constexpr auto algorithms = std::to_array<std::pair<std::string_view, JwsAlgorithm>>({
    {"RS256", JwsAlgorithm::rs256},
    {"RS384", JwsAlgorithm::rs384},
    {"RS512", JwsAlgorithm::rs512},
    {"PS256", JwsAlgorithm::ps256},
    {"ES256", JwsAlgorithm::es256},
    {"ES384", JwsAlgorithm::es384},
});

template <class T, void (*free_it)(T*)>
struct Freer {
    void operator()(T* it) const { free_it(it); }
};
using Number = std::unique_ptr<BIGNUM, Freer<BIGNUM, BN_free>>;
using Context = std::unique_ptr<EVP_PKEY_CTX, Freer<EVP_PKEY_CTX, EVP_PKEY_CTX_free>>;
using Builder = std::unique_ptr<OSSL_PARAM_BLD, Freer<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free>>;
using Parameters = std::unique_ptr<OSSL_PARAM, Freer<OSSL_PARAM, OSSL_PARAM_free>>;
using Signature = std::unique_ptr<ECDSA_SIG, Freer<ECDSA_SIG, ECDSA_SIG_free>>;
using Verifier = std::unique_ptr<EVP_MD_CTX, Freer<EVP_MD_CTX, EVP_MD_CTX_free>>;
using Key = std::shared_ptr<EVP_PKEY>;

const unsigned char* plain(ByteView bytes) {
    return reinterpret_cast<const unsigned char*>(bytes.data());
}

std::string text_in(const json& object, const char* name) {
    auto found = object.find(name);
    return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

Bytes bytes_in(const json& object, const char* name) {
    return from_base64_url(text_in(object, name)).value_or(Bytes{});
}

Number number(ByteView bytes) {
    return Number(BN_bin2bn(plain(bytes), int(bytes.size()), nullptr));
}

Key build(const char* type, OSSL_PARAM_BLD* builder) {
    Parameters parameters(OSSL_PARAM_BLD_to_param(builder));
    Context context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
    EVP_PKEY* key = nullptr;
    if (!parameters || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
        EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get()) != 1)
        return {};
    return {key, EVP_PKEY_free};
}

Key rsa_key(const json& object) {
    Bytes modulus = bytes_in(object, "n"), exponent = bytes_in(object, "e");
    if (modulus.empty() || exponent.empty() || modulus.size() > rsa_bits_max / 8 ||
        exponent.size() > sizeof(uint64_t))
        return {};
    Number n = number(modulus), e = number(exponent);
    if (BN_num_bits(n.get()) < rsa_bits_min || !BN_is_odd(e.get()) || BN_is_one(e.get()))
        return {};
    Builder builder(OSSL_PARAM_BLD_new());
    OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get());
    OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get());
    return build("RSA", builder.get());
}

/// OpenSSL refuses a point that is not on the curve.
Key curve_key(const json& object, const char* group, size_t coordinate_size) {
    Bytes x = bytes_in(object, "x"), y = bytes_in(object, "y");
    if (x.size() != coordinate_size || y.size() != coordinate_size) return {};
    Bytes point{std::byte{4}};  // uncompressed
    point.insert(point.end(), x.begin(), x.end());
    point.insert(point.end(), y.begin(), y.end());
    Builder builder(OSSL_PARAM_BLD_new());
    OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, group, 0);
    OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                     point.size());
    return build("EC", builder.get());
}

const EVP_MD* digest_of(JwsAlgorithm algorithm) {
    switch (algorithm) {
        case JwsAlgorithm::rs384:
        case JwsAlgorithm::es384: return EVP_sha384();
        case JwsAlgorithm::rs512: return EVP_sha512();
        case JwsAlgorithm::rs256:
        case JwsAlgorithm::ps256:
        case JwsAlgorithm::es256: break;
    }
    return EVP_sha256();
}

PublicKey::Type type_for(JwsAlgorithm algorithm) {
    if (algorithm == JwsAlgorithm::es256) return PublicKey::Type::p256;
    return algorithm == JwsAlgorithm::es384 ? PublicKey::Type::p384 : PublicKey::Type::rsa;
}

/// JWS has the two numbers side by side, OpenSSL wants them in DER; nothing when malformed.
std::optional<Bytes> to_der(ByteView signature, PublicKey::Type type) {
    const size_t size = type == PublicKey::Type::p256 ? 32 : 48;
    if (signature.size() != 2 * size) return std::nullopt;
    Signature pair(ECDSA_SIG_new());
    Number r = number(signature.first(size)), s = number(signature.subspan(size));
    if (!pair || ECDSA_SIG_set0(pair.get(), r.get(), s.get()) != 1) return std::nullopt;
    (void)r.release();
    (void)s.release();
    int length = i2d_ECDSA_SIG(pair.get(), nullptr);
    if (length <= 0) return std::nullopt;
    Bytes der(static_cast<size_t>(length));
    auto* out = reinterpret_cast<unsigned char*>(der.data());
    i2d_ECDSA_SIG(pair.get(), &out);
    return der;
}

}  // namespace

std::optional<JwsAlgorithm> jws_algorithm(std::string_view name) {
    for (const auto& [known, algorithm] : algorithms)
        if (known == name) return algorithm;
    return std::nullopt;
}

std::string_view name(JwsAlgorithm algorithm) {
    for (const auto& [known, candidate] : algorithms)
        if (candidate == algorithm) return known;
    return "";
}

bool PublicKey::serves(JwsAlgorithm algorithm) const {
    return type_ == type_for(algorithm) && (!only_for_ || *only_for_ == algorithm);
}

bool PublicKey::verifies(JwsAlgorithm algorithm, ByteView signature, ByteView data) const {
    if (!serves(algorithm)) return false;
    Bytes der;
    if (type_ != Type::rsa) {
        auto converted = to_der(signature, type_);
        if (!converted) return false;
        der = std::move(*converted);
        signature = der;
    }
    Verifier verifier(EVP_MD_CTX_new());
    EVP_PKEY_CTX* settings = nullptr;
    if (!verifier || EVP_DigestVerifyInit(verifier.get(), &settings, digest_of(algorithm), nullptr,
                                          key_.get()) != 1)
        return false;
    if (algorithm == JwsAlgorithm::ps256 &&
        (EVP_PKEY_CTX_set_rsa_padding(settings, RSA_PKCS1_PSS_PADDING) != 1 ||
         EVP_PKEY_CTX_set_rsa_pss_saltlen(settings, RSA_PSS_SALTLEN_DIGEST) != 1))
        return false;
    return EVP_DigestVerify(verifier.get(), plain(signature), signature.size(), plain(data),
                            data.size()) == 1;
}

std::expected<KeySet, std::string> KeySet::parse(std::string_view text) {
    auto file = read_json_object(text, file_size_max);
    auto list = file ? file->find("keys") : json::iterator{};
    if (!file || list == file->end() || !list->is_array())
        return std::unexpected("it is no JSON object with a list of \"keys\"");
    if (list->size() > keys_max) return std::unexpected("it has too many keys");
    KeySet set;
    for (const json& entry : *list) {
        if (!entry.is_object()) return std::unexpected("one of its keys is no JSON object");
        std::string use = text_in(entry, "use");
        std::string algorithm = text_in(entry, "alg");
        if (!use.empty() && use != "sig") continue;
        PublicKey key;
        key.id_ = text_in(entry, "kid");
        key.only_for_ = jws_algorithm(algorithm);
        if (!algorithm.empty() && !key.only_for_) continue;
        std::string type = text_in(entry, "kty"), curve = text_in(entry, "crv");
        if (type == "RSA") {
            key.key_ = rsa_key(entry);
        } else if (type == "EC" && curve == "P-256") {
            key.type_ = PublicKey::Type::p256;
            key.key_ = curve_key(entry, "P-256", 32);
        } else if (type == "EC" && curve == "P-384") {
            key.type_ = PublicKey::Type::p384;
            key.key_ = curve_key(entry, "P-384", 48);
        } else {
            continue;
        }
        if (!key.key_)
            return std::unexpected("one of its keys is malformed, or RSA of fewer than " +
                                   std::to_string(rsa_bits_min) + " bits");
        set.keys_.push_back(std::move(key));
    }
    if (set.keys_.empty())
        return std::unexpected("it has no key for RS256, RS384, RS512, PS256, ES256 or ES384");
    return set;
}

const PublicKey* KeySet::find(const std::optional<std::string>& id,
                              JwsAlgorithm algorithm) const {
    const PublicKey* found = nullptr;
    for (const PublicKey& key : keys_) {
        if ((id && key.id() != *id) || !key.serves(algorithm)) continue;
        if (id) return &key;
        if (found != nullptr) return nullptr;
        found = &key;
    }
    return found;
}

}  // namespace stoker::security
