#include "security/tls_context.hpp"

#include <gtest/gtest.h>

#include "security/test_identity.hpp"

namespace stoker::security {
namespace {

using testing::wish;

class TlsContextTest : public ::testing::Test {
protected:
    TlsContextTest() { good.key_store = testing::key_store(own); }
    static std::string why(const TlsSettings& settings) {
        const auto context = TlsContext::for_server(settings);
        return context ? "" : context.error();
    }

    Identity authority = make_authority(wish("CA"));
    Identity own = issue(authority, wish("own"));
    TlsSettings good;
};

TEST_F(TlsContextTest, takes_cipher_suites_as_java_spells_them) {
    EXPECT_EQ(why(good), "");
    good.cipher_suites = {"TLS_AES_128_GCM_SHA256", "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"};
    EXPECT_EQ(why(good), "");
    good.cipher_suites = {"ECDHE-ECDSA-AES128-GCM-SHA256"};
    EXPECT_NE(why(good).find("ssl.cipher.suites: there is no suite"), std::string::npos);
    good.cipher_suites = {"TLS_AES_128_GCM_SHA256"};
    good.enabled_protocols = {"TLSv1.2"};
    EXPECT_NE(why(good).find("of an enabled protocol"), std::string::npos);
}

TEST_F(TlsContextTest, refuses_protocols_before_tls_1_2) {
    good.enabled_protocols = {"TLSv1.1", "TLSv1.2"};
    EXPECT_NE(why(good).find("TLSv1.1 is not served"), std::string::npos);
    good.enabled_protocols = {"TLSv1.2"};
    good.protocol = "TLSv1";
    EXPECT_NE(why(good).find("set TLSv1.3"), std::string::npos);
}

TEST_F(TlsContextTest, of_a_server_needs_a_key_and_for_client_certificates_a_trust_store) {
    EXPECT_NE(why({}).find("stoker tls init"), std::string::npos);
    good.client_auth = ClientAuth::required;
    EXPECT_NE(why(good).find("ssl.truststore.location"), std::string::npos);
    good.trust_store = testing::trust_store(authority);
    EXPECT_EQ(why(good), "");
}

TEST_F(TlsContextTest, tells_of_a_certificate_that_has_expired) {
    const auto fresh = TlsContext::for_server(good);
    ASSERT_TRUE(fresh);
    EXPECT_TRUE((*fresh)->warnings().empty());
    EXPECT_TRUE((*fresh)->certificate().starts_with("CN=own until 20"));
    good.key_store = testing::key_store(issue(authority, testing::expired("old")));
    const auto stale = TlsContext::for_server(good);
    ASSERT_TRUE(stale);
    ASSERT_EQ((*stale)->warnings().size(), 1u);
    EXPECT_NE((*stale)->warnings()[0].find("CN=old expired on"), std::string::npos);
}

}  // namespace
}  // namespace stoker::security
