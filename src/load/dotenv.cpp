#include "load/dotenv.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <expected>

namespace stoker::load {

namespace {

constexpr std::string_view blanks = " \t\r";

std::string_view trimmed(std::string_view text) {
    size_t from = text.find_first_not_of(blanks);
    if (from == std::string_view::npos) return {};
    return text.substr(from, text.find_last_not_of(blanks) - from + 1);
}

bool is_name(std::string_view text) {
    auto is_letter = [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
    };
    auto fits = [&](char c) { return is_letter(c) || (c >= '0' && c <= '9') || c == '.'; };
    return !text.empty() && is_letter(text[0]) && std::ranges::all_of(text, fits);
}

using Parsed = std::expected<std::string, const char*>;

/// `text` begins after the opening quote.
Parsed quoted(std::string_view text, char quote) {
    std::string value;
    for (size_t i = 0; i < text.size(); ++i) {
        if (text[i] == quote) {
            std::string_view rest = trimmed(text.substr(i + 1));
            if (!rest.empty() && rest[0] != '#')
                return std::unexpected("there is text after the closing quote");
            return value;
        }
        bool escaped = quote == '"' && text[i] == '\\' && i + 1 < text.size();
        if (!escaped) {
            value += text[i];
            continue;
        }
        char next = text[++i];
        if (next == 'n')
            value += '\n';
        else if (next == 't')
            value += '\t';
        else if (next == '"' || next == '\\' || next == '$')
            value += next;
        else
            value += {'\\', next};
    }
    return std::unexpected("the quote is not closed");
}

Parsed value_of(std::string_view text) {
    if (!text.empty() && (text[0] == '"' || text[0] == '\''))
        return quoted(text.substr(1), text[0]);
    // A comment begins at a # with a blank before it, so that a password may hold a #.
    for (size_t i = 0; i < text.size(); ++i)
        if (text[i] == '#' && (i == 0 || blanks.contains(text[i - 1])))
            return std::string(trimmed(text.substr(0, i)));
    return std::string(text);
}

std::string_view without_export(std::string_view line) {
    constexpr std::string_view word = "export";
    if (!line.starts_with(word) || line.size() == word.size()) return line;
    if (!blanks.contains(line[word.size()])) return line;
    return trimmed(line.substr(word.size()));
}

}  // namespace

DotEnv parse_dotenv(std::string_view text, std::string_view name) {
    constexpr std::string_view utf8_mark = "\xef\xbb\xbf";
    if (text.starts_with(utf8_mark)) text.remove_prefix(utf8_mark.size());
    DotEnv result;
    for (int number = 1; !text.empty(); ++number) {
        size_t end = std::min(text.find('\n'), text.size());
        std::string_view line = without_export(trimmed(text.substr(0, end)));
        text.remove_prefix(std::min(end + 1, text.size()));
        if (line.empty() || line[0] == '#') continue;
        auto skip = [&](std::string_view why) {
            result.warnings.push_back(fmt::format("{}:{}: {}; line skipped", name, number, why));
        };
        size_t equals = line.find('=');
        if (equals == std::string_view::npos) {
            skip("expected KEY=value");
            continue;
        }
        std::string_view key = trimmed(line.substr(0, equals));
        auto value = value_of(trimmed(line.substr(equals + 1)));
        if (!is_name(key))
            skip("the name before = is not a variable's name");
        else if (!value)
            skip(value.error());
        else
            result.values.insert_or_assign(std::string(key), DotEnv::Value{*value, number});
    }
    return result;
}

}  // namespace stoker::load
