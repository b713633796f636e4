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

TEST(JavaProperties, a_login_module_becomes_user_and_password) {
    std::map<std::string, std::string> properties{
        {"security.protocol", "SASL_PLAINTEXT"},
        {"sasl.mechanism", "SCRAM-SHA-512"},
        {"sasl.jaas.config", "org.apache.kafka.common.security.scram.ScramLoginModule required "
                             "username=\"alice\" password=\"a,b=c\";"}};
    const auto config = from_java(properties);
    ASSERT_TRUE(config) << config.error().text;
    EXPECT_EQ(value(*config, "sasl.mechanism"), "SCRAM-SHA-512");
    EXPECT_EQ(value(*config, "sasl.username"), "alice");
    EXPECT_EQ(value(*config, "sasl.password"), "a,b=c");
    EXPECT_EQ(value(*config, "sasl.jaas.config"), "");
}

TEST(JavaProperties, a_login_module_that_will_not_do_is_named_and_its_password_is_not) {
    for (const char* jaas : {"com.evil.JndiLoginModule required password=\"canary\";",
                             "password=\"canary\"", "org.apache.kafka.common.security.oauthbearer."
                             "OAuthBearerLoginModule required token=\"canary\";"}) {
        const auto refused =
            from_java({{"security.protocol", "SASL_SSL"}, {"sasl.jaas.config", jaas}});
        ASSERT_FALSE(refused) << jaas;
        EXPECT_TRUE(refused.error().text.starts_with("sasl.jaas.config: "));
        EXPECT_EQ(refused.error().text.find("canary"), std::string::npos);
    }
}

TEST(JavaProperties, settings_of_another_name_in_librdkafka_get_it) {
    const auto config = from_java({{"buffer.memory", "33554432"},
                                   {"max.request.size", "2000000"},
                                   {"fetch.max.wait.ms", "100"}});
    ASSERT_TRUE(config);
    EXPECT_EQ(value(*config, "queue.buffering.max.kbytes"), "32768");
    EXPECT_EQ(value(*config, "message.max.bytes"), "2000000");
    EXPECT_EQ(value(*config, "fetch.wait.max.ms"), "100");
    EXPECT_EQ(config->size(), 3u);
}

}  // namespace
}  // namespace stoker::client
