#include "security/scram_server.hpp"

#include <algorithm>
#include <utility>

namespace stoker::security {
namespace {

constexpr size_t secret_size = 32;

std::unexpected<SaslFailure> refused(std::string reason, std::string told = {}) {
    return std::unexpected(SaslFailure{std::move(reason), std::move(told)});
}

/// A salt for a name without a user: the same each time, and of no user's.
Bytes salt_for_nobody(const std::string& user, size_t size) {
    static const Bytes secret = random_bytes(secret_size);
    Bytes salt;
    for (char block = '0'; salt.size() < size; ++block) {
        Bytes more = hmac(Digest::sha_512, secret, bytes_of(block + user));
        salt.insert(salt.end(), more.begin(), more.end());
    }
    salt.resize(size);
    return salt;
}

class ScramServer final : public SaslServer {
public:
    ScramServer(ScramMechanism mechanism, ScramUsers users)
        : mechanism_(mechanism), digest_(digest_of(mechanism)), users_(std::move(users)) {}

    std::expected<Bytes, SaslFailure> evaluate(ByteView token) override {
        switch (std::exchange(state_, State::spent)) {
            case State::first: return on_first(text_of(token));
            case State::final: return on_final(text_of(token));
            case State::complete:
            case State::spent: break;
        }
        return refused("a message came that nobody waited for");
    }

    bool complete() const override { return state_ == State::complete; }
    const std::string& user() const override { return client_.user; }

private:
    enum class State : uint8_t { first, final, complete, spent };

    std::expected<Bytes, SaslFailure> on_first(std::string_view text) {
        auto message = parse_client_first(text);
        if (!message) return refused(message.error());
        client_ = std::move(*message);
        auto by_token = client_.extensions.find("tokenauth");
        if (by_token != client_.extensions.end() && by_token->second == "true")
            return refused("delegation tokens are not supported");
        if (!client_.acts_as.empty() && client_.acts_as != client_.user)
            return refused("it wants to act as another user",
                           "Authentication failed: Client requested an authorization id that is "
                           "different from username");
        ScramLookup found = users_(client_.user);
        // Made for everybody, so that it takes the same time for everybody.
        Bytes salt = salt_for_nobody(client_.user, found.usual.salt_size);
        known_ = found.credential && found.credential->iterations >= scram_iterations_min &&
                 found.credential->stored_key.size() == size_of(digest_);
        if (known_) credential_ = std::move(*found.credential);
        else
            credential_ = {.salt = std::move(salt),
                           .stored_key = random_bytes(size_of(digest_)),
                           .server_key = random_bytes(size_of(digest_)),
                           .iterations = found.usual.iterations};
        nonce_ = client_.nonce + scram_nonce();
        server_first_ = to_text(
            {.nonce = nonce_, .salt = credential_.salt, .iterations = credential_.iterations});
        state_ = State::final;
        return to_bytes(server_first_);
    }

    std::expected<Bytes, SaslFailure> on_final(std::string_view text) {
        auto message = parse_client_final(text);
        if (!message) return refused(message.error());
        // librdkafka before 2.6.1 puts its own nonce before the whole once more (its PR 4895);
        // Apache Kafka 3.9 lets it pass, and what is signed is as fresh.
        if (message->nonce != nonce_ && message->nonce != client_.nonce + nonce_)
            return refused("the nonce is not the one that was given");
        if (text_of(message->channel_binding) != client_.gs2_header)
            return refused("the channel binding is not what was announced");
        if (message->proof.size() != size_of(digest_)) return refused("the proof is malformed");
        std::string signed_text = client_.bare + "," + server_first_ + "," + message->without_proof;
        Bytes signature = hmac(digest_, credential_.stored_key, bytes_of(signed_text));
        Bytes client_key = exclusive_or(message->proof, signature);
        bool proven =
            equal_in_constant_time(hash(digest_, client_key), credential_.stored_key);
        if (!proven || !known_) return refused("wrong user name or password");
        Bytes answer = hmac(digest_, credential_.server_key, bytes_of(signed_text));
        state_ = State::complete;
        return to_bytes("v=" + base64(answer));
    }

    ScramMechanism mechanism_;
    Digest digest_;
    ScramUsers users_;
    State state_ = State::first;
    ClientFirst client_;
    ScramCredential credential_;
    bool known_ = false;
    std::string nonce_;
    std::string server_first_;
};

}  // namespace

std::unique_ptr<SaslServer> scram_server(ScramMechanism mechanism, ScramUsers users) {
    return std::make_unique<ScramServer>(mechanism, std::move(users));
}

}  // namespace stoker::security
