// The usage line and the help of argparse4j's layout.
#include <algorithm>
#include <cctype>
#include <iterator>

#include "cli/argparse.hpp"

namespace stoker::cli::argparse {
namespace {

constexpr size_t format_width = 75;
constexpr size_t help_column = 25;
constexpr size_t title_width_max = 21;
/// A longer program name gets a line of its own.
constexpr size_t usage_indent_max = 30;
constexpr size_t usage_indent = 6;

}  // namespace

/// Reads what Parser, Group and Argument keep to themselves.
class Layout {
public:
    static std::string value_name(const Argument& argument) {
        using Action = Argument::Action;
        if (argument.action_ != Action::store && argument.action_ != Action::append) return {};
        std::string name = argument.metavar_;
        if (name.empty() && !argument.choices_.empty()) {
            for (const std::string& word : argument.choices_)
                name += (name.empty() ? "{" : ",") + word;
            name += "}";
        }
        if (name.empty()) name = name_of(argument);
        switch (argument.words_) {
            case Argument::Words::one:
                return name;
            case Argument::Words::optional:
                return "[" + name + "]";
            case Argument::Words::one_or_more:
                return name + " [" + name + " ...]";
        }
        return name;
    }

    static std::string bare(const Argument& argument) {
        const std::string value = value_name(argument);
        return argument.flags_.front() + (value.empty() ? "" : " " + value);
    }

    static std::string syntax(const Argument& argument) {
        return argument.required_ ? bare(argument) : "[" + bare(argument) + "]";
    }

    static std::string usage(const Parser& parser) {
        std::vector<std::string> parts;
        add_parents(parts, parser.parent_);
        if (!parser.command_.empty()) parts.push_back(parser.command_);
        for (const Argument& argument : parser.arguments_) {
            if (!argument.hidden_ && argument.group_ == nullptr) parts.push_back(syntax(argument));
        }
        for (const Group& group : parser.groups_) add_group(parts, group, false);
        if (!parser.commands_.empty()) {
            parts.push_back(commands_name(parser));
            parts.emplace_back("...");
        }
        return laid_out("usage: " + parser.prog_, parts);
    }

    static std::string help(const Parser& parser) {
        std::string text = usage(parser);
        if (!parser.description_.empty()) {
            text += "\n" + block(parser.description_, 0, 0) + "\n";
        }
        const bool titled = !parser.commands_title_.empty();
        if (!parser.commands_.empty() && !titled) {
            text += "\npositional arguments:\n" + commands_help(parser);
        }
        text += "\noptional arguments:\n";
        for (const Argument& argument : parser.arguments_) {
            const bool elsewhere = argument.group_ != nullptr && !argument.group_->title_.empty();
            if (!elsewhere) text += argument_help(argument);
        }
        if (!parser.commands_.empty() && titled) {
            text += "\n" + parser.commands_title_ + ":\n" + commands_help(parser);
        }
        for (const Group& group : parser.groups_) {
            if (group.title_.empty()) continue;
            text += "\n" + group.title_ + ":\n";
            for (const Argument* argument : group.arguments_) text += argument_help(*argument);
        }
        return text;
    }

private:
    /// The first long flag, else the first, in capitals and without its dashes.
    static std::string name_of(const Argument& argument) {
        const auto is_long = [](const std::string& flag) { return flag.starts_with("--"); };
        const auto found = std::ranges::find_if(argument.flags_, is_long);
        std::string name = found == argument.flags_.end() ? argument.flags_.front() : *found;
        name.erase(0, name.find_first_not_of('-'));
        std::ranges::transform(name, name.begin(), [](unsigned char c) {
            return c == '-' ? '_' : static_cast<char>(std::toupper(c));
        });
        return name;
    }

