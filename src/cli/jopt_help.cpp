// The table of options that --help and wrong usage print: two columns in 80, as joptsimple's.
#include <algorithm>
#include <vector>

#include "cli/jopt.hpp"

namespace stoker::cli::jopt {
namespace {

constexpr size_t page_width = 80;
constexpr size_t gap = 2;
constexpr size_t left_width_max = 38;
constexpr size_t hanging_indent = 2;

/// Breaks at blanks; lines after the first are indented. A word wider than the column stands alone.
std::vector<std::string> wrap(std::string_view text, size_t width) {
    std::vector<std::string> lines;
    std::string line;
    const auto flush = [&] {
        lines.push_back(line);
        line.assign(hanging_indent, ' ');
    };
    while (!text.empty()) {
        const size_t end = std::min(text.find(' '), text.size());
        const std::string_view word = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        const bool bare = line.find_first_not_of(' ') == std::string::npos;
        if (!bare && line.size() + 1 + word.size() > width) flush();
        if (line.find_first_not_of(' ') != std::string::npos) line += ' ';
        line += word;
    }
    if (line.find_first_not_of(' ') != std::string::npos || lines.empty()) lines.push_back(line);
    return lines;
}

std::string_view type_name(Type type) {
    switch (type) {
        case Type::text:
            return "String";
        case Type::int32:
            return "Integer";
        case Type::int64:
            return "Long";
        case Type::float64:
            return "Double";
    }
    return "";
}

}  // namespace

/// Reads what an Option keeps to itself.
class Help {
public:
    static std::string left(const Option& option, bool marks_required) {
        std::string text = option.required_ ? "* " : marks_required ? "  " : "";
        for (const std::string& name : option.names_) {
            if (&name != &option.names_.front()) text += ", ";
            text += (name.size() == 1 ? "-" : "--") + name;
        }
        if (option.argument_ == Option::Argument::none) return text;
        std::string value = option.shown_words_.empty() ? std::string(type_name(option.type_))
                                                        : option.shown_words_;
        if (!option.described_as_.empty()) value += ": " + option.described_as_;
        const bool needed = option.argument_ == Option::Argument::required;
        return text + (needed ? " <" : " [") + value + (needed ? ">" : "]");
    }

    static std::string right(const Option& option) {
        std::string text = option.description_;
        if (option.default_) text += " (default: " + *option.default_ + ")";
        if (option.extension_) text += " (Stoker's own, not in Apache Kafka)";
        return text;
    }

    static bool required(const Option* option) { return option->required_; }
};

std::string Parser::help() const {
    const std::vector<const Option*> options = sorted();
    const bool marks_required = std::ranges::any_of(options, Help::required);
    const std::string title = marks_required ? "Option (* = required)" : "Option";
    size_t width = title.size();
    for (const Option* option : options) {
        width =
            std::max(width, std::min(Help::left(*option, marks_required).size(), left_width_max));
    }
    std::string text;
    const auto put = [&](std::string_view left, std::string_view right) {
        text += left;
        if (!right.empty()) {
            text.append(left.size() < width ? width - left.size() + gap : gap, ' ');
            text += right;
        }
        text += '\n';
    };
    put(title, "Description");
    put(std::string(title.size(), '-'), "-----------");
    for (const Option* option : options) {
        const auto left = wrap(Help::left(*option, marks_required), width);
        const auto right = wrap(Help::right(*option), page_width - width - gap);
        for (size_t i = 0; i < std::max(left.size(), right.size()); ++i) {
            put(i < left.size() ? left[i] : "", i < right.size() ? right[i] : "");
        }
    }
    return text;
}

}  // namespace stoker::cli::jopt
