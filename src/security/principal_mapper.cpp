#include "security/principal_mapper.hpp"

#include <re2/re2.h>

#include <cctype>
#include <optional>
#include <utility>

#include <fmt/format.h>

namespace stoker::security {
namespace {

constexpr int64_t pattern_memory_max = 1 << 20;

enum class Case { kept, lower, upper };

/// Java folds with the rules of English; names beyond ASCII are left as they are.
std::string folded(std::string text, Case how) {
    for (char& c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (how == Case::lower) c = char(byte < 128 ? std::tolower(byte) : byte);
        if (how == Case::upper) c = char(byte < 128 ? std::toupper(byte) : byte);
    }
    return text;
}

struct Scan {
    std::string_view text;
    size_t at = 0;

    bool done() const { return at >= text.size(); }
    void skip_blanks() {
        while (!done() && std::isspace(static_cast<unsigned char>(text[at]))) ++at;
    }
    bool take(std::string_view word) {
        if (!text.substr(at).starts_with(word)) return false;
        at += word.size();
        return true;
    }
    /// Up to the next slash that no backslash escapes, which is taken too.
    std::optional<std::string> to_slash() {
        const size_t from = at;
        while (!done() && text[at] != '/') {
            if (text[at] == '\\') ++at;
            ++at;
        }
        if (done()) return std::nullopt;
        return std::string(text.substr(from, at++ - from));
    }
};

}  // namespace

struct PrincipalMapper::Rule {
    std::unique_ptr<re2::RE2> pattern;  // none: DEFAULT
    std::string replacement;
    Case fold = Case::kept;

    std::optional<std::string> apply(const std::string& name) const;
    std::string expand(const std::vector<re2::StringPiece>& groups) const;
};

PrincipalMapper::PrincipalMapper() = default;
PrincipalMapper::~PrincipalMapper() = default;
PrincipalMapper::PrincipalMapper(PrincipalMapper&&) noexcept = default;
PrincipalMapper& PrincipalMapper::operator=(PrincipalMapper&&) noexcept = default;

std::expected<PrincipalMapper, std::string> PrincipalMapper::parse(std::string_view rules) {
    PrincipalMapper mapper;
    Scan scan{rules};
    const auto wrong = [&](const std::string& why) {
        return std::unexpected(fmt::format(
            "ssl.principal.mapping.rules: {}. A rule is DEFAULT or RULE:pattern/replacement/ with "
            "L or U behind it; rules are separated by commas.",
            why));
    };
    for (scan.skip_blanks(); !scan.done(); scan.skip_blanks()) {
        if (scan.take(",")) continue;  // an empty rule is none, as in Java
        Rule rule;
        const size_t from = scan.at;
        if (scan.take("RULE:")) {
            const auto pattern = scan.to_slash();
            const auto replacement = pattern ? scan.to_slash() : std::nullopt;
            if (!replacement)
                return wrong(fmt::format("'{}' lacks a slash", rules.substr(from)));
            RE2::Options options;
            options.set_log_errors(false);
            options.set_max_mem(pattern_memory_max);
            rule.pattern = std::make_unique<re2::RE2>(*pattern, options);
            if (!rule.pattern->ok())
                return wrong(fmt::format("the pattern '{}' is not understood ({})", *pattern,
                                         rule.pattern->error()));
            rule.replacement = *replacement;
            if (scan.take("L")) rule.fold = Case::lower;
            else if (scan.take("U")) rule.fold = Case::upper;
        } else if (!scan.take("DEFAULT")) {
            return wrong(fmt::format("'{}' is no rule", rules.substr(from)));
        }
        scan.skip_blanks();
        if (!scan.done() && !scan.take(","))
            return wrong(fmt::format("'{}' follows a rule", rules.substr(scan.at)));
        mapper.rules_.push_back(std::move(rule));
    }
    return mapper;
}

/// Java's replacement: $1 is a group, $9 of a pattern with fewer groups is "$9", and a backslash
/// takes the next character as it is.
std::string PrincipalMapper::Rule::expand(const std::vector<re2::StringPiece>& groups) const {
    std::string text;
    for (size_t i = 0; i < replacement.size(); ++i) {
        const char c = replacement[i];
        const auto digit_at = [&](size_t at) {
            return at < replacement.size() &&
                   std::isdigit(static_cast<unsigned char>(replacement[at]));
        };
        if (c == '\\' && i + 1 < replacement.size()) {
            text += replacement[++i];
        } else if (c == '$' && digit_at(i + 1)) {
            size_t group = 0, end = i + 1;
            while (digit_at(end)) {
                const size_t longer = group * 10 + size_t(replacement[end] - '0');
                if (longer >= groups.size()) break;
                group = longer;
                ++end;
            }
            if (end == i + 1) {
                text += c;
                continue;
            }
            if (groups[group].data() != nullptr)
                text.append(groups[group].data(), groups[group].size());
            i = end - 1;
        } else {
            text += c;
        }
    }
    return text;
}

std::optional<std::string> PrincipalMapper::Rule::apply(const std::string& name) const {
    if (!pattern) return name;
    if (!RE2::FullMatch(name, *pattern)) return std::nullopt;
    std::vector<re2::StringPiece> groups(size_t(pattern->NumberOfCapturingGroups()) + 1);
    std::string result;
    size_t at = 0;
    size_t kept = 0;  // of `name`, up to here it is in `result`
    while (at <= name.size() && pattern->Match(name, at, name.size(), RE2::UNANCHORED,
                                               groups.data(), int(groups.size()))) {
        const size_t begin = size_t(groups[0].data() - name.data());
        result.append(name, kept, begin - kept);
        result += expand(groups);
        kept = begin + groups[0].size();
        at = groups[0].empty() ? kept + 1 : kept;
    }
    if (kept < name.size()) result.append(name, kept);
    return folded(std::move(result), fold);
}

std::expected<std::string, std::string> PrincipalMapper::name_of(
    const std::string& distinguished_name) const {
    for (const Rule& rule : rules_)
        if (auto name = rule.apply(distinguished_name)) return *name;
    return std::unexpected("no rule of ssl.principal.mapping.rules applies to its certificate's "
                           "name " +
                           distinguished_name);
}

}  // namespace stoker::security
