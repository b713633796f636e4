#include "kafka/java_text.hpp"

#include "base/check.hpp"

#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>

namespace stoker::kafka {
namespace {

/// What follows a lead byte: how long the character is, and the bits the lead byte holds.
struct Lead {
    size_t length = 1;
    uint32_t bits = 0;
};

std::optional<Lead> lead_of(unsigned char byte) {
    if (byte < 0x80) return Lead{1, byte};
    if (byte >= 0xC2 && byte < 0xE0) return Lead{2, byte & 0x1Fu};
    if (byte >= 0xE0 && byte < 0xF0) return Lead{3, byte & 0x0Fu};
    if (byte >= 0xF0 && byte < 0xF5) return Lead{4, byte & 0x07u};
    return std::nullopt;
}

/// Calls `unit` with each UTF-16 unit; a byte that starts no character is one U+FFFD.
template <class Unit>
void for_each_unit(std::string_view text, Unit unit) {
    size_t at = 0;
    while (at < text.size()) {
        const auto lead = lead_of(static_cast<unsigned char>(text[at]));
        bool whole = lead.has_value() && at + lead->length <= text.size();
        uint32_t code = whole ? lead->bits : 0;
        for (size_t i = 1; whole && i < lead->length; ++i) {
            const auto next = static_cast<unsigned char>(text[at + i]);
            whole = (next & 0xC0u) == 0x80u;
            code = code << 6 | (next & 0x3Fu);
        }
        if (!whole) {
            unit(uint32_t{0xFFFD});
            ++at;
            continue;
        }
        if (code >= 0x10000) {
            unit(0xD800u + ((code - 0x10000u) >> 10));
            unit(0xDC00u + ((code - 0x10000u) & 0x3FFu));
        } else {
            unit(code);
        }
        at += lead->length;
    }
}

/// A positive finite number as 0.DIGITS * 10^exponent, with the fewest digits that name it.
struct Decimal {
    std::string digits;
    int exponent = 0;
};

template <class Number>
Decimal shortest(Number number) {
    std::array<char, 64> buffer{};
    const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number,
                                   std::chars_format::scientific)
                         .ptr;
    const std::string_view text(buffer.data(), static_cast<size_t>(end - buffer.data()));
    const size_t e = text.find('e');
    Decimal decimal;
    for (const char c : text.substr(0, e)) {
        if (c != '.') decimal.digits.push_back(c);
    }
    const char* from = text.data() + e + (text[e + 1] == '+' ? 2 : 1);
    std::from_chars(from, text.data() + text.size(), decimal.exponent);
    ++decimal.exponent;
    while (decimal.digits.size() > 1 && decimal.digits.back() == '0') decimal.digits.pop_back();
    return decimal;
}

template <class Number>
std::string text_of_number(Number number) {
    if (std::isnan(number)) return "NaN";
    const std::string sign = std::signbit(number) ? "-" : "";
    const Number size = std::fabs(number);
    if (std::isinf(size)) return sign + "Infinity";
    if (size == 0) return sign + "0.0";
    auto [digits, exponent] = shortest(size);
    const bool plain = size >= Number(1e-3) && size < Number(1e7);
    if (!plain) {
        const std::string rest = digits.size() > 1 ? digits.substr(1) : "0";
        return sign + digits[0] + "." + rest + "E" + std::to_string(exponent - 1);
    }
    if (exponent <= 0) {
        return sign + "0." + std::string(static_cast<size_t>(-exponent), '0') + digits;
    }
    const auto whole = static_cast<size_t>(exponent);
    if (digits.size() <= whole)
        return sign + digits + std::string(whole - digits.size(), '0') + ".0";
    return sign + digits.substr(0, whole) + "." + digits.substr(whole);
}

/// Adds one in the last place of a row of digits; a carry out of the first grows it by one.
void increment(std::string& digits) {
    for (size_t i = digits.size(); i-- > 0;) {
        if (digits[i] != '9') {
            ++digits[i];
            return;
        }
        digits[i] = '0';
    }
    digits.insert(digits.begin(), '1');
}

}  // namespace

size_t java_length(std::string_view text) {
    size_t units = 0;
    for_each_unit(text, [&](uint32_t) { ++units; });
    return units;
}

int32_t java_hash(std::string_view text) {
    uint32_t hash = 0;
    for_each_unit(text, [&](uint32_t unit) { hash = hash * 31 + unit; });
    return static_cast<int32_t>(hash);
}

int32_t java_hash(std::string_view topic, int32_t partition) {
    const uint32_t hash = 31 * (31 + static_cast<uint32_t>(partition));
    return static_cast<int32_t>(hash + static_cast<uint32_t>(java_hash(topic)));
}

size_t grown_table(size_t entries) {
    size_t table = 16;
    while (entries > table / 4 * 3) table *= 2;
    return table;
}

size_t presized_table(size_t entries) {
    // Java computes this in float: size / 0.75f + 1.0f, then the next power of two.
    const float wanted = static_cast<float>(entries) / 0.75F + 1.0F;
    return std::bit_ceil(static_cast<size_t>(wanted));
}

