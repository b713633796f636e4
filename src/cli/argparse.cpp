#include "cli/argparse.hpp"

#include <algorithm>
#include <cctype>
#include <limits>
#include <utility>

#include "base/check.hpp"
#include "cli/java_number.hpp"

namespace stoker::cli::argparse {
namespace {

constexpr size_t format_width = 75;

bool is_negative_number(std::string_view word) {
    return word.size() > 1 && word[0] == '-' &&
           std::ranges::all_of(word.substr(1),
                               [](unsigned char c) { return std::isdigit(c) != 0; });
}

bool is_short_flag(std::string_view word) {
    return word.size() > 1 && word[0] == '-' && word[1] != '-';
}

std::string joined(const std::vector<std::string>& words, std::string_view separator) {
    std::string text;
    for (const std::string& word : words) {
        if (!text.empty()) text += separator;
        text += word;
    }
    return text;
}

/// What is wrong with a value of that type, if anything.
std::optional<std::string> type_error(Type type, const std::string& value) {
    const auto told = [&](std::string_view name, const std::string& why) {
        return "could not convert '" + value + "' to " + std::string(name) + " (" + why + ")";
    };
    switch (type) {
        case Type::text:
            return std::nullopt;
        case Type::int16: {
            const auto number = parse_java_int(value);
            if (!number) return told("Short", number.error());
            if (*number >= std::numeric_limits<int16_t>::min() &&
                *number <= std::numeric_limits<int16_t>::max()) {
                return std::nullopt;
            }
            return told("Short", "Value out of range. Value:\"" + value + "\" Radix:10");
        }
        case Type::int32: {
            const auto number = parse_java_int(value);
            if (number) return std::nullopt;
            return told("Integer", number.error());
        }
        case Type::int64: {
            const auto number = parse_java_long(value);
            if (number) return std::nullopt;
            return told("Long", number.error());
        }
        case Type::float64: {
            const auto number = parse_java_double(value);
            if (number) return std::nullopt;
            return told("Double", number.error());
        }
    }
    return std::nullopt;
}

/// Greedy, at blanks; the last line has no end.
std::string wrapped(std::string_view text, size_t width) {
    std::string lines;
    size_t column = 0;
    while (!text.empty()) {
        const size_t end = std::min(text.find(' '), text.size());
        if (column > 0 && column + 1 + end > width) {
            lines += '\n';
            column = 0;
        } else if (column > 0) {
            lines += ' ';
            ++column;
        }
        lines += text.substr(0, end);
        column += end;
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return lines;
}

}  // namespace

Argument& Argument::type(Type type) {
    type_ = type;
    return *this;
}
Argument& Argument::required() {
    required_ = true;
    return *this;
}
Argument& Argument::defaults_to(std::string value) {
    default_ = std::move(value);
    return *this;
}
Argument& Argument::metavar(std::string name) {
    metavar_ = std::move(name);
    return *this;
}
Argument& Argument::store_true() {
    action_ = Action::store_true;
    return *this;
}
Argument& Argument::append() {
    action_ = Action::append;
    return *this;
}
Argument& Argument::one_or_more() {
    words_ = Words::one_or_more;
    return *this;
}
Argument& Argument::optional_value() {
    words_ = Words::optional;
    return *this;
}
Argument& Argument::version(std::string line) {
    action_ = Action::version;
    version_ = std::move(line);
    return *this;
}
Argument& Argument::choices(std::vector<std::string> words) {
    choices_ = std::move(words);
    return *this;
}
Argument& Argument::hidden() {
    hidden_ = true;
    return *this;
}

std::string Argument::textual_name() const {
    return joined(flags_, "/");
}

Argument& Group::add(std::vector<std::string> flags, std::string help) {
    Argument& argument = parser_->add(std::move(flags), std::move(help));
    argument.group_ = this;
    arguments_.push_back(&argument);
    return argument;
}

std::optional<std::string> Namespace::text(const Argument& argument) const {
    const std::vector<std::string> all = texts(argument);
    if (all.empty()) return std::nullopt;
    return all.back();
}

std::vector<std::string> Namespace::texts(const Argument& argument) const {
    if (const auto found = values_.find(&argument); found != values_.end()) return found->second;
    if (const auto found = defaults_.find(&argument); found != defaults_.end()) {
        return {found->second};
    }
    return {};
}

std::optional<int64_t> Namespace::number(const Argument& argument) const {
    const auto value = text(argument);
    if (!value) return std::nullopt;
    return *parse_java_long(*value);
}

std::optional<double> Namespace::real(const Argument& argument) const {
    const auto value = text(argument);
    if (!value) return std::nullopt;
    return *parse_java_double(*value);
}

/// One pass over a command line, from a parser on into that of the chosen command.
class Reader {
public:
    Reader(const Args& args, Streams& io) : args_(args), io_(io) {}

