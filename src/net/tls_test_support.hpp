// For tests: servers that encrypt, and a real TLS client that waits at most ten seconds.
#pragma once

#include <openssl/err.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "net/test_support.hpp"
#include "security/test_identity.hpp"
#include "security/tls_context.hpp"

namespace stoker::net::testing {

using security::ClientAuth;
using security::Identity;
using security::TlsContext;
using security::TlsSettings;

/// An authority that both sides trust, and settings for both.
struct TestTls {
    Identity authority = security::make_authority(security::testing::wish("CA"));
    Identity identity = security::issue(authority, security::testing::wish("server"));

    TlsSettings server(ClientAuth auth = ClientAuth::none) const {
        TlsSettings settings;
        settings.key_store = security::testing::key_store(identity);
        settings.trust_store = security::testing::trust_store(authority);
        settings.client_auth = auth;
        return settings;
    }
    TlsSettings client() const {
        TlsSettings settings;
        settings.trust_store = security::testing::trust_store(authority);
        return settings;
    }
    TlsSettings client_named(const security::CertificateWish& wish) const {
        TlsSettings settings = client();
        settings.key_store = security::testing::key_store(security::issue(authority, wish));
        return settings;
    }
};

inline std::shared_ptr<const TlsContext> server_context(const TlsSettings& settings) {
    auto context = TlsContext::for_server(settings);
    STOKER_CHECK(context.has_value(), "the test's settings are good");
    return *context;
}

inline ListenerOptions tls_listener(
    const TlsSettings& settings,
    security::SecurityProtocol protocol = security::SecurityProtocol::ssl) {
    return {.name = std::string(security::name(protocol)),
            .host = "127.0.0.1",
            .protocol = protocol,
            .tls = std::make_shared<security::TlsSlot>(server_context(settings))};
}

/// Blocking; shakes hands when it is made.
class TlsTestClient {
public:
    TlsTestClient(uint16_t port, const TlsSettings& settings) : plain_(port) {
        auto context = TlsContext::for_client(settings);
        STOKER_CHECK(context.has_value(), "the test's settings are good");
        tls_ = (*context)->connect("127.0.0.1");
        SSL_set_fd(tls_.get(), plain_.socket());
        ERR_clear_error();
        shaken_ = SSL_do_handshake(tls_.get()) == 1;
    }

    bool shaken() const { return shaken_; }
    TestClient& plain() { return plain_; }
    SSL* tls() { return tls_.get(); }
    bool send(ByteView bytes) {
        size_t sent = 0;
        ERR_clear_error();
        return bytes.empty() ||
               SSL_write_ex(tls_.get(), bytes.data(), bytes.size(), &sent) == 1;
    }
    bool send_frame(std::string_view text) { return send(framed(text)); }
    std::optional<Bytes> read(size_t size) {
        Bytes bytes(size);
        size_t have = 0, got = 0;
        ERR_clear_error();
        while (have < size) {
            if (SSL_read_ex(tls_.get(), bytes.data() + have, size - have, &got) != 1)
                return std::nullopt;
            have += got;
        }
        return bytes;
    }
    std::string read_frame() {
        const auto prefix = read(4);
        if (!prefix) return "<closed>";
        const auto body = read(static_cast<size_t>(load_big_endian<int32_t>(prefix->data())));
        return body ? std::string(text_of(*body)) : "<closed>";
    }
    /// The next read ends in good order, with close_notify, and not by a cut connection.
    bool closed_in_good_order() {
        std::byte byte;
        size_t got = 0;
        ERR_clear_error();
        const int code = SSL_read_ex(tls_.get(), &byte, 1, &got);
        return code != 1 && SSL_get_error(tls_.get(), code) == SSL_ERROR_ZERO_RETURN;
    }

private:
    TestClient plain_;
    security::Owned<SSL> tls_;
    bool shaken_ = false;
};

}  // namespace stoker::net::testing