size_t hash_set_table(size_t entries) {
    const auto wanted = static_cast<size_t>(static_cast<float>(entries) / 0.75F) + 1;
    return std::bit_ceil(std::max<size_t>(wanted, 16));
}

std::vector<size_t> hash_order(std::span<const int32_t> hashes, size_t table) {
    STOKER_CHECK(std::has_single_bit(table), "a HashMap's table is a power of two");
    std::vector<std::pair<size_t, size_t>> buckets;
    buckets.reserve(hashes.size());
    for (size_t i = 0; i < hashes.size(); ++i) {
        const auto hash = static_cast<uint32_t>(hashes[i]);
        buckets.emplace_back((hash ^ hash >> 16) & (table - 1), i);
    }
    std::sort(buckets.begin(), buckets.end());
    std::vector<size_t> places;
    places.reserve(buckets.size());
    for (const auto& [bucket, place] : buckets) places.push_back(place);
    return places;
}

std::vector<std::string> in_hash_order(std::vector<std::string> items) {
    const size_t table = grown_table(items.size());
    return in_hash_order(
        std::move(items), [](const std::string& item) { return java_hash(item); }, table);
}

std::string java_text(double number) {
    return text_of_number(number);
}
std::string java_text(float number) {
    return text_of_number(number);
}

std::string java_fixed(double number, int digits) {
    STOKER_CHECK(digits >= 0, "a precision is not negative");
    if (std::isnan(number)) return "NaN";
    const std::string sign = std::signbit(number) ? "-" : "";
    if (std::isinf(number)) return sign + "Infinity";
    // The decimal is kept as whole digits then `places` digits; at least one of the former.
    std::string row = "0";
    const auto places = static_cast<size_t>(digits);
    std::string fraction;
    if (number != 0) {
        auto [all, exponent] = shortest(std::fabs(number));
        if (exponent > 0) {
            const auto whole = static_cast<size_t>(exponent);
            if (all.size() < whole) all.append(whole - all.size(), '0');
            row = all.substr(0, whole);
            fraction = all.substr(whole);
        } else {
            fraction = std::string(static_cast<size_t>(-exponent), '0') + all;
        }
    }
    const bool up = fraction.size() > places && fraction[places] >= '5';
    fraction.resize(places, '0');
    row += fraction;
    if (up) increment(row);
    if (places > 0) row.insert(row.size() - places, ".");
    return sign + row;
}

std::vector<std::string> java_split(std::string_view text, char separator) {
    std::vector<std::string> parts;
    if (text.find(separator) == std::string_view::npos) return {std::string(text)};
    for (size_t at = 0; at <= text.size();) {
        const size_t end = std::min(text.find(separator, at), text.size());
        parts.emplace_back(text.substr(at, end - at));
        at = end + 1;
    }
    while (!parts.empty() && parts.back().empty()) parts.pop_back();
    return parts;
}

std::string joined(std::span<const std::string> items, std::string_view separator) {
    std::string text;
    for (size_t i = 0; i < items.size(); ++i) {
        if (i > 0) text += separator;
        text += items[i];
    }
    return text;
}

std::string java_list(std::span<const std::string> items) {
    return "[" + joined(items, ", ") + "]";
}

std::string java_map(std::span<const std::pair<std::string, std::string>> entries) {
    std::vector<std::string> items;
    for (const auto& [key, value] : entries) items.push_back(key + "=" + value);
    return "{" + joined(items, ", ") + "}";
}

namespace {

template <class Values>
std::string formatted(std::string_view pattern, const Values& values) {
    std::string text;
    auto next = values.begin();
    for (size_t i = 0; i < pattern.size(); ++i) {
        if (pattern[i] != '%') {
            text.push_back(pattern[i]);
            continue;
        }
        ++i;
        const bool left = i < pattern.size() && pattern[i] == '-';
        if (left) ++i;
        size_t width = 0;
        while (i < pattern.size() && pattern[i] >= '0' && pattern[i] <= '9') {
            width = width * 10 + static_cast<size_t>(pattern[i++] - '0');
        }
        const char kind = i < pattern.size() ? pattern[i] : '\0';
        if (kind == '%' || kind == 'n') {
            text.push_back(kind == 'n' ? '\n' : '%');
            continue;
        }
        STOKER_CHECK(kind == 's' || kind == 'd', "a format that java_format does not know");
        STOKER_CHECK(next != values.end(), "more places in the format than values");
        const std::string_view value = *next++;
        const size_t length = java_length(value);
        const size_t padding = width > length ? width - length : 0;
        if (!left) text.append(padding, ' ');
        text += value;
        if (left) text.append(padding, ' ');
    }
    return text;
}

}  // namespace

std::string java_format(std::string_view pattern, std::initializer_list<std::string_view> values) {
    return formatted(pattern, values);
}
std::string java_format(std::string_view pattern, std::span<const std::string> values) {
    return formatted(pattern, values);
}

}  // namespace stoker::kafka
