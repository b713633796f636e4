#include "broker/config/config_rules.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

#include "broker/config/config_value.hpp"

namespace stoker::broker {
namespace {

using Checked = std::expected<void, std::string>;

constexpr std::string_view duration_prefix = "by_duration:";

std::unexpected<std::string> invalid(const ConfigDeclaration& config, std::string_view value,
                                     std::string_view why) {
    return std::unexpected(invalid_value(config.name, value, why));
}

bool all_digits(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

std::string upper(std::string_view text) {
    std::string result(text);
    for (char& c : result)
        if (c >= 'a' && c <= 'z') c = char(c - 'a' + 'A');
    return result;
}

bool among(std::string_view words, std::string_view value) {
    std::vector<std::string> known = split_list(words);
    return std::ranges::find(known, value) != known.end();
}

// The bounds of ranges are whole but for one of 0.5.
std::string bound(double value) {
    return value == std::floor(value) ? std::to_string(int64_t(value)) : to_text(value);
}

Checked check_word(const ConfigDeclaration& config, std::string_view value) {
    if (among(config.rule.words, value)) return {};
    return invalid(config, value, "String must be one of: " + std::string(config.rule.words));
}

// A part of an ISO 8601 duration: digits and one of the units, in the units' order.
bool take_parts(std::string_view& text, std::string_view units, bool fraction_in_last) {
    bool any = false;
    for (size_t i = 0; i < units.size() && !text.empty(); ++i) {
        size_t end = text.find(units[i]);
        if (end == std::string_view::npos) continue;
        std::string_view number = text.substr(0, end);
        if (number.starts_with('+')) number.remove_prefix(1);
        size_t dot = fraction_in_last && i + 1 == units.size() ? number.find('.')
                                                               : std::string_view::npos;
        bool fine = dot == std::string_view::npos
                        ? all_digits(number)
                        : all_digits(number.substr(0, dot)) && number.size() - dot <= 10 &&
                              (number.size() == dot + 1 || all_digits(number.substr(dot + 1)));
        if (!fine) return false;
        text.remove_prefix(end + 1);
        any = true;
    }
    return any;
}

// PnDTnHnMn.nS, not negative.
bool is_duration(std::string_view text) {
    std::string shouted = upper(text);
    std::string_view rest = shouted;
    if (rest.starts_with('+')) rest.remove_prefix(1);
    if (!rest.starts_with('P')) return false;
    rest.remove_prefix(1);
    std::string_view days = rest.substr(0, rest.find('T'));
    rest.remove_prefix(days.size());
    if (!days.empty() && !(take_parts(days, "D", false) && days.empty())) return false;
    if (rest.empty()) return shouted.back() == 'D';
    rest.remove_prefix(1);
    return take_parts(rest, "HMS", true) && rest.empty();
}

Checked check_offset_reset(const ConfigDeclaration& config, std::string_view value) {
    if (value == "latest" || value == "earliest") return {};
    if (value.starts_with(duration_prefix) && is_duration(value.substr(duration_prefix.size())))
        return {};
    std::string why = "Invalid value `" + std::string(value) + "` for configuration " +
                      std::string(config.name) +
                      ". The value must be either 'earliest', 'latest' or of the format "
                      "'by_duration:<PnDTnHnMn.nS>'.";
    return invalid(config, value, why);
}

Checked check_throttled(const ConfigDeclaration& config, const std::vector<std::string>& words) {
    auto empty = [](const std::string& word) { return word.empty(); };
    auto replica = [](const std::string& word) {
        size_t colon = word.find(':');
        return colon != std::string::npos && all_digits(word.substr(0, colon)) &&
               all_digits(word.substr(colon + 1));
    };
    bool all = !words.empty() && words[0] == "*" &&
               std::all_of(words.begin() + 1, words.end(), empty);
    if (all || std::ranges::all_of(words, [&](const std::string& word) {
            return empty(word) || replica(word);
        }))
        return {};
    return invalid(config, "[" + join(words, ", ") + "]",
                   std::string(config.name) +
                       " must be the literal '*' or a list of replicas in the following format: "
                       "[partitionId]:[brokerId],[partitionId]:[brokerId],...");
}

Checked check_host_port(std::string_view text, const std::string& otherwise) {
    auto parts = split_host_port(text);
    if (!parts) return std::unexpected(otherwise);
    auto port = parse_integer<int64_t>(parts->port);
    if (!port || *port > std::numeric_limits<uint16_t>::max())
        return std::unexpected("port out of range:" + parts->port);
    return {};
}

Checked check_host_ports(const ConfigDeclaration& config, const std::vector<std::string>& words) {
    for (const std::string& word : words) {
        auto fine = check_host_port(
            word, "Failed to parse host name from " + word + " for the configuration " +
                      std::string(config.name) +
                      ". Each entry should be in the form \"{host}:{port}\"");
        if (!fine) return fine;
    }
    return {};
}

Checked check_voters(const ConfigDeclaration& config, const std::vector<std::string>& words) {
    std::string form = " configuration " + std::string(config.name) +
                       ". Each entry should be in the form `{id}@{host}:{port}`.";
    for (const std::string& word : words) {
        size_t at = word.find('@');
        if (at == std::string::npos)
            return std::unexpected("Invalid configuration value for " +
                                   form.substr(std::string_view(" configuration ").size()));
        std::string id = word.substr(0, at);
        if (!parse_integer<int32_t>(id))
            return std::unexpected("Failed to parse voter ID as an integer from " + id);
        auto fine = check_host_port(word.substr(at + 1), "Failed to parse host name from entry " +
                                                             word + " for the" + form);
        if (!fine) return fine;
    }
    return {};
}

Checked check_words(const ConfigDeclaration& config, const std::vector<std::string>& words) {
    std::string name = "Configuration '" + std::string(config.name) + "'";
    if (words.empty() && !config.rule.empty_allowed) {
        std::string valid = config.rule.words.empty()
                                ? "any non-empty value"
                                : "[" + std::string(config.rule.words) + "]";
        return std::unexpected(name + " must not be empty. Valid values include: " + valid);
    }
    for (const std::string& word : words) {
        if (word.empty()) return std::unexpected(name + " values must not be empty.");
        if (config.rule.words.empty()) continue;
        if (auto fine = check_word(config, word); !fine) return fine;
    }
    return {};
}

}  // namespace

Checked check_number(const ConfigDeclaration& config, double value, std::string_view shown) {
    const Rule& rule = config.rule;
    if (rule.kind == Rule::Kind::gzip_level) {
        if (value == -1 || (value >= 1 && value <= 9)) return {};
        return invalid(config, shown, "Value must be between 1 and 9 or equal to -1");
    }
    if (value < rule.min)
        return invalid(config, shown, "Value must be at least " + bound(rule.min));
    if (value > rule.max)
        return invalid(config, shown, "Value must be no more than " + bound(rule.max));
    return {};
}

Checked check_text(const ConfigDeclaration& config, std::string_view value) {
    switch (config.rule.kind) {
        case Rule::Kind::one_of: return check_word(config, value);
        case Rule::Kind::one_of_any_case:
            if (among(config.rule.words, upper(value))) return {};
            return invalid(config, value, "String must be one of (case insensitive): " +
                                              std::string(config.rule.words));
        case Rule::Kind::non_empty:
            if (value.empty()) return invalid(config, value, "String must be non-empty");
            return {};
        case Rule::Kind::offset_reset: return check_offset_reset(config, value);
        default: return {};
    }
}

Checked check_list(const ConfigDeclaration& config, const std::vector<std::string>& words) {
    switch (config.rule.kind) {
        case Rule::Kind::list: return check_words(config, words);
        case Rule::Kind::throttled_replicas: return check_throttled(config, words);
        case Rule::Kind::host_ports: return check_host_ports(config, words);
        case Rule::Kind::quorum_voters: return check_voters(config, words);
        default: return {};
    }
}

std::expected<HostPort, std::string> split_host_port(std::string_view text) {
    size_t colon = text.rfind(':');
    if (colon == std::string_view::npos || !all_digits(text.substr(colon + 1)))
        return std::unexpected("no port in " + std::string(text));
    std::string_view host = text.substr(0, colon);
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    else if (host.contains(':'))
        return std::unexpected("an IPv6 address without brackets: " + std::string(text));
    return HostPort{.host = std::string(host), .port = std::string(text.substr(colon + 1))};
}

}  // namespace stoker::broker
