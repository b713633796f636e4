#include "security/plain_server.hpp"

#include <array>
#include <utility>

#include "security/crypto.hpp"

namespace stoker::security {
namespace {

constexpr size_t key_size = 32;

std::unexpected<SaslFailure> refused(std::string reason, std::string told = {}) {
    return std::unexpected(SaslFailure{std::move(reason), std::move(told)});
}

class PlainServer final : public SaslServer {
public:
    explicit PlainServer(std::shared_ptr<const PlainUsers> users) : users_(std::move(users)) {}

    std::expected<Bytes, SaslFailure> evaluate(ByteView token) override {
        // [authzid] NUL authcid NUL password
        std::string_view text = text_of(token);
        size_t first = text.find('\0');
        size_t second = first == text.npos ? text.npos : text.find('\0', first + 1);
        if (second == text.npos) return refused("the message has not the form of PLAIN");
        std::string_view as = text.substr(0, first);
        std::string_view user = text.substr(first + 1, second - first - 1);
        std::string_view password = text.substr(second + 1);
        if (password.find('\0') != password.npos)
            return refused("the message has not the form of PLAIN");
        if (user.empty()) return refused("no user name was given");
        if (password.empty()) return refused("no password was given");
        if (!users_->admits(user, password))
            return refused("wrong user name or password",
                           "Authentication failed: Invalid username or password");
        if (!as.empty() && as != user)
            return refused("it wants to act as another user",
                           "Authentication failed: Client requested an authorization id that is "
                           "different from username");
        user_ = user;
        return Bytes{};
    }

    bool complete() const override { return !user_.empty(); }
    const std::string& user() const override { return user_; }

private:
    std::shared_ptr<const PlainUsers> users_;
    std::string user_;
};

}  // namespace

PlainUsers::PlainUsers(const std::map<std::string, std::string, std::less<>>& passwords)
    : key_(random_bytes(key_size)), nobody_(random_bytes(size_of(Digest::sha_256))) {
    for (const auto& [user, password] : passwords)
        digests_[user] = hmac(Digest::sha_256, key_, bytes_of(password));
}

bool PlainUsers::admits(std::string_view user, std::string_view password) const {
    auto found = digests_.find(user);
    const Bytes& expected = found == digests_.end() ? nobody_ : found->second;
    bool same = equal_in_constant_time(hmac(Digest::sha_256, key_, bytes_of(password)), expected);
    return same && found != digests_.end();
}

std::unique_ptr<SaslServer> plain_server(std::shared_ptr<const PlainUsers> users) {
    return std::make_unique<PlainServer>(std::move(users));
}

}  // namespace stoker::security
