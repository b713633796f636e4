// Options by the rules of joptsimple 5.0.4, which most of Java's tools use: `--name value`,
// `--name=value`, `-name value`, no abbreviations, options in any order, values converted when they
// are asked for. Errors are Java's exceptions (KafkaException) with its texts.
//
//     struct Options {
//         jopt::Parser parser;
//         const jopt::Option& topic =
//             parser.accepts("topic", "The topic to read.").with_required_arg("topic");
//     };
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "kafka/failure.hpp"

namespace stoker::cli::jopt {

/// What ofType() was given upstream: how values are converted and what the help calls them.
enum class Type { text, int32, int64, float64 };

class Parser;

/// One option. Made and owned by its Parser, at one address for the life of it.
class Option {
public:
    /// `described_as` is what the help shows for the value: `--topic <String: topic>`.
    Option& with_required_arg(std::string described_as = {}, Type type = Type::text);
    Option& with_optional_arg(std::string described_as = {}, Type type = Type::text);
    /// As typed on a command line; the help shows it.
    Option& defaults_to(std::string value);
    Option& separated_by(char separator);
    Option& required();
    /// Missing this option while one of those is given is an error.
    Option& required_if(const Option& other);
    /// Giving this option without one of those is an error.
    Option& available_if(const Option& other);
    /// Giving this option together with one of those is an error.
    Option& available_unless(const Option& other);
    /// One of `words`, in any case; the error names `words` as Java's EnumConverter does, and the
    /// help shows `shown` ("<earliest|latest>").
    Option& one_of(std::vector<std::string> words, std::string shown);
    /// Ours, not upstream's: the help says so.
    Option& extension();
    Option& for_help();

    const std::string& name() const { return names_.front(); }
    /// "[topic]", as an OptionSpec prints.
    std::string to_string() const;

private:
    friend class Parser;
    friend class OptionSet;
    friend class Reader;
    friend class Help;
    enum class Argument { none, optional, required };

    std::vector<std::string> names_;
    std::string description_;
    std::string described_as_;
    Type type_ = Type::text;
    Argument argument_ = Argument::none;
    std::optional<std::string> default_;
    char separator_ = '\0';
    std::vector<std::string> words_;
    std::string shown_words_;
    std::vector<const Option*> required_if_;
    std::vector<const Option*> available_if_;
    std::vector<const Option*> available_unless_;
    bool required_ = false;
    bool extension_ = false;
    bool for_help_ = false;
};

/// What a command line gave. Its Parser must outlive it.
class OptionSet {
public:
    bool has(const Option& option) const { return given_.contains(&option); }
    /// The value, else the default, else nothing; several values are an error.
    std::optional<std::string> text(const Option& option) const;
    /// The same for an int32 or int64 option.
    std::optional<int64_t> number(const Option& option) const;
    std::optional<double> real(const Option& option) const;
    /// text() of an option that has a default or was checked to be there: "" otherwise.
    std::string text_or_empty(const Option& option) const { return text(option).value_or(""); }
    /// All values, else the default alone.
    std::vector<std::string> texts(const Option& option) const;
    std::vector<int64_t> numbers(const Option& option) const;
    /// Words that belong to no option.
    const std::vector<std::string>& others() const { return others_; }
    /// Nothing at all on the command line.
    bool empty_command_line() const { return empty_; }

private:
    friend class Parser;
    friend class Reader;

    std::map<const Option*, std::vector<std::string>> given_;
    std::vector<std::string> others_;
    bool empty_ = true;
};

class Parser {
public:
    /// Has --help and --version already.
    Parser();
    Parser(const Parser&) = delete;
    Parser& operator=(const Parser&) = delete;

    /// Further names are synonyms. The description is one of our own; lines are broken here.
    Option& accepts(std::string name, std::string description,
                    std::vector<std::string> synonyms = {});
    void mutually_exclusive(std::vector<Option*> options);
    OptionSet parse(const std::vector<std::string>& args) const;

    const Option& help_option() const { return *help_; }
    const Option& version_option() const { return *version_; }
    /// The table of options, 80 columns wide.
    std::string help() const;
    /// Every option in the order of its name, for completion and the help.
    std::vector<const Option*> sorted() const;

private:
    friend class Reader;
    const Option* find(std::string_view name) const;
    void check_required(const OptionSet& options) const;
    void check_available(const OptionSet& options) const;

    std::deque<Option> options_;
    std::map<std::string, Option*, std::less<>> by_name_;
    const Option* help_ = nullptr;
    const Option* version_ = nullptr;
};

}  // namespace stoker::cli::jopt
