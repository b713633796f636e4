#include "security/jaas.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace stoker::security {
namespace {

constexpr auto modules = std::to_array<std::pair<std::string_view, LoginModule>>({
    {"org.apache.kafka.common.security.plain.PlainLoginModule", LoginModule::plain},
    {"org.apache.kafka.common.security.scram.ScramLoginModule", LoginModule::scram},
    {"org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule",
     LoginModule::oauthbearer},
});
constexpr std::array<std::string_view, 4> control_flags{"REQUIRED", "REQUISITE", "SUFFICIENT",
                                                        "OPTIONAL"};

struct Token {
    enum class Kind : uint8_t { end, word, equals, semicolon };
    Kind kind = Kind::end;
    std::string text;
};

/// java.io.StreamTokenizer as Kafka's JaasConfig sets it up.
class Tokenizer {
public:
    explicit Tokenizer(std::string_view text) : rest_(text) {}

    Token next() {
        skip_blanks_and_comments();
        if (rest_.empty()) return {};
        char c = rest_.front();
        if (c == '=' || c == ';') {
            rest_.remove_prefix(1);
            return {c == '=' ? Token::Kind::equals : Token::Kind::semicolon, {}};
        }
        if (c == '"' || c == '\'') return {Token::Kind::word, quoted()};
        return {Token::Kind::word, bare()};
    }

private:
    static bool blank(char c) { return static_cast<unsigned char>(c) <= ' '; }
    static bool ends_word(char c) {
        return blank(c) || c == '=' || c == ';' || c == '"' || c == '\'' || c == '/';
    }
    static bool octal(char c) { return c >= '0' && c <= '7'; }

    void skip_blanks_and_comments() {
        while (!rest_.empty()) {
            if (blank(rest_.front())) {
                rest_.remove_prefix(1);
            } else if (rest_.starts_with("/*")) {
                size_t end = rest_.find("*/", 2);
                rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 2);
            } else if (rest_.front() == '/') {
                rest_.remove_prefix(std::min(rest_.find_first_of("\r\n"), rest_.size()));
            } else {
                return;
            }
        }
    }

    std::string bare() {
        size_t size = 0;
        while (size < rest_.size() && !ends_word(rest_[size])) ++size;
        std::string word(rest_.substr(0, size));
        rest_.remove_prefix(size);
        return word;
    }

    /// Ends at its quote, at the end of the line or of the text, whichever is first.
    std::string quoted() {
        char quote = rest_.front();
        rest_.remove_prefix(1);
        std::string word;
        while (!rest_.empty() && rest_.front() != quote && rest_.front() != '\n' &&
               rest_.front() != '\r') {
            char c = rest_.front();
            rest_.remove_prefix(1);
            word += c == '\\' && !rest_.empty() ? escaped() : c;
        }
        if (!rest_.empty() && rest_.front() == quote) rest_.remove_prefix(1);
        return word;
    }

    char escaped() {
        char c = rest_.front();
        rest_.remove_prefix(1);
        switch (c) {
            case 'a': return '\x07';
            case 'b': return '\b';
            case 'f': return '\f';
            case 'n': return '\n';
            case 'r': return '\r';
            case 't': return '\t';
            case 'v': return '\v';
            default: break;
        }
        if (!octal(c)) return c;
        // One to three digits, three only up to \377.
        int value = c - '0';
        int digits_max = c <= '3' ? 3 : 2;
        for (int digits = 1; digits < digits_max && !rest_.empty() && octal(rest_.front());
             ++digits) {
            value = value * 8 + (rest_.front() - '0');
            rest_.remove_prefix(1);
        }
        return char(value);
    }

    std::string_view rest_;
};

std::unexpected<std::string> wrong(std::string_view why) {
    return std::unexpected(std::string(why));
}

std::string upper(std::string text) {
    std::ranges::transform(text, text.begin(), [](unsigned char c) {
        return char(c >= 'a' && c <= 'z' ? c - ('a' - 'A') : c);
    });
    return text;
}

std::expected<LoginModule, std::string> module_of(const Token& token) {
    if (token.kind == Token::Kind::end) return wrong("it names no login module");
    auto known = std::ranges::find(modules, std::string_view(token.text),
                                   &std::pair<std::string_view, LoginModule>::first);
    if (token.kind == Token::Kind::word && known != modules.end()) return known->second;
    return wrong(
        "its login module is none of PlainLoginModule, ScramLoginModule and "
        "OAuthBearerLoginModule of org.apache.kafka.common.security.plain, .scram and "
        ".oauthbearer");
}

}  // namespace

std::optional<std::string> JaasEntry::option(std::string_view name) const {
    auto found = options.find(name);
    return found == options.end() ? std::nullopt : std::optional(found->second);
}

std::map<std::string, std::string, std::less<>> JaasEntry::options_after(
    std::string_view prefix) const {
    std::map<std::string, std::string, std::less<>> found;
    for (const auto& [name, value] : options)
        if (name.starts_with(prefix)) found[name.substr(prefix.size())] = value;
    return found;
}

std::expected<JaasEntry, std::string> parse_jaas(std::string_view text) {
    if (text.size() > jaas_text_max) return wrong("it is longer than a configuration can be");
    Tokenizer tokens(text);
    auto module = module_of(tokens.next());
    if (!module) return std::unexpected(module.error());
    Token flag = tokens.next();
    if (flag.kind != Token::Kind::word ||
        std::ranges::find(control_flags, upper(flag.text)) == control_flags.end())
        return wrong("the login module is not followed by required (or requisite, sufficient, "
                     "optional)");
    JaasEntry entry{.module = *module, .options = {}};
    for (;;) {
        Token name = tokens.next();
        if (name.kind == Token::Kind::semicolon) break;
        if (name.kind == Token::Kind::end) return wrong("it does not end with a semicolon");
        Token equals = tokens.next();
        Token value = tokens.next();
        if (name.kind != Token::Kind::word || equals.kind != Token::Kind::equals ||
            value.kind != Token::Kind::word)
            return wrong("an option is not of the form name=\"value\"");
        entry.options[name.text] = value.text;
    }
    if (tokens.next().kind != Token::Kind::end) return wrong("it has more than one login module");
    return entry;
}

}  // namespace stoker::security
