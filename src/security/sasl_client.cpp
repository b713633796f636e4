#include "security/sasl_client.hpp"

#include <utility>

namespace stoker::security {
namespace {

using Next = std::expected<std::optional<Bytes>, std::string>;

class PlainClient final : public SaslClient {
public:
    PlainClient(std::string user, std::string password)
        : user_(std::move(user)), password_(std::move(password)) {}

    Bytes first() override { return to_bytes('\0' + user_ + '\0' + password_); }
    Next evaluate(ByteView challenge) override {
        if (!challenge.empty()) return std::unexpected("the server asks for more than PLAIN has");
        complete_ = true;
        return std::nullopt;
    }
    bool complete() const override { return complete_; }

private:
    std::string user_;
    std::string password_;
    bool complete_ = false;
};

class ScramClient final : public SaslClient {
public:
    ScramClient(ScramMechanism mechanism, std::string user, std::string password,
                std::string nonce)
        : mechanism_(mechanism),
          digest_(digest_of(mechanism)),
          password_(std::move(password)),
          nonce_(nonce.empty() ? scram_nonce() : std::move(nonce)),
          bare_("n=" + to_sasl_name(user) + ",r=" + nonce_) {}

    Bytes first() override { return to_bytes("n,," + bare_); }

    Next evaluate(ByteView challenge) override {
        switch (std::exchange(state_, State::spent)) {
            case State::first: return on_server_first(text_of(challenge));
            case State::final: return on_server_final(text_of(challenge));
            case State::complete:
            case State::spent: break;
        }
        return std::unexpected("the server sent a message that nobody waited for");
    }
    bool complete() const override { return state_ == State::complete; }

private:
    enum class State : uint8_t { first, final, complete, spent };

    Next on_server_first(std::string_view text) {
        auto message = parse_server_first(text);
        if (!message) return std::unexpected("The server's first message: " + message.error());
        if (!message->nonce.starts_with(nonce_) || message->nonce.size() == nonce_.size())
            return std::unexpected(
                "Invalid server nonce: does not start with client nonce, or adds nothing to it");
        if (message->iterations < scram_iterations_min)
            return std::unexpected("Requested iterations " + std::to_string(message->iterations) +
                                   " is less than the minimum " +
                                   std::to_string(scram_iterations_min) + " for " +
                                   std::string(name(mechanism_)));
        if (message->iterations > scram_iterations_max)
            return std::unexpected("Requested iterations " + std::to_string(message->iterations) +
                                   " is more than the maximum " +
                                   std::to_string(scram_iterations_max));
        Bytes salted = pbkdf2(digest_, password_, message->salt, message->iterations);
        Bytes client_key = hmac(digest_, salted, bytes_of("Client Key"));
        server_key_ = hmac(digest_, salted, bytes_of("Server Key"));
        std::string without_proof = "c=" + base64(bytes_of("n,,")) + ",r=" + message->nonce;
        signed_text_ = bare_ + "," + std::string(text) + "," + without_proof;
        Bytes signature = hmac(digest_, hash(digest_, client_key), bytes_of(signed_text_));
        state_ = State::final;
        return to_bytes(without_proof + ",p=" + base64(exclusive_or(client_key, signature)));
    }

    Next on_server_final(std::string_view text) {
        auto signature = parse_server_final(text);
        if (!signature) return std::unexpected("The server's final message: " + signature.error());
        if (!equal_in_constant_time(*signature, hmac(digest_, server_key_, bytes_of(signed_text_))))
            return std::unexpected("Invalid server signature in server final message");
        state_ = State::complete;
        return std::nullopt;
    }

    ScramMechanism mechanism_;
    Digest digest_;
    std::string password_;
    std::string nonce_;
    std::string bare_;
    State state_ = State::first;
    Bytes server_key_;
    std::string signed_text_;
};

class OAuthBearerClient final : public SaslClient {
public:
    OAuthBearerClient(std::string token,
                      std::vector<std::pair<std::string, std::string>> extensions)
        : token_(std::move(token)), extensions_(std::move(extensions)) {}

    Bytes first() override {
        std::string text = "n,,\x01" "auth=Bearer " + token_;
        for (const auto& [key, value] : extensions_) text += "\x01" + key + "=" + value;
        return to_bytes(text + "\x01\x01");
    }
    Next evaluate(ByteView challenge) override {
        if (!challenge.empty()) return to_bytes("\x01");  // the server says why, then refuses
        complete_ = true;
        return std::nullopt;
    }
    bool complete() const override { return complete_; }

private:
    std::string token_;
    std::vector<std::pair<std::string, std::string>> extensions_;
    bool complete_ = false;
};

}  // namespace

std::unique_ptr<SaslClient> plain_client(std::string user, std::string password) {
    return std::make_unique<PlainClient>(std::move(user), std::move(password));
}

std::unique_ptr<SaslClient> scram_client(ScramMechanism mechanism, std::string user,
                                         std::string password, std::string nonce) {
    return std::make_unique<ScramClient>(mechanism, std::move(user), std::move(password),
                                         std::move(nonce));
}

std::unique_ptr<SaslClient> oauthbearer_client(
    std::string token, std::vector<std::pair<std::string, std::string>> extensions) {
    return std::make_unique<OAuthBearerClient>(std::move(token), std::move(extensions));
}

}  // namespace stoker::security
