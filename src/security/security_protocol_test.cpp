#include "security/security_protocol.hpp"

#include <gtest/gtest.h>

namespace stoker::security {
namespace {

TEST(SecurityProtocol, is_read_in_any_case_and_written_in_capitals) {
    for (const auto* text : {"PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"}) {
        const auto protocol = parse_security_protocol(text);
        ASSERT_TRUE(protocol) << text;
        EXPECT_EQ(name(*protocol), text);
    }
    EXPECT_EQ(parse_security_protocol("sasl_Ssl"), SecurityProtocol::sasl_ssl);
    EXPECT_FALSE(parse_security_protocol("TLS"));
    EXPECT_FALSE(parse_security_protocol(""));
}

TEST(SecurityProtocol, says_whether_there_is_tls_and_whether_there_is_sasl) {
    EXPECT_FALSE(uses_tls(SecurityProtocol::sasl_plaintext));
    EXPECT_TRUE(uses_tls(SecurityProtocol::ssl) && uses_tls(SecurityProtocol::sasl_ssl));
    EXPECT_TRUE(uses_sasl(SecurityProtocol::sasl_plaintext));
    EXPECT_FALSE(uses_sasl(SecurityProtocol::ssl));
}

}  // namespace
}  // namespace stoker::security
