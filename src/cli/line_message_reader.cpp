#include "cli/line_message_reader.hpp"

#include <re2/re2.h>

#include <algorithm>
#include <cctype>

#include "kafka/failure.hpp"

namespace stoker::cli {
namespace {

using kafka::ClientProperties;
using kafka::KafkaException;

[[noreturn]] void refuse(std::string why) {
    throw KafkaException(kafka::kafka_exception(std::move(why)));
}

bool is_true(const ClientProperties& properties, std::string_view name) {
    std::string value = properties.get_or(name, "");
    std::erase_if(value, [](unsigned char c) { return c <= ' '; });
    std::ranges::transform(value, value.begin(), [](unsigned char c) { return std::tolower(c); });
    return value == "true";
}

bool is_plain(std::string_view pattern) {
    return pattern.find_first_of("\\^$.|?*+()[]{}") == std::string_view::npos;
}

std::unique_ptr<re2::RE2> compile(const std::string& pattern) {
    if (is_plain(pattern) && !pattern.empty()) return nullptr;
    // Java takes a lone "|" for an empty choice, which splits nowhere but between characters.
    auto compiled = std::make_unique<re2::RE2>(pattern, re2::RE2::Quiet);
    if (!compiled->ok()) {
        throw KafkaException({.exception = "java.util.regex.PatternSyntaxException",
                              .message = compiled->error() + "\n" + pattern});
    }
    return compiled;
}

}  // namespace

LineMessageReader::~LineMessageReader() = default;

LineMessageReader::LineMessageReader(const ClientProperties& properties)
    : parse_key_(is_true(properties, "parse.key")),
      parse_headers_(is_true(properties, "parse.headers")),
      ignore_error_(is_true(properties, "ignore.error")),
      key_separator_(properties.get_or("key.separator", "\t")),
      headers_delimiter_(properties.get_or("headers.delimiter", "\t")),
      headers_separator_(properties.get_or("headers.separator", ",")),
      headers_key_separator_(properties.get_or("headers.key.separator", ":")),
      null_marker_(properties.get("null.marker")),
      separator_pattern_(compile(headers_separator_)) {
    struct Rule {
        bool same;
        std::string_view text;
    };
    const Rule rules[] = {
        {headers_delimiter_ == headers_separator_, "headers.delimiter and headers.separator"},
        {headers_delimiter_ == headers_key_separator_,
         "headers.delimiter and headers.key.separator"},
        {headers_separator_ == headers_key_separator_,
         "headers.separator and headers.key.separator"},
        {key_separator_ == null_marker_, "null.marker and key.separator"},
        {headers_separator_ == null_marker_, "null.marker and headers.separator"},
        {headers_delimiter_ == null_marker_, "null.marker and headers.delimiter"},
        {headers_key_separator_ == null_marker_, "null.marker and headers.key.separator"},
    };
    for (const Rule& rule : rules) {
        if (rule.same) refuse(std::string(rule.text) + " may not be equal");
    }
}

std::optional<ByteView> LineMessageReader::unless_null(std::string_view text) const {
    if (null_marker_ && text == *null_marker_) return std::nullopt;
    return bytes_of(text);
}

const LineRecord& LineMessageReader::parse(std::string_view line) {
    ++line_number_;
    record_ = {};
    std::string_view rest = line;
    const auto headers = part(parse_headers_, rest, line, headers_delimiter_, "headers delimiter");
    if (headers) rest.remove_prefix(headers->size() + headers_delimiter_.size());
    const auto key = part(parse_key_, rest, line, key_separator_, "key separator");
    if (key) rest.remove_prefix(key->size() + key_separator_.size());
    if (key) record_.key = unless_null(*key);
    record_.value = unless_null(rest);
    if (headers && unless_null(*headers)) split_headers(*headers);
    return record_;
}

std::optional<std::string_view> LineMessageReader::part(bool wanted, std::string_view rest,
                                                        std::string_view line,
                                                        std::string_view separator,
                                                        std::string_view what) const {
    if (!wanted) return std::nullopt;
    const size_t at = rest.find(separator);
    if (at != std::string_view::npos) return rest.substr(0, at);
    if (ignore_error_) return std::nullopt;
    refuse("No " + std::string(what) + " found on line number " + std::to_string(line_number_) +
           ": '" + std::string(line) + "'");
}

/// Pattern.split: empty parts at the end do not count, but for a text that is one empty part.
void LineMessageReader::split_headers(std::string_view headers) {
    std::vector<std::string_view> pairs;
    size_t begin = 0;
    size_t from = 0;
    while (from <= headers.size()) {
        size_t at = std::string_view::npos;
        size_t length = headers_separator_.size();
        if (!separator_pattern_) {
            at = headers.find(headers_separator_, from);
        } else if (re2::StringPiece match;
                   separator_pattern_->Match({headers.data(), headers.size()}, from,
                                             headers.size(), re2::RE2::UNANCHORED, &match, 1)) {
            at = size_t(match.data() - headers.data());
            length = match.size();
        }
        if (at == std::string_view::npos || at >= headers.size()) break;
        from = at + std::max<size_t>(length, 1);
        if (length == 0 && at == 0) continue;
        pairs.push_back(headers.substr(begin, at - begin));
        begin = at + length;
    }
    pairs.push_back(headers.substr(std::min(begin, headers.size())));
    while (pairs.size() > 1 && pairs.back().empty()) pairs.pop_back();
    for (const std::string_view pair : pairs) add_header(pair);
}

void LineMessageReader::add_header(std::string_view pair) {
    const size_t at = pair.find(headers_key_separator_);
    if (at == std::string_view::npos) {
        if (!ignore_error_) {
            refuse("No header key separator found in pair '" + std::string(pair) +
                   "' on line number " + std::to_string(line_number_));
        }
        record_.headers.push_back({.key = pair, .value = std::nullopt});
        return;
    }
    const std::string_view key = pair.substr(0, at);
    if (null_marker_ && key == *null_marker_) {
        refuse("Header keys should not be equal to the null marker '" + *null_marker_ +
               "' as they can't be null");
    }
    const std::string_view value = pair.substr(at + headers_key_separator_.size());
    record_.headers.push_back({.key = key, .value = unless_null(value)});
}

}  // namespace stoker::cli
