#include "security/openssl.hpp"

#include <openssl/err.h>

#include <array>

#include "base/check.hpp"

namespace stoker::security {

void start_openssl() {
    STOKER_CHECK(OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_CONFIG, nullptr) == 1, "OpenSSL starts");
}

std::string openssl_error() {
    const unsigned long error = ERR_peek_last_error();
    std::array<char, 256> text{};
    if (const char* reason = ERR_reason_error_string(error)) {
        ERR_clear_error();
        return reason;
    }
    ERR_error_string_n(error, text.data(), text.size());
    ERR_clear_error();
    return text.data();
}

Owned<BIO> reading(std::string_view text) {
    return Owned<BIO>(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

}  // namespace stoker::security