    static void add_group(std::vector<std::string>& parts, const Group& group, bool only_required) {
        std::vector<const Argument*> shown;
        std::ranges::copy_if(group.arguments_, std::back_inserter(shown),
                             [](const Argument* argument) { return !argument->hidden_; });
        if (shown.empty() || (only_required && !group.required_)) return;
        if (shown.size() == 1) {
            parts.push_back(group.required_ ? bare(*shown[0]) : syntax(*shown[0]));
            return;
        }
        for (size_t i = 0; i < shown.size(); ++i) {
            std::string part = bare(*shown[i]);
            if (i == 0) part.insert(0, group.required_ ? "(" : "[");
            if (i > 0) parts.emplace_back("|");
            if (i + 1 == shown.size()) part += group.required_ ? ")" : "]";
            parts.push_back(std::move(part));
        }
    }

    static void add_parents(std::vector<std::string>& parts, const Parser* parser) {
        if (parser == nullptr) return;
        add_parents(parts, parser->parent_);
        if (!parser->command_.empty()) parts.push_back(parser->command_);
        for (const Argument& argument : parser->arguments_) {
            if (argument.hidden_ || !argument.required_ || argument.group_ != nullptr) continue;
            parts.push_back(syntax(argument));
        }
        for (const Group& group : parser->groups_) add_group(parts, group, true);
    }

    static std::string laid_out(std::string text, const std::vector<std::string>& parts) {
        size_t indent = text.size();
        if (indent > usage_indent_max) {
            indent = usage_indent;
            text += "\n" + std::string(indent, ' ');
        }
        size_t column = indent;
        bool first = true;
        for (const std::string& part : parts) {
            if (!first && column + part.size() + 1 > format_width) {
                text += "\n" + std::string(indent, ' ');
                column = indent;
            }
            text += " " + part;
            column += 1 + part.size();
            first = false;
        }
        return text + "\n";
    }

    static std::string commands_name(const Parser& parser) {
        if (!parser.commands_metavar_.empty()) return parser.commands_metavar_;
        std::string names;
        for (const Parser& command : parser.commands_) {
            names += (names.empty() ? "{" : ",") + command.command_;
        }
        return names + "}";
    }

    static std::string commands_help(const Parser& parser) {
        std::string text = "  " + commands_name(parser) + "\n";
        for (const Parser& command : parser.commands_) {
            text += titled("  " + command.command_, command.command_help_);
        }
        return text;
    }

    static std::string argument_help(const Argument& argument) {
        if (argument.hidden_) return {};
        std::string title;
        const std::string value = value_name(argument);
        for (const std::string& flag : argument.flags_) {
            if (!title.empty()) title += ", ";
            title += flag + (value.empty() ? "" : " " + value);
        }
        std::string text = argument.help_;
        if (argument.default_) text += " (default: " + *argument.default_ + ")";
        return titled(title, text);
    }

    static std::string titled(const std::string& title, const std::string& text) {
        std::string line = "  " + title;
        if (text.empty()) return line + "\n";
        if (title.size() > title_width_max) {
            line += "\n" + std::string(help_column, ' ');
        } else {
            line.append(help_column - line.size(), ' ');
        }
        return line + block(text, help_column, help_column) + "\n";
    }

    /// Text broken at blanks, of which the first line starts in `column`, the others after
    /// `indent`.
    static std::string block(std::string_view text, size_t column, size_t indent) {
        std::string lines;
        bool first = true;
        while (!text.empty()) {
            const size_t end = std::min(text.find(' '), text.size());
            if (!first && column + 1 + end > format_width) {
                lines += "\n" + std::string(indent, ' ');
                column = indent;
            } else if (!first) {
                lines += ' ';
                ++column;
            }
            lines += text.substr(0, end);
            column += end;
            first = false;
            text.remove_prefix(std::min(end + 1, text.size()));
        }
        return lines;
    }
};

std::string Parser::usage() const {
    return Layout::usage(*this);
}
std::string Parser::help() const {
    return Layout::help(*this);
}

}  // namespace stoker::cli::argparse
