#include "metrics/text_writer.hpp"

#include <array>
#include <charconv>
#include <cmath>

namespace stoker::metrics {
namespace {

constexpr size_t number_size_max = 32;

std::string_view name_of(Type type) {
    switch (type) {
        case Type::counter: return "counter";
        case Type::gauge: return "gauge";
        case Type::summary: return "summary";
        case Type::untyped: break;
    }
    return "untyped";
}

/// The quote is escaped in label values only.
void append_escaped(std::string& text, std::string_view raw, bool quoted) {
    const std::string_view special = quoted ? "\\\n\"" : "\\\n";
    for (;;) {
        const size_t at = raw.find_first_of(special);
        text += raw.substr(0, at);
        if (at == std::string_view::npos) return;
        text += '\\';
        text += raw[at] == '\n' ? 'n' : raw[at];
        raw.remove_prefix(at + 1);
    }
}

template <class T>
void append_number(std::string& text, T value) {
    std::array<char, number_size_max> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    text.append(digits.data(), end);
}

}  // namespace

void TextWriter::family(std::string_view name, Type type, std::string_view help) {
    name_ = name;
    text_ += "# HELP ";
    text_ += name;
    text_ += ' ';
    append_escaped(text_, help, false);
    text_ += "\n# TYPE ";
    text_ += name;
    text_ += ' ';
    text_ += name_of(type);
    text_ += '\n';
}

void TextWriter::label(const Label& label) {
    text_ += label.name;
    text_ += "=\"";
    append_escaped(text_, label.value, true);
    text_ += '"';
}

void TextWriter::begin(std::string_view suffix, Labels labels) {
    text_ += name_;
    text_ += suffix;
    if (!labels.empty()) {
        char before = '{';
        for (const Label& each : labels) {
            text_ += before;
            label(each);
            before = ',';
        }
        text_ += '}';
    }
    text_ += ' ';
}

void TextWriter::number(double value) {
    if (std::isnan(value)) text_ += "NaN";
    else if (std::isinf(value)) text_ += value > 0 ? "+Inf" : "-Inf";
    else append_number(text_, value);
    text_ += '\n';
}

void TextWriter::integer(std::string_view suffix, Labels labels, int64_t value) {
    begin(suffix, labels);
    append_number(text_, value);
    text_ += '\n';
}

void TextWriter::unsigned_integer(std::string_view suffix, Labels labels, uint64_t value) {
    begin(suffix, labels);
    append_number(text_, value);
    text_ += '\n';
}

void TextWriter::real(std::string_view suffix, Labels labels, double value) {
    begin(suffix, labels);
    number(value);
}

void TextWriter::quantile(Labels labels, std::string_view quantile, double value) {
    text_ += name_;
    text_ += '{';
    for (const Label& each : labels) {
        label(each);
        text_ += ',';
    }
    label({"quantile", quantile});
    text_ += "} ";
    number(value);
}

}  // namespace stoker::metrics
