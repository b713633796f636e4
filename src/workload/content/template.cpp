#include "workload/content/template.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>
#include <iterator>
#include <optional>
#include <span>
#include <utility>

#include "load/wall_time.hpp"

namespace stoker::workload {
namespace {

using Step = Template::Step;
using Arguments = std::vector<std::string>;
using Made = std::expected<Step, std::string>;

constexpr auto first_names = std::to_array<std::string_view>(
    {"Alice", "Amina", "Ben", "Carla", "Chen", "Daniel", "Elif", "Emma", "Farid", "Grace", "Hugo",
     "Ines", "Ivan", "Julia", "Kofi", "Lea", "Liam", "Maya", "Nina", "Omar", "Paul", "Rosa",
     "Sofia", "Tariq", "Yuki", "Zoe"});
constexpr auto last_names = std::to_array<std::string_view>(
    {"Andersen", "Bauer", "Costa", "Diallo", "Dubois", "Evans", "Fischer", "Garcia", "Haddad",
     "Ito", "Jansen", "Kaya", "Kowalski", "Lopez", "Martin", "Moreau", "Nguyen", "Novak", "Okafor",
     "Patel", "Rossi", "Silva", "Smith", "Tanaka", "Weber", "Wong"});
constexpr auto cities = std::to_array<std::string_view>(
    {"Accra", "Amsterdam", "Berlin", "Bogota", "Brussels", "Cairo", "Dublin", "Hanoi", "Istanbul",
     "Lagos", "Lima", "Lisbon", "London", "Lyon", "Madrid", "Milan", "Montreal", "Mumbai",
     "Nairobi", "Osaka", "Oslo", "Paris", "Prague", "Seoul", "Toronto", "Warsaw"});
constexpr auto countries = std::to_array<std::string_view>(
    {"AR", "BE", "BR", "CA", "CH", "DE", "EG", "ES", "FR", "GB", "GH", "IN", "IT", "JP", "KE", "KR",
     "MX", "NG", "NL", "PL", "PT", "SE", "TR", "US", "VN", "ZA"});
constexpr auto words = std::to_array<std::string_view>(
    {"amber", "basket", "cloud", "delta", "engine", "forest", "garden", "harbor", "island",
     "jungle", "kettle", "ladder", "market", "needle", "orange", "pepper", "quarry", "ribbon",
     "saddle", "timber", "umbrella", "valley", "window", "yellow", "zephyr", "anchor"});
constexpr auto domains = std::to_array<std::string_view>(
    {"example.com", "example.net", "example.org", "mail.example.com", "shop.example.com"});

std::string_view pick(std::span<const std::string_view> from, Random64& random) {
    return from[random.below(from.size())];
}

template <class Number>
std::optional<Number> number(const std::string& text) {
    Number value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

Made whole_number(const Arguments& arguments) {
    const auto low = number<int64_t>(arguments[0]);
    const auto high = number<int64_t>(arguments[1]);
    if (!low || !high || *low > *high)
        return std::unexpected("needs two whole numbers, the lower one first");
    // In unsigned numbers: the whole range of 64 bits has one value more than they hold.
    const uint64_t range = uint64_t(*high) - uint64_t(*low);
    return [low = *low, range](std::string& out, Random64& random, const TemplateContext&) {
        const uint64_t more = range == UINT64_MAX ? random.next() : random.below(range + 1);
        fmt::format_to(std::back_inserter(out), "{}", int64_t(uint64_t(low) + more));
    };
}

Made decimal_number(const Arguments& arguments) {
    constexpr int64_t digits_max = 15;
    const auto low = number<double>(arguments[0]);
    const auto high = number<double>(arguments[1]);
    const auto digits = arguments.size() < 3 ? 2 : number<int64_t>(arguments[2]).value_or(-1);
    if (!low || !high || !std::isfinite(*low) || !std::isfinite(*high) || *low > *high)
        return std::unexpected("needs two numbers, the lower one first");
    if (digits < 0 || digits > digits_max)
        return std::unexpected("rounds to 0 to 15 digits behind the point");
    return [low = *low, range = *high - *low, digits](std::string& out, Random64& random,
                                                       const TemplateContext&) {
        fmt::format_to(std::back_inserter(out), "{:.{}f}", low + range * random.unit(), digits);
    };
}

Made choice(const Arguments& arguments) {
    return [arguments](std::string& out, Random64& random, const TemplateContext&) {
        out += arguments[random.below(arguments.size())];
    };
}

/// So many characters of an alphabet.
Made characters(const Arguments& arguments, std::string_view alphabet) {
    constexpr int64_t length_max = 1 << 20;
    const auto length = number<int64_t>(arguments[0]);
    if (!length || *length < 0 || *length > length_max)
        return std::unexpected("needs a length from 0 to 1048576");
    return [length = *length, alphabet](std::string& out, Random64& random,
                                        const TemplateContext&) {
        for (int64_t i = 0; i < length; ++i) out += alphabet[random.below(alphabet.size())];
    };
}

Made hex_digits(const Arguments& arguments) { return characters(arguments, "0123456789abcdef"); }
Made letters(const Arguments& arguments) {
    return characters(arguments, "abcdefghijklmnopqrstuvwxyz");
}

template <class Write>
auto plain(Write write) {
    return [write](const Arguments&) -> Made { return Step(write); };
}

void write_uuid(std::string& out, Random64& random, const TemplateContext&) {
    const uint64_t high = (random.next() & ~0xf000ull) | 0x4000;
    const uint64_t low = (random.next() & ~(3ull << 62)) | 2ull << 62;
    fmt::format_to(std::back_inserter(out), "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}", high >> 32,
                   high >> 16 & 0xffff, high & 0xffff, low >> 48, low & 0xffffffffffff);
}

void write_email(std::string& out, Random64& random, const TemplateContext&) {
    for (char c : pick(first_names, random)) out += char(c >= 'A' && c <= 'Z' ? c + 32 : c);
    fmt::format_to(std::back_inserter(out), ".{}@{}", random.below(1000), pick(domains, random));
}

void write_ip(std::string& out, Random64& random, const TemplateContext&) {
    fmt::format_to(std::back_inserter(out), "10.{}.{}.{}", random.below(256), random.below(256),
                   1 + random.below(254));
}

struct Function {
    std::string_view usage;
    std::string_view meaning;
    size_t arguments_min;
    size_t arguments_max;
    std::function<Made(const Arguments&)> make;

    std::string_view name() const { return usage.substr(0, usage.find(' ')); }
};

/// Appends one of a list.
auto one_of(std::span<const std::string_view> list) {
    return plain([list](std::string& out, Random64& random, const TemplateContext&) {
        out += pick(list, random);
    });
}

std::vector<Function> make_functions() {
    constexpr size_t any = SIZE_MAX;
    std::vector<Function> all;
    const auto add = [&](std::string_view usage, std::string_view meaning, size_t low, size_t high,
                         std::function<Made(const Arguments&)> make) {
        all.push_back(Function{usage, meaning, low, high, std::move(make)});
    };
    add("int LOW HIGH", "a whole number from LOW to HIGH", 2, 2, whole_number);
    add("decimal LOW HIGH [DIGITS]", "a number rounded to DIGITS (2)", 2, 3, decimal_number);
    add("choice A B …", "one of the arguments", 1, any, choice);
    add("hex LENGTH", "hexadecimal digits", 1, 1, hex_digits);
    add("letters LENGTH", "lower-case letters", 1, 1, letters);
    add("uuid", "a random UUID (version 4)", 0, 0, plain(write_uuid));
    add("bool", "true or false", 0, 0,
        plain([](std::string& out, Random64& random, const TemplateContext&) {
            out += random.below(2) == 0 ? "false" : "true";
        }));
    add("first_name", "a given name", 0, 0, one_of(first_names));
    add("last_name", "a family name", 0, 0, one_of(last_names));
    add("name", "both", 0, 0,
        plain([](std::string& out, Random64& random, const TemplateContext&) {
            out += pick(first_names, random);
            out += ' ';
            out += pick(last_names, random);
        }));
    add("email", "an address at a domain that is nobody's", 0, 0, plain(write_email));
    add("city", "a city", 0, 0, one_of(cities));
    add("country", "a country's two letters", 0, 0, one_of(countries));
    add("word", "a word", 0, 0, one_of(words));
    add("ip", "an address of the private network 10", 0, 0, plain(write_ip));
    add("sequence", "the number of the producer's message, from 0", 0, 0,
        plain([](std::string& out, Random64&, const TemplateContext& context) {
            fmt::format_to(std::back_inserter(out), "{}", context.sequence);
        }));
    add("key", "the message's key", 0, 0,
        plain([](std::string& out, Random64&, const TemplateContext& context) {
            out += context.key;
        }));
    add("now", "the time in ISO 8601, UTC", 0, 0,
        plain([](std::string& out, Random64&, const TemplateContext& context) {
            out += load::iso_time(context.wall_ms * 1000);
        }));
    add("now_ms", "milliseconds since 1970", 0, 0,
        plain([](std::string& out, Random64&, const TemplateContext& context) {
            fmt::format_to(std::back_inserter(out), "{}", context.wall_ms);
        }));
    return all;
}

const std::vector<Function>& functions() {
    static const std::vector<Function> all = make_functions();
    return all;
}

std::vector<std::string> split(std::string_view text) {
    std::vector<std::string> parts;
    size_t at = 0;
    while ((at = text.find_first_not_of(" \t\n", at)) != std::string_view::npos) {
        const size_t end = std::min(text.find_first_of(" \t\n", at), text.size());
        parts.emplace_back(text.substr(at, end - at));
        at = end;
    }
    return parts;
}

std::string known_names() {
    std::string names;
    for (const Function& function : functions()) {
        if (!names.empty()) names += ", ";
        names += function.name();
    }
    return names;
}

Made compile_hole(std::string_view text) {
    std::vector<std::string> parts = split(text);
    if (parts.empty()) return std::unexpected("an empty {{}}; allowed are " + known_names());
    for (const Function& function : functions()) {
        if (function.name() != parts[0]) continue;
        const Arguments arguments(parts.begin() + 1, parts.end());
        if (arguments.size() < function.arguments_min || arguments.size() > function.arguments_max)
            return std::unexpected(fmt::format("write it as {{{{{}}}}}", function.usage));
        Made made = function.make(arguments);
        if (made) return made;
        return std::unexpected(fmt::format("{} {}", parts[0], made.error()));
    }
    return std::unexpected(
        fmt::format("there is no function '{}'; allowed are {}", parts[0], known_names()));
}

}  // namespace

std::expected<Template, std::string> Template::compile(std::string_view text) {
    if (text.size() > text_max) return std::unexpected("a template has at most 1 MiB");
    Template compiled;
    const auto literal = [&](std::string_view part) {
        if (part.empty()) return;
        compiled.steps_.push_back(
            [part = std::string(part)](std::string& out, Random64&, const TemplateContext&) {
                out += part;
            });
    };
    size_t at = 0;
    while (at < text.size()) {
        const size_t open = text.find("{{", at);
        literal(text.substr(at, open == std::string_view::npos ? open : open - at));
        if (open == std::string_view::npos) break;
        const size_t close = text.find("}}", open);
        const auto wrong = [&](const std::string& why) {
            return std::unexpected(fmt::format("character {}: {}", open + 1, why));
        };
        if (close == std::string_view::npos) return wrong("{{ without }}");
        auto step = compile_hole(text.substr(open + 2, close - open - 2));
        if (!step) return wrong(step.error());
        compiled.steps_.push_back(std::move(*step));
        at = close + 2;
        if (compiled.steps_.size() > steps_max) return wrong("more than 10000 parts");
    }
    return compiled;
}

void Template::write(std::string& out, Random64& random, const TemplateContext& context) const {
    for (const Step& step : steps_) step(out, random, context);
}

std::vector<TemplateFunctionHelp> function_help() {
    std::vector<TemplateFunctionHelp> all;
    for (const Function& function : functions()) all.push_back({function.usage, function.meaning});
    return all;
}

}  // namespace stoker::workload
