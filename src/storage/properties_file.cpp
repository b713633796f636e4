#include "storage/properties_file.hpp"

#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstdio>

#include "storage/disk_error.hpp"

namespace stoker::storage {

namespace {

constexpr size_t file_size_max = 1 << 20;

bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\f';
}

std::string at_line(size_t number, std::string_view why) {
    return "line " + std::to_string(number) + ": " + std::string(why);
}

/// One natural line without its end: "\n", "\r\n" or "\r".
std::string_view take_natural_line(std::string_view& text) {
    const size_t end = text.find_first_of("\r\n");
    const std::string_view line = text.substr(0, end);
    if (end == text.npos) {
        text = {};
    } else {
        const bool two = text[end] == '\r' && text.substr(end + 1).starts_with('\n');
        text.remove_prefix(end + (two ? 2 : 1));
    }
    return line;
}

std::string_view without_leading_blanks(std::string_view line) {
    while (!line.empty() && is_blank(line.front())) line.remove_prefix(1);
    return line;
}

/// An odd number of backslashes at the end continues the line.
bool is_continued(std::string_view line) {
    size_t backslashes = 0;
    while (backslashes < line.size() && line[line.size() - 1 - backslashes] == '\\') ++backslashes;
    return backslashes % 2 == 1;
}

void append_utf8(std::string& text, uint32_t code) {
    const auto put = [&](uint32_t byte) { text += static_cast<char>(byte); };
    if (code < 0x80) {
        put(code);
    } else if (code < 0x800) {
        put(0xc0 | code >> 6);
        put(0x80 | (code & 0x3f));
    } else if (code < 0x10000) {
        put(0xe0 | code >> 12);
        put(0x80 | (code >> 6 & 0x3f));
        put(0x80 | (code & 0x3f));
    } else {
        put(0xf0 | code >> 18);
        put(0x80 | (code >> 12 & 0x3f));
        put(0x80 | (code >> 6 & 0x3f));
        put(0x80 | (code & 0x3f));
    }
}

/// The four digits at `at`, or nothing.
std::optional<uint32_t> hex_digits(std::string_view text, size_t at) {
    if (text.size() < at + 4) return std::nullopt;
    uint32_t value = 0;
    const char* const first = text.data() + at;
    const auto parsed = std::from_chars(first, first + 4, value, 16);
    if (parsed.ec != std::errc{} || parsed.ptr != first + 4) return std::nullopt;
    return value;
}

/// What follows "\u" at `at`; two halves of a pair make one character, a lone half the sign for
/// what cannot be read (U+FFFD). Moves `at` behind it.
std::optional<uint32_t> take_character(std::string_view text, size_t& at) {
    constexpr uint32_t unreadable = 0xfffd;
    const auto unit = hex_digits(text, at);
    if (!unit) return std::nullopt;
    at += 4;
    if (*unit < 0xd800 || *unit > 0xdfff) return *unit;
    if (*unit > 0xdbff || !text.substr(at).starts_with("\\u")) return unreadable;
    const auto low = hex_digits(text, at + 2);
    if (!low || *low < 0xdc00 || *low > 0xdfff) return unreadable;
    at += 6;
    return 0x10000 + ((*unit - 0xd800) << 10) + (*low - 0xdc00);
}

/// Resolves the backslashes of a key or a value; nothing when a \u is wrong.
std::optional<std::string> unescape(std::string_view text) {
    std::string plain;
    plain.reserve(text.size());
    for (size_t at = 0; at < text.size();) {
        const char c = text[at++];
        if (c != '\\') {
            plain += c;
            continue;
        }
        if (at == text.size()) break;
        const char escaped = text[at++];
        switch (escaped) {
            case 't':
                plain += '\t';
                break;
            case 'n':
                plain += '\n';
                break;
            case 'r':
                plain += '\r';
                break;
            case 'f':
                plain += '\f';
                break;
            case 'u': {
                const auto character = take_character(text, at);
                if (!character) return std::nullopt;
                append_utf8(plain, *character);
                break;
            }
            default:
                plain += escaped;
        }
    }
    return plain;
}

/// Where the key ends: at the first "=", ":" or blank that has no backslash before it.
size_t key_size(std::string_view line) {
    for (size_t at = 0; at < line.size(); ++at) {
        if (line[at] == '\\')
            ++at;
        else if (line[at] == '=' || line[at] == ':' || is_blank(line[at]))
            return at;
    }
    return line.size();
}

void append_escaped(std::string& text, std::string_view plain, bool is_key) {
    for (size_t i = 0; i < plain.size(); ++i) {
        const char c = plain[i];
        switch (c) {
            case ' ':
                if (is_key || i == 0) text += '\\';
                text += ' ';
                break;
            case '\t':
                text += "\\t";
                break;
            case '\n':
                text += "\\n";
                break;
            case '\r':
                text += "\\r";
                break;
            case '\f':
                text += "\\f";
                break;
            case '\\':
            case '=':
            case ':':
            case '#':
            case '!':
                text += '\\';
                [[fallthrough]];
            default:
                text += c;
        }
    }
}

/// As java.util.Date prints it, always in UTC.
std::string date_text(int64_t wall_ms) {
    using namespace std::chrono;
    static constexpr std::array<const char*, 7> days = {"Sun", "Mon", "Tue", "Wed",
                                                        "Thu", "Fri", "Sat"};
    static constexpr std::array<const char*, 12> months = {
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const sys_time<milliseconds> moment{milliseconds(wall_ms)};
    const auto day = floor<std::chrono::days>(moment);
    const year_month_day date(day);
    const hh_mm_ss time(floor<seconds>(moment - day));
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), "%s %s %02u %02d:%02d:%02d UTC %d",
                  days[weekday(day).c_encoding()], months[static_cast<unsigned>(date.month()) - 1],
                  static_cast<unsigned>(date.day()), static_cast<int>(time.hours().count()),
                  static_cast<int>(time.minutes().count()),
                  static_cast<int>(time.seconds().count()), static_cast<int>(date.year()));
    return text.data();
}

}  // namespace

