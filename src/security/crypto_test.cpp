#include "security/crypto.hpp"

#include <gtest/gtest.h>

namespace stoker::security {
namespace {

TEST(Crypto, hmac_is_that_of_rfc_4231) {
    EXPECT_EQ(hex(hmac(Digest::sha_256, Bytes(20, std::byte{0x0b}), bytes_of("Hi There"))),
              "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    EXPECT_EQ(hex(hmac(Digest::sha_512, bytes_of("Jefe"),
                       bytes_of("what do ya want for nothing?"))),
              "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
              "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737");
}

TEST(Crypto, pbkdf2_is_that_of_rfc_7914) {
    EXPECT_EQ(hex(pbkdf2(Digest::sha_256, "passwd", bytes_of("salt"), 1)),
              "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc");
}

TEST(Crypto, base64_is_that_of_rfc_4648) {
    const std::pair<std::string_view, std::string_view> pairs[] = {
        {"", ""},         {"f", "Zg=="},         {"fo", "Zm8="},        {"foo", "Zm9v"},
        {"foob", "Zm9vYg=="}, {"fooba", "Zm9vYmE="}, {"foobar", "Zm9vYmFy"}};
    for (const auto& [plain, encoded] : pairs) {
        EXPECT_EQ(base64(bytes_of(plain)), encoded);
        EXPECT_EQ(from_base64(encoded), to_bytes(plain));
    }
    EXPECT_EQ(base64_url(from_hex("fbff")), "-_8");
    EXPECT_EQ(from_base64_url("-_8"), from_hex("fbff"));
}

TEST(Crypto, what_is_no_base64_is_refused) {
    for (const char* text : {"Z", "Zg", "Zg=", "Zg===", "Zh==", "Zm9=", "Z===", "Zm 9", "-_8="})
        EXPECT_EQ(from_base64(text), std::nullopt) << text;
    for (const char* text : {"Z", "Zg==", "Zh", "+/8"})
        EXPECT_EQ(from_base64_url(text), std::nullopt) << text;
}

TEST(Crypto, bytes_of_different_sizes_are_not_equal) {
    EXPECT_TRUE(equal_in_constant_time(bytes_of("abc"), bytes_of("abc")));
    EXPECT_FALSE(equal_in_constant_time(bytes_of("abc"), bytes_of("abd")));
    EXPECT_FALSE(equal_in_constant_time(bytes_of("abc"), bytes_of("abcd")));
}

}  // namespace
}  // namespace stoker::security
