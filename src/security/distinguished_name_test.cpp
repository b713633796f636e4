// The DER and the texts are what Java's X500Principal makes of each other.
#include "security/distinguished_name.hpp"

#include <gtest/gtest.h>

#include "base/bytes.hpp"
#include "security/openssl.hpp"

namespace stoker::security {
namespace {

struct Case {
    const char* der;
    const char* text;
};

TEST(DistinguishedName, is_written_as_java_writes_it) {
    for (const Case& one : {
             Case{"3040310b30090603550406130255533114300806035504071301793008060355040a130178310c30"
                  "0a060355040b1303612c62310d300b0603550403130444756b65",
                  R"(CN=Duke,OU=a\,b,L=y+O=x,C=US)"},
             Case{"3022310a300806035504031301783114301206092a864886f70d01090116056140622e63",
                  "1.2.840.113549.1.9.1=#16056140622e63,CN=x"},
             Case{"3044310a300806035504091301733111300f060a0992268993f22c6401011301753113301106"
                  "0a0992268993f22c6401191603636f6d310e300c06035504030c05613d622363",
                  R"(CN=a\=b\#c,DC=com,UID=u,STREET=s)"},
             Case{"301c310d300b06035504030c04c3a93b78310b3009060355040513023132",
                  "2.5.4.5=#13023132,CN=é\\;x"},
             Case{"3022310a3008060355040a1301633114300806035504031301613008060355040b130162",
                  "CN=a+OU=b,O=c"},
             Case{"3025310a30080603550403130179310a3008060355042a130178310b3009060355040c13024472",
                  "2.5.4.12=#13024472,2.5.4.42=#130178,CN=y"},
             Case{"304d3114301206035504030c0b20236c656164202c207820310a3008060355040a0c01613113"
                  "3011060a0992268993f22c6401191603636f6d3114301206092a864886f70d01090116056140622e"
                  "63",
                  R"(1.2.840.113549.1.9.1=#16056140622e63,DC=com,O=a,CN=\ \#lead \, x\ )"},
         }) {
        const Bytes der = from_hex(one.der);
        const auto* bytes = reinterpret_cast<const unsigned char*>(der.data());
        X509_NAME* name = d2i_X509_NAME(nullptr, &bytes, long(der.size()));
        ASSERT_NE(name, nullptr) << one.text;
        EXPECT_EQ(distinguished_name(name), one.text);
        X509_NAME_free(name);
    }
}

}  // namespace
}  // namespace stoker::security
