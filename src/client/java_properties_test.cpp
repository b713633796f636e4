#include "client/java_properties.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace stoker::client {
namespace {

std::string value(const Config& config, const std::string& name) {
    const auto found = std::ranges::find(config, name, &Config::value_type::first);
    return found == config.end() ? "" : found->second;
}

TEST(JavaProperties, of_pem_stores_become_librdkafkas) {
    const auto config = from_java({{"security.protocol", "SSL"},
                                   {"ssl.truststore.type", "PEM"},
                                   {"ssl.truststore.location", "/ca.pem"},
                                   {"ssl.keystore.type", "pem"},
                                   {"ssl.keystore.location", "/me.pem"},
                                   {"ssl.endpoint.identification.algorithm", ""},
                                   {"linger.ms", "5"},
                                   {"key.serializer", "x.Y"}});
    ASSERT_TRUE(config) << config.error().text;
    EXPECT_EQ(value(*config, "ssl.ca.location"), "/ca.pem");
    EXPECT_EQ(value(*config, "ssl.certificate.location"), "/me.pem");
    EXPECT_EQ(value(*config, "ssl.key.location"), "/me.pem");
    EXPECT_EQ(value(*config, "ssl.endpoint.identification.algorithm"), "none");
    EXPECT_EQ(value(*config, "linger.ms"), "5");
    EXPECT_EQ(value(*config, "key.serializer"), "");
    EXPECT_EQ(value(*config, "ssl.truststore.type"), "");
}

TEST(JavaProperties, of_a_pkcs12_key_store_stay_and_of_a_pkcs12_trust_store_are_refused) {
    const auto config = from_java({{"security.protocol", "ssl"},
                                   {"ssl.keystore.location", "/me.p12"},
                                   {"ssl.keystore.password", "secret"}});
    ASSERT_TRUE(config);
    EXPECT_EQ(value(*config, "ssl.keystore.location"), "/me.p12");
    EXPECT_EQ(value(*config, "ssl.endpoint.identification.algorithm"), "https");
    const auto refused = from_java({{"security.protocol", "SSL"},
                                    {"ssl.truststore.type", "PKCS12"},
                                    {"ssl.truststore.location", "/ca.p12"}});
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().text.find("openssl pkcs12 -in STORE -nokeys"), std::string::npos);
}

TEST(JavaProperties, of_tls_do_not_count_without_tls) {
    const auto config = from_java({{"ssl.truststore.location", "/ca.p12"}});
    ASSERT_TRUE(config);
    EXPECT_TRUE(config->empty());
}

}  // namespace
}  // namespace stoker::client