    Namespace read(const Parser& parser) {
        read_level(parser);
        if (deferred_) throw *deferred_;
        return std::move(result_);
    }

private:
    void read_level(const Parser& parser) {
        std::set<const Argument*> used;
        std::map<const Group*, const Argument*> group_used;
        for (const Argument& argument : parser.arguments_) {
            if (argument.default_) result_.defaults_[&argument] = *argument.default_;
        }
        while (next_ < args_.size()) {
            const std::string& word = args_[next_];
            if (word == "--" && !after_separator_) {
                after_separator_ = true;
                ++next_;
            } else if (looks_like_flag(word)) {
                read_flag(parser, used, group_used);
            } else if (!after_separator_ && !parser.commands_.empty()) {
                check_required(parser, used, group_used);
                enter_command(parser, word);
                return;
            } else {
                refuse_rest(parser);
            }
        }
        if (!parser.commands_.empty()) throw ParseError{&parser, "too few arguments"};
        check_required(parser, used, group_used);
    }

    bool looks_like_flag(std::string_view word) const {
        return !after_separator_ && word.starts_with('-') && !is_negative_number(word);
    }

    [[noreturn]] void refuse_rest(const Parser& parser) const {
        const std::vector<std::string> rest(args_.begin() + std::ptrdiff_t(next_), args_.end());
        throw ParseError{&parser, "unrecognized arguments: '" + joined(rest, " ") + "'"};
    }

    void enter_command(const Parser& parser, const std::string& name) {
        std::vector<const Parser*> matches;
        std::vector<std::string> names;
        std::string all;
        for (const Parser& command : parser.commands_) {
            all += (all.empty() ? "'" : ", '") + command.command_ + "'";
            if (!command.command_.starts_with(name)) continue;
            if (command.command_ == name) {
                matches = {&command};
                names = {name};
                break;
            }
            matches.push_back(&command);
            names.push_back(command.command_);
        }
        if (name.empty() || matches.empty()) {
            throw ParseError{&parser, "invalid choice: '" + name + "' (choose from " + all + ")"};
        }
        if (matches.size() > 1) {
            std::ranges::sort(names);
            throw ParseError{&parser,
                             "ambiguous command: " + name + " could match " + joined(names, ", ")};
        }
        ++next_;
        result_.commands_.insert(matches[0]);
        read_level(*matches[0]);
    }

    /// The option that a word names in full or by its only beginning; null if there is none.
    static const Argument* resolve(const Parser& parser, std::string_view flag) {
        const auto exact = parser.by_flag_.find(flag);
        if (exact != parser.by_flag_.end()) return exact->second;
        std::vector<std::string> names;
        const Argument* found = nullptr;
        for (const auto& [name, argument] : parser.by_flag_) {
            if (!name.starts_with(flag)) continue;
            names.push_back(name);
            found = argument;
        }
        if (names.size() > 1) {
            throw ParseError{&parser, "ambiguous option: " + std::string(flag) + " could match " +
                                          joined(names, ", ")};
        }
        return found;
    }

    void read_flag(const Parser& parser, std::set<const Argument*>& used,
                   std::map<const Group*, const Argument*>& group_used) {
        const std::string word = args_[next_];
        const size_t equals = word.find('=');
        std::optional<std::string> value;
        if (equals != std::string::npos) value = word.substr(equals + 1);
        const Argument* argument = resolve(parser, std::string_view(word).substr(0, equals));
        if (argument == nullptr) {
            value.reset();
            argument = read_cluster(parser, word, value, used, group_used);
        }
        ++next_;
        if (argument == nullptr) return;
        check_group(parser, *argument, group_used);
        take(parser, *argument, value);
        used.insert(argument);
    }

    /// Options of one letter in a row: runs those without a value, gives the one with a value and
    /// what follows it in the word, if there is one.
    const Argument* read_cluster(const Parser& parser, const std::string& word,
                                 std::optional<std::string>& value, std::set<const Argument*>& used,
                                 std::map<const Group*, const Argument*>& group_used) {
        const ParseError unknown{&parser, "unrecognized arguments: '" + word + "'"};
        if (!is_short_flag(word)) throw unknown;
        for (size_t i = 1; i < word.size(); ++i) {
            const auto found = parser.by_flag_.find(std::string{'-', word[i]});
            if (found == parser.by_flag_.end()) throw unknown;
            const Argument& argument = *found->second;
            if (takes_value(argument)) {
                if (i + 1 < word.size()) value = word.substr(i + 1);
                return &argument;
            }
            check_group(parser, argument, group_used);
            take(parser, argument, std::nullopt);
            used.insert(&argument);
        }
        return nullptr;
    }

    static bool takes_value(const Argument& argument) {
        return argument.action_ == Argument::Action::store ||
               argument.action_ == Argument::Action::append;
    }

    static ParseError about(const Parser& parser, const Argument& argument, std::string_view text) {
        return {&parser, "argument " + argument.textual_name() + ": " + std::string(text)};
    }

    static void check_group(const Parser& parser, const Argument& argument,
                            std::map<const Group*, const Argument*>& group_used) {
        if (argument.group_ == nullptr) return;
        const Argument* other = group_used.emplace(argument.group_, &argument).first->second;
        if (other == &argument) return;
        throw about(parser, argument, "not allowed with argument " + other->textual_name());
    }

