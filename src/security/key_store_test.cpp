#include "security/key_store.hpp"

#include <gtest/gtest.h>
#include <openssl/pem.h>

#include "base/test_folder.hpp"
#include "security/test_identity.hpp"

namespace stoker::security {
namespace {

using testing::pem;
using testing::wish;

std::string encrypted_key(const Identity& identity, const std::string& password) {
    const Owned<BIO> out(BIO_new(BIO_s_mem()));
    PEM_write_bio_PKCS8PrivateKey(out.get(), identity.key.get(), EVP_aes_256_cbc(),
                                  password.data(), int(password.size()), nullptr, nullptr);
    char* text = nullptr;
    const long size = BIO_get_mem_data(out.get(), &text);
    return {text, size_t(size)};
}

std::string pkcs12(const Identity& identity, const Identity& authority, const char* password) {
    STACK_OF(X509)* others = sk_X509_new_null();
    sk_X509_push(others, authority.certificate.get());
    const Owned<PKCS12> store(PKCS12_create(password, "own", identity.key.get(),
                                            identity.certificate.get(), others, 0, 0, 0, 0, 0));
    sk_X509_free(others);
    const Owned<BIO> out(BIO_new(BIO_s_mem()));
    i2d_PKCS12_bio(out.get(), store.get());
    char* text = nullptr;
    const long size = BIO_get_mem_data(out.get(), &text);
    return {text, size_t(size)};
}

class KeyStoreTest : public ::testing::Test {
protected:
    std::string why(const KeyStoreSettings& settings) {
        const auto store = load_key_store(settings);
        return store ? "" : store.error();
    }
    bool opens(const KeyStoreSettings& settings) {
        const auto store = load_key_store(settings);
        if (!store) ADD_FAILURE() << store.error();
        return store && X509_cmp(store->chain.front().get(), own.certificate.get()) == 0;
    }
    KeyStoreSettings file(const std::string& type, const std::string& content) {
        KeyStoreSettings settings;
        settings.type = type;
        settings.location = folder.write("store", content);
        return settings;
    }

    TestFolder folder;
    Identity authority = make_authority(wish("CA"));
    Identity own = issue(authority, wish("own"));
};

TEST_F(KeyStoreTest, is_a_pem_file_with_key_and_certificates_in_any_order) {
    EXPECT_TRUE(opens(file("PEM", pem(own))));
    EXPECT_TRUE(opens(file("pem", own.key_pem() + authority.certificate_pem() +
                                      own.certificate_pem())));
}

TEST_F(KeyStoreTest, is_pem_text_in_two_properties) {
    EXPECT_TRUE(opens(testing::key_store(own)));
    KeyStoreSettings half = testing::key_store(own);
    half.key.reset();
    EXPECT_NE(why(half).find("go together"), std::string::npos);
}

TEST_F(KeyStoreTest, opens_an_encrypted_key_with_its_password_only) {
    KeyStoreSettings settings = testing::key_store(own);
    settings.key = encrypted_key(own, "secret");
    EXPECT_NE(why(settings).find("set ssl.key.password"), std::string::npos);
    settings.key_password = "wrong";
    EXPECT_NE(why(settings).find("is ssl.key.password right?"), std::string::npos);
    EXPECT_EQ(why(settings).find("wrong"), std::string::npos) << "a password is never told";
    settings.key_password = "secret";
    EXPECT_TRUE(opens(settings));
}

TEST_F(KeyStoreTest, is_a_pkcs12_file_whatever_its_type_is_called) {
    KeyStoreSettings settings = file("PKCS12", pkcs12(own, authority, "secret"));
    settings.password = "secret";
    EXPECT_TRUE(opens(settings));
    settings.type = "JKS";
    EXPECT_TRUE(opens(settings));
    settings.password = "other";
    EXPECT_NE(why(settings).find("is ssl.keystore.password right?"), std::string::npos);
}

TEST_F(KeyStoreTest, that_will_not_do_says_what_to_set_instead) {
    EXPECT_NE(why(file("JKS", "\xfe\xed\xfe\xed....")).find("keytool -importkeystore"),
              std::string::npos);
    EXPECT_NE(why(file("PKCS12", pem(own))).find("set ssl.keystore.type to PEM"),
              std::string::npos);
    EXPECT_NE(why(file("PKCS12", "no store")).find("no PKCS12 store"), std::string::npos);
    EXPECT_NE(why(file("BKS", "")).find("PEM and PKCS12 are read"), std::string::npos);
    EXPECT_NE(why(file("PEM", own.key_pem())).find("no certificate"), std::string::npos);
    EXPECT_NE(why(file("PEM", own.certificate_pem())).find("no private key"), std::string::npos);
    EXPECT_NE(why(file("PEM", own.key_pem() + authority.certificate_pem()))
                  .find("belongs to none of the certificates"),
              std::string::npos);
    KeyStoreSettings missing;
    missing.type = "PEM";
    missing.location = folder.path("nothing");
    EXPECT_NE(why(missing).find("cannot be read"), std::string::npos);
    KeyStoreSettings with_password = file("PEM", pem(own));
    with_password.password = "secret";
    EXPECT_NE(why(with_password).find("ssl.key.password"), std::string::npos);
}

TEST_F(KeyStoreTest, of_those_who_are_trusted_holds_certificates_in_pem_or_pkcs12) {
    TrustStoreSettings settings = testing::trust_store(authority);
    auto trusted = load_trust_store(settings);
    ASSERT_TRUE(trusted) << trusted.error();
    EXPECT_EQ(trusted->size(), 1u);
    settings = {};
    settings.type = "PKCS12";
    settings.location = folder.write("trust", pkcs12(own, authority, "secret"));
    settings.password = "secret";
    trusted = load_trust_store(settings);
    ASSERT_TRUE(trusted) << trusted.error();
    EXPECT_EQ(trusted->size(), 2u);
    settings = {};
    settings.type = "PEM";
    settings.location = folder.write("empty", "");
    trusted = load_trust_store(settings);
    ASSERT_FALSE(trusted);
    EXPECT_NE(trusted.error().find("no certificate"), std::string::npos);
}

}  // namespace
}  // namespace stoker::security
