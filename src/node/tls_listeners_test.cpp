// Which certificates a running broker takes in the place of the one that it has.
#include "node/tls_listeners.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "base/test_folder.hpp"
#include "security/test_identity.hpp"

namespace stoker::node {
namespace {

using security::CertificateWish;
using security::testing::wish;

class TlsReload : public ::testing::Test {
protected:
    /// With the certificate of "broker".
    void open(broker::ConfigMap properties = {}) {
        write(wish("broker"));
        properties.merge(broker::ConfigMap{{"listeners", "SSL://127.0.0.1:0"},
                                           {"ssl.keystore.type", "PEM"},
                                           {"ssl.keystore.location", folder_.path("own.pem")}});
        auto configs = broker::ConfigStore::create(
            {.properties = std::move(properties), .defaults = {{"log.dirs", "/data"}}});
        ASSERT_TRUE(configs) << configs.error();
        configs_.emplace(std::move(*configs));
        auto opened = TlsListeners::open(*configs_, *broker::Listeners::parse(*configs_));
        ASSERT_TRUE(opened) << opened.error();
        listeners_ = std::move(*opened);
    }
    void write(const CertificateWish& wanted) {
        folder_.write("own.pem", security::testing::pem(security::issue(authority_, wanted)));
    }
    /// Why the file's certificate would be refused.
    std::string why_not() const {
        auto fine = listeners_->check(*configs_);
        return fine ? "" : fine.error();
    }
    /// Whom the certificate in use names, after a look at the file.
    security::CertificateNames names() {
        listeners_->refresh();
        return listeners_->slot("SSL")->get()->names();
    }

    TestFolder folder_;
    security::Identity authority_ = security::make_authority(wish("CA"));
    std::optional<broker::ConfigStore> configs_;
    std::unique_ptr<TlsListeners> listeners_;
};

TEST_F(TlsReload, takes_a_certificate_of_the_same_name) {
    open();
    const std::string before = listeners_->slot("SSL")->get()->certificate();
    CertificateWish renewed = wish("BROKER");
    renewed.valid_until_s += 1'000'000;
    renewed.dns_names.push_back("more");
    write(renewed);
    EXPECT_EQ(why_not(), "");
    EXPECT_TRUE(names().alternatives.contains("DNS:more"));
    EXPECT_NE(listeners_->slot("SSL")->get()->certificate(), before);
}

TEST_F(TlsReload, refuses_another_distinguished_name_unless_that_is_allowed) {
    open();
    write(wish("other"));
    EXPECT_EQ(why_not(),
              "Listener SSL needs TLS. ssl.keystore.location: the certificate in use is of "
              "CN=broker, the new one of CN=other. Where that is meant, start with "
              "ssl.allow.dn.changes=true.");
    EXPECT_EQ(names().subject, "CN=broker");
    open({{"ssl.allow.dn.changes", "true"}});
    write(wish("other"));
    EXPECT_EQ(why_not(), "");
    EXPECT_EQ(names().subject, "CN=other");
}

TEST_F(TlsReload, refuses_to_lose_an_alternative_name_unless_that_is_allowed) {
    CertificateWish fewer = wish("broker");
    fewer.dns_names.clear();
    open();
    write(fewer);
    EXPECT_NE(why_not().find("the certificate in use is for DNS:localhost, the new one is not"),
              std::string::npos);
    EXPECT_TRUE(names().alternatives.contains("DNS:localhost"));
    open({{"listener.name.ssl.ssl.allow.san.changes", "true"}});
    write(fewer);
    EXPECT_EQ(why_not(), "");
    EXPECT_FALSE(names().alternatives.contains("DNS:localhost"));
}

}  // namespace
}  // namespace stoker::node