std::optional<std::string_view> Properties::get(std::string_view key) const {
    const auto at = places_.find(key);
    if (at == places_.end()) return std::nullopt;
    return entries_[at->second].second;
}

void Properties::set(std::string_view key, std::string_view value) {
    const auto [at, fresh] = places_.try_emplace(std::string(key), entries_.size());
    if (fresh)
        entries_.emplace_back(key, value);
    else
        entries_[at->second].second = value;
}

std::expected<Properties, std::string> parse_properties(std::string_view text) {
    Properties properties;
    for (size_t number = 1; !text.empty(); ++number) {
        const size_t first_number = number;
        std::string logical(without_leading_blanks(take_natural_line(text)));
        // A comment ends with its line, whatever stands at its end.
        if (logical.empty() || logical[0] == '#' || logical[0] == '!') continue;
        while (is_continued(logical)) {
            logical.pop_back();
            // Before anything was said there is nothing to continue: the next line is a new one.
            if (logical.empty() || text.empty()) break;
            logical += without_leading_blanks(take_natural_line(text));
            ++number;
        }
        if (logical.empty()) continue;
        const std::string_view line = logical;
        const size_t key_end = key_size(line);
        std::string_view rest = without_leading_blanks(line.substr(key_end));
        if (!rest.empty() && (rest[0] == '=' || rest[0] == ':')) {
            rest = without_leading_blanks(rest.substr(1));
        }
        const auto key = unescape(line.substr(0, key_end));
        const auto value = unescape(rest);
        if (!key || !value) {
            return std::unexpected(at_line(first_number, "\\u needs four hexadecimal digits"));
        }
        properties.set(*key, *value);
    }
    return properties;
}

std::string format_properties(const Properties& properties, int64_t wall_ms) {
    std::string text = "#\n#" + date_text(wall_ms) + "\n";
    for (const auto& [key, value] : properties.entries()) {
        append_escaped(text, key, true);
        text += '=';
        append_escaped(text, value, false);
        text += '\n';
    }
    return text;
}

DiskResult<Properties> read_properties(Disk& disk, const std::string& path) {
    const auto content = read_file(disk, path, file_size_max);
    if (!content && content.error().code == EFBIG) {
        return malformed_file(path, "it is larger than 1 MiB, which no properties file is");
    }
    if (!content) return std::unexpected(content.error());
    auto properties = parse_properties(text_of(*content));
    if (!properties) return malformed_file(path, properties.error());
    return std::move(*properties);
}

}  // namespace stoker::storage
