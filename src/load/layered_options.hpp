// LayeredOptions: one declaration an option, three places where its value may come from. The
// command line wins over the environment, the environment over the .env file, and that over the
// default. Every value is checked in the same way wherever it came from, and a complaint says where
// that was.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "load/dotenv.hpp"

namespace stoker::load {

/// Looks a variable of the process's environment up; null when it is not set.
using Environment = std::function<const char*(const char* name)>;

/// The process's own environment.
Environment process_environment();

/// Wrong usage: one sentence that says what to do. Caught where options are parsed.
class UsageError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// Instead of options: print this and end. `code` is 0 for --help and --version, 2 for wrong usage.
struct EarlyExit {
    int code = 0;
    std::string out;
    std::string error;
};

class LayeredOptions {
public:
    struct Declaration {
        std::string flags;     ///< CLI11's: "--a,--alias"; the first one names the option
        std::string variable;  ///< of the environment and of .env; empty: command line only
        std::string help;
        std::string fallback;  ///< the default; empty: none
        bool takes_value = true;
    };

    LayeredOptions(std::string program, std::string description);

    void declare(Declaration declaration);
    /// Parses and reads the .env file: --env-file, or .env in the working directory if it exists.
    std::optional<EarlyExit> parse(int argc, const char* const* argv, Environment environment);

    /// Each of these throws UsageError when the value does not fit; `flag` is a declared option.
    std::string text(const std::string& flag) const;
    int64_t whole(const std::string& flag, int64_t low, int64_t high) const;
    double decimal(const std::string& flag, double low, double high) const;
    bool truth(const std::string& flag) const;
    std::string choice(const std::string& flag,
                       std::initializer_list<std::string_view> choices) const;
    /// The path of a file that can be read; empty text when none is given.
    std::string readable_file(const std::string& flag) const;
    /// Whether a value was given anywhere, and not just on the command line.
    bool given(const std::string& flag) const;
    bool given_on_command_line(const std::string& flag) const;

    /// Lines of the .env file that were skipped.
    const std::vector<std::string>& warnings() const { return dotenv_.warnings; }

private:
    struct Option {
        Declaration declaration;
        std::string on_command_line;
        bool flag_set = false;
        CLI::Option* cli = nullptr;
    };
    struct Value {
        std::string text;
        std::string origin;
    };
    std::optional<Value> find(const std::string& flag) const;
    std::optional<EarlyExit> read_dotenv();
    std::string unknown_words() const;

    std::string program_;
    CLI::App app_;
    std::string env_file_;
    std::map<std::string, Option> options_;  ///< nodes stay where CLI11 writes to them
    Environment environment_;
    DotEnv dotenv_;
};

}  // namespace stoker::load
