// Arguments by the rules of argparse4j 0.7.0, which Java's newer tools use: abbreviations of long
// options, groups of which one is to be given, commands with options of their own, numbers judged
// at once. Positional arguments other than a command are not served: no tool has one.
//
//     struct Arguments {
//         argparse::Parser parser{"kafka-cluster"};
//         argparse::Parser& cluster_id = parser.add_command("cluster-id", "Print the id.");
//         const argparse::Argument& config =
//             cluster_id.add({"--command-config", "-c"}, "Properties of the client.");
//     };
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "cli/tool.hpp"

namespace stoker::cli::argparse {

/// The Java class that values are converted to.
enum class Type { text, int16, int32, int64, float64 };

class Parser;
class Group;

/// One option. Made and owned by its Parser, at one address for the life of it.
class Argument {
public:
    Argument& type(Type type);
    Argument& required();
    /// As typed on a command line; the help shows it.
    Argument& defaults_to(std::string value);
    /// What usage and help call the value; else the option's own name in capitals.
    Argument& metavar(std::string name);
    /// No value: true when given.
    Argument& store_true();
    /// May be given several times; all values are kept.
    Argument& append();
    /// Takes the words up to the next option, at least one.
    Argument& one_or_more();
    /// Takes a word or none.
    Argument& optional_value();
    /// Prints this line on standard output and ends with status 0.
    Argument& version(std::string line);
    Argument& choices(std::vector<std::string> words);
    /// Not in usage and help.
    Argument& hidden();

    /// "--bootstrap-server/-b"
    std::string textual_name() const;

private:
    friend class Group;
    friend class Parser;
    friend class Layout;
    friend class Reader;
    enum class Action { store, append, store_true, help, version };
    enum class Words { one, optional, one_or_more };

    std::vector<std::string> flags_;
    std::string help_;
    std::string metavar_;
    std::string version_;
    std::optional<std::string> default_;
    std::vector<std::string> choices_;
    Type type_ = Type::text;
    Action action_ = Action::store;
    Words words_ = Words::one;
    Group* group_ = nullptr;
    bool required_ = false;
    bool hidden_ = false;
};

/// Options of which at most one may be given, or, when required, exactly one.
class Group {
public:
    Argument& add(std::vector<std::string> flags, std::string help);

private:
    friend class Parser;
    friend class Layout;
    friend class Reader;

    Parser* parser_ = nullptr;
    bool required_ = false;
    std::string title_;
    std::vector<Argument*> arguments_;
};

/// Wrong usage, or --help, which has been printed already. Of `parser` the usage is to be shown.
struct ParseError {
    const Parser* parser = nullptr;
    std::string message;
    bool help_shown = false;
};

/// What a command line gave. Its Parser must outlive it.
class Namespace {
public:
    bool given(const Argument& argument) const { return values_.contains(&argument); }
    /// The last value, else the default, else nothing.
    std::optional<std::string> text(const Argument& argument) const;
    std::optional<int64_t> number(const Argument& argument) const;
    std::optional<double> real(const Argument& argument) const;
    /// All values, else the default alone.
    std::vector<std::string> texts(const Argument& argument) const;
    /// Whether that command, or one under it, was chosen.
    bool chose(const Parser& command) const { return commands_.contains(&command); }

private:
    friend class Reader;
    friend class Parser;

    std::map<const Argument*, std::vector<std::string>> values_;
    std::map<const Argument*, std::string> defaults_;
    std::set<const Parser*> commands_;
};

class Parser {
public:
    /// Has -h and --help already.
    explicit Parser(std::string prog);
    Parser(const Parser&) = delete;
    Parser& operator=(const Parser&) = delete;

    Parser& description(std::string text);
    Argument& add(std::vector<std::string> flags, std::string help);
    /// A title gives the group a section of its own in the help.
    Group& add_group(bool required, std::string title = {});
    Parser& add_command(std::string name, std::string help);
    /// What usage and help call the commands, instead of listing them.
    Parser& commands_metavar(std::string name);
    Parser& commands_title(std::string title);

    /// Throws ParseError; --help prints on `io.out` first.
    Namespace parse(const Args& args, Streams& io) const;
    /// handleError(): the usage and "prog: error: message" on standard error; nothing after --help.
    static void print_error(Streams& io, const ParseError& error);
    /// parseArgsOrFail(): as parse(), but wrong usage and --help end the program with status 1.
    Namespace parse_or_exit(const Args& args, Streams& io) const;

    std::string usage() const;
    std::string help() const;
    const std::string& prog() const { return prog_; }

private:
    friend class Group;
    friend class Layout;
    friend class Reader;

    std::string prog_;
    std::string description_;
    std::string command_;
    std::string command_help_;
    std::string commands_metavar_;
    std::string commands_title_;
    const Parser* parent_ = nullptr;
    std::deque<Argument> arguments_;
    std::deque<Group> groups_;
    std::deque<Parser> commands_;
    std::map<std::string, Argument*, std::less<>> by_flag_;
};

}  // namespace stoker::cli::argparse
