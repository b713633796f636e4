#include "broker/group/consumer/topic_regex.hpp"

#include <re2/re2.h>

#include <memory>

namespace stoker::broker {

namespace {

/// Memory that one compiled expression may take; RE2's own default is 8 MiB.
constexpr int64_t compiled_size_max = 1 << 20;

/// Kafka's RE2 also knows (?<name>…), which the installed one spells (?P<name>…).
std::string with_named_groups(std::string_view regex) {
    std::string text;
    bool is_in_class = false;
    for (size_t at = 0; at < regex.size(); ++at) {
        const std::string_view rest = regex.substr(at);
        if (rest[0] == '\\') {
            text += rest.substr(0, 2);
            ++at;
        } else if (!is_in_class && rest.starts_with("(?<") && !rest.starts_with("(?<=") &&
                   !rest.starts_with("(?<!")) {
            text += "(?P<";
            at += 2;
        } else {
            if (rest[0] == '[') is_in_class = true;
            if (rest[0] == ']') is_in_class = false;
            text += rest[0];
        }
    }
    return text;
}

re2::RE2::Options options() {
    re2::RE2::Options options;
    options.set_log_errors(false);
    options.set_max_mem(compiled_size_max);
    return options;
}

re2::RE2 compile(std::string_view regex) {
    return re2::RE2(with_named_groups(regex), options());
}

std::string_view description(re2::RE2::ErrorCode code) {
    switch (code) {
        case re2::RE2::NoError: return "";
        case re2::RE2::ErrorBadEscape: return "invalid escape sequence";
        case re2::RE2::ErrorBadCharClass: return "invalid character class";
        case re2::RE2::ErrorBadCharRange: return "invalid character class range";
        case re2::RE2::ErrorMissingBracket: return "missing closing ]";
        case re2::RE2::ErrorMissingParen: return "missing closing )";
        case re2::RE2::ErrorTrailingBackslash: return "trailing backslash at end of expression";
        case re2::RE2::ErrorRepeatArgument: return "missing argument to repetition operator";
        case re2::RE2::ErrorRepeatSize: return "invalid repeat count";
        case re2::RE2::ErrorRepeatOp: return "invalid nested repetition operator";
        case re2::RE2::ErrorBadPerlOp: return "invalid or unsupported Perl syntax";
        case re2::RE2::ErrorBadNamedCapture: return "invalid named capture";
        default: return "regexp/syntax: internal error";
    }
}

}  // namespace

std::optional<std::string> regex_error(std::string_view regex) {
    const re2::RE2 compiled = compile(regex);
    if (compiled.ok()) return std::nullopt;
    return std::string(description(compiled.error_code()));
}

std::function<bool(std::string_view)> whole_match(std::string_view regex) {
    auto compiled = std::make_shared<const re2::RE2>(with_named_groups(regex), options());
    return [compiled](std::string_view text) {
        return compiled->ok() && re2::RE2::FullMatch(text, *compiled);
    };
}

std::set<std::string> matching_topics(std::string_view regex, const TopicImage& topics) {
    std::set<std::string> names;
    const re2::RE2 compiled = compile(regex);
    if (!compiled.ok()) return names;
    for (const GroupTopic& topic : topics.topics()) {
        if (re2::RE2::FullMatch(topic.name, compiled)) names.insert(topic.name);
    }
    return names;
}

}  // namespace stoker::broker