    void take(const Parser& parser, const Argument& argument, std::optional<std::string> value) {
        if (!takes_value(argument)) {
            if (value) throw about(parser, argument, "ignore implicit argument '" + *value + "'");
            run_without_value(parser, argument);
            return;
        }
        std::vector<std::string> words;
        if (value) words.push_back(*value);
        const bool many = argument.words_ == Argument::Words::one_or_more && !value;
        while (next_word() < args_.size() && !is_flag_or_separator(args_[next_word()]) &&
               (many || words.empty())) {
            words.push_back(args_[next_word()]);
            ++taken_;
        }
        if (words.empty() && argument.words_ == Argument::Words::one) {
            throw about(parser, argument, "expected one argument");
        }
        if (words.empty() && argument.words_ == Argument::Words::one_or_more) {
            throw about(parser, argument, "expected 1 argument(s)");
        }
        next_ += std::exchange(taken_, 0);
        for (const std::string& word : words) check_value(parser, argument, word);
        std::vector<std::string>& values = result_.values_[&argument];
        if (argument.action_ != Argument::Action::append) values.clear();
        values.insert(values.end(), words.begin(), words.end());
    }

    /// The word after the option (at next_) and those taken so far.
    size_t next_word() const { return next_ + taken_; }

    bool is_flag_or_separator(std::string_view word) const {
        return !after_separator_ && (word == "--" || looks_like_flag(word));
    }

    static void check_value(const Parser& parser, const Argument& argument,
                            const std::string& word) {
        if (const auto wrong = type_error(argument.type_, word)) {
            throw about(parser, argument, *wrong);
        }
        const std::vector<std::string>& choices = argument.choices_;
        if (choices.empty() || std::ranges::find(choices, word) != choices.end()) return;
        throw about(parser, argument,
                    "invalid choice: '" + word + "' (choose from {" + joined(choices, ",") + "})");
    }

    void run_without_value(const Parser& parser, const Argument& argument) {
        if (argument.action_ == Argument::Action::help) {
            io_.out.write(parser.help());
            io_.out.flush();
            throw ParseError{&parser, "Help Screen", true};
        }
        if (argument.action_ == Argument::Action::version) {
            io_.out.line(argument.version_);
            io_.out.flush();
            throw Exit{0};
        }
        result_.values_[&argument] = {"true"};
    }

    /// What is missing is told only when nothing later on the line is wrong.
    void check_required(const Parser& parser, const std::set<const Argument*>& used,
                        const std::map<const Group*, const Argument*>& group_used) {
        if (deferred_) return;
        for (const Argument& argument : parser.arguments_) {
            if (!argument.required_ || used.contains(&argument)) continue;
            deferred_ = ParseError{&parser, "argument " + argument.textual_name() + " is required"};
        }
        for (const Group& group : parser.groups_) {
            if (deferred_ || !group.required_ || group_used.contains(&group)) continue;
            std::string names;
            for (const Argument* argument : group.arguments_) {
                if (!argument->hidden_) names += argument->textual_name() + " ";
            }
            deferred_ = ParseError{&parser, "one of the arguments " + names + "is required"};
        }
    }

    const Args& args_;
    Streams& io_;
    Namespace result_;
    std::optional<ParseError> deferred_;
    size_t next_ = 0;
    size_t taken_ = 0;
    bool after_separator_ = false;
};

Parser::Parser(std::string prog) : prog_(std::move(prog)) {
    add({"-h", "--help"}, "show this help message and exit").action_ = Argument::Action::help;
}

Parser& Parser::description(std::string text) {
    description_ = std::move(text);
    return *this;
}

Argument& Parser::add(std::vector<std::string> flags, std::string help) {
    Argument& argument = arguments_.emplace_back();
    argument.flags_ = std::move(flags);
    argument.help_ = std::move(help);
    for (const std::string& flag : argument.flags_) {
        STOKER_CHECK(by_flag_.emplace(flag, &argument).second, "an option is declared once");
    }
    return argument;
}

Group& Parser::add_group(bool required, std::string title) {
    Group& group = groups_.emplace_back();
    group.parser_ = this;
    group.required_ = required;
    group.title_ = std::move(title);
    return group;
}

Parser& Parser::add_command(std::string name, std::string help) {
    Parser& command = commands_.emplace_back(prog_);
    command.command_ = std::move(name);
    command.command_help_ = std::move(help);
    command.parent_ = this;
    return command;
}

Parser& Parser::commands_metavar(std::string name) {
    commands_metavar_ = std::move(name);
    return *this;
}
Parser& Parser::commands_title(std::string title) {
    commands_title_ = std::move(title);
    return *this;
}

Namespace Parser::parse(const Args& args, Streams& io) const {
    return Reader(args, io).read(*this);
}

void Parser::print_error(Streams& io, const ParseError& error) {
    if (error.help_shown) return;
    io.err.write(error.parser->usage());
    io.err.line(wrapped(error.parser->prog_ + ": error: " + error.message, format_width));
}

Namespace Parser::parse_or_exit(const Args& args, Streams& io) const {
    try {
        return parse(args, io);
    } catch (const ParseError& error) {
        print_error(io, error);
        throw Exit{1};
    }
}

}  // namespace stoker::cli::argparse
