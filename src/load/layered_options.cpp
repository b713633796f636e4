#include "load/layered_options.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/check.hpp"

namespace stoker::load {

namespace {

constexpr size_t dotenv_size_max = 1 << 20;

std::string first_line(std::string text) {
    return text.substr(0, std::min(text.find('\n'), text.size()));
}

std::string first_name(const std::string& flags) {
    return flags.substr(0, flags.find(','));
}

template <class T>
std::optional<T> number(const std::string& text) {
    T value{};
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) return {};
    return value;
}

std::string lower(std::string text) {
    std::ranges::transform(text, text.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c; });
    return text;
}

}  // namespace

Environment process_environment() {
    return [](const char* name) -> const char* { return std::getenv(name); };
}

LayeredOptions::LayeredOptions(std::string program, std::string description)
    : program_(std::move(program)), app_(std::move(description), program_) {
    app_.set_version_flag("--version", program_ + " " + STOKER_VERSION);
    app_.add_option("--env-file", env_file_, "Read variables from this file instead of .env")
        ->type_name("FILE");
    app_.get_formatter()->column_width(36);
    app_.footer(
        "A value is taken from the command line, else from the environment, else from "
        ".env, else\nit is the default.");
}

void LayeredOptions::declare(Declaration declaration) {
    std::string flag = first_name(declaration.flags);
    auto [at, added] = options_.try_emplace(flag);
    STOKER_CHECK(added, "an option is declared once");
    Option& option = at->second;
    std::string help = declaration.help;
    if (!declaration.fallback.empty()) help += fmt::format(" (default {})", declaration.fallback);
    if (!declaration.variable.empty()) help += fmt::format(" [{}]", declaration.variable);
    option.cli = declaration.takes_value
                     ? app_.add_option(declaration.flags, option.on_command_line, help)
                           ->multi_option_policy(CLI::MultiOptionPolicy::TakeLast)
                           ->type_name("VALUE")
                     : app_.add_flag(declaration.flags, option.flag_set, help);
    option.declaration = std::move(declaration);
}

std::optional<EarlyExit> LayeredOptions::parse(int argc, const char* const* argv,
                                               Environment environment) {
    environment_ = std::move(environment);
    try {
        app_.parse(argc, argv);
    } catch (const CLI::CallForHelp&) {
        return EarlyExit{.out = app_.help()};
    } catch (const CLI::CallForVersion& version) {
        return EarlyExit{.out = std::string(version.what()) + "\n"};
    } catch (const CLI::ExtrasError&) {
        return EarlyExit{.code = 2, .error = unknown_words()};
    } catch (const CLI::ParseError& error) {
        return EarlyExit{.code = 2,
                         .error = fmt::format("{}: {} (see {} --help)\n", program_,
                                              first_line(error.what()), program_)};
    }
    return read_dotenv();
}

/// Names what was not understood, but no value: it may be a password without its option.
std::string LayeredOptions::unknown_words() const {
    std::vector<std::string> names;
    for (const std::string& word : app_.remaining())
        if (word.starts_with("--")) names.push_back(word.substr(0, word.find('=')));
    if (names.empty())
        return fmt::format("{}: a word that belongs to no option (see {} --help)\n", program_,
                           program_);
    return fmt::format("{}: there is no option {} (see {} --help)\n", program_,
                       fmt::join(names, ", "), program_);
}

std::optional<EarlyExit> LayeredOptions::read_dotenv() {
    bool asked_for = !env_file_.empty();
    std::string path = asked_for ? env_file_ : ".env";
    std::error_code ignored;
    if (!asked_for && !std::filesystem::exists(path, ignored)) return {};
    std::ifstream file(path, std::ios::binary);
    std::string text(dotenv_size_max, '\0');
    file.read(text.data(), std::streamsize(text.size()));
    text.resize(size_t(file.gcount()));
    if (file.bad() || (text.empty() && !file.is_open())) {
        if (asked_for)
            return EarlyExit{.code = 2,
                             .error = fmt::format("{}: --env-file {} cannot be read: give the path "
                                                  "of a readable file\n",
                                                  program_, path)};
        dotenv_.warnings.push_back(path + " cannot be read and is left out");
        return {};
    }
    dotenv_ = parse_dotenv(text, path);
    return {};
}

std::optional<LayeredOptions::Value> LayeredOptions::find(const std::string& flag) const {
    auto at = options_.find(flag);
    STOKER_CHECK(at != options_.end(), "only declared options are asked for");
    const Option& option = at->second;
    const std::string& variable = option.declaration.variable;
    if (option.cli->count() > 0)
        return Value{option.declaration.takes_value ? option.on_command_line : "true", flag};
    if (!variable.empty()) {
        // An empty variable is how people leave a line of a template out.
        const char* from_environment = environment_(variable.c_str());
        if (from_environment && *from_environment) return Value{from_environment, variable};
        auto in_file = dotenv_.values.find(variable);
        if (in_file != dotenv_.values.end() && !in_file->second.text.empty()) {
            std::string path = env_file_.empty() ? ".env" : env_file_;
            return Value{in_file->second.text,
                         fmt::format("{} ({}:{})", variable, path, in_file->second.line)};
        }
    }
    if (option.declaration.fallback.empty()) return {};
    return Value{option.declaration.fallback, flag};
}

std::string LayeredOptions::text(const std::string& flag) const {
    auto value = find(flag);
    return value ? value->text : "";
}

int64_t LayeredOptions::whole(const std::string& flag, int64_t low, int64_t high) const {
    Value value = find(flag).value();
    auto parsed = number<int64_t>(value.text);
    if (!parsed || *parsed < low || *parsed > high)
        throw UsageError(fmt::format("{} is \"{}\": give a whole number from {} to {}",
                                     value.origin, value.text, low, high));
    return *parsed;
}

double LayeredOptions::decimal(const std::string& flag, double low, double high) const {
    Value value = find(flag).value();
    auto parsed = number<double>(value.text);
    if (!parsed || !std::isfinite(*parsed) || *parsed < low || *parsed > high)
        throw UsageError(fmt::format("{} is \"{}\": give a number from {} to {}", value.origin,
                                     value.text, low, high));
    return *parsed;
}

bool LayeredOptions::truth(const std::string& flag) const {
    auto value = find(flag);
    if (!value) return false;
    std::string word = lower(value->text);
    if (word == "true" || word == "1" || word == "yes" || word == "on") return true;
    if (word == "false" || word == "0" || word == "no" || word == "off") return false;
    throw UsageError(fmt::format("{} is \"{}\": give true or false", value->origin, value->text));
}

std::string LayeredOptions::choice(const std::string& flag,
                                   std::initializer_list<std::string_view> choices) const {
    Value value = find(flag).value();
    for (std::string_view choice : choices)
        if (lower(value.text) == lower(std::string(choice))) return std::string(choice);
    throw UsageError(fmt::format("{} is \"{}\": give one of {}", value.origin, value.text,
                                 fmt::join(choices, ", ")));
}

std::string LayeredOptions::readable_file(const std::string& flag) const {
    auto value = find(flag);
    if (!value) return "";
    std::error_code error;
    const bool is_folder = std::filesystem::is_directory(value->text, error);
    if (is_folder || !std::ifstream(value->text))
        throw UsageError(fmt::format("{} is \"{}\": give the path of a readable file",
                                     value->origin, value->text));
    return value->text;
}

bool LayeredOptions::given(const std::string& flag) const {
    auto value = find(flag);
    return value && (value->origin != flag || given_on_command_line(flag));
}

bool LayeredOptions::given_on_command_line(const std::string& flag) const {
    return options_.at(flag).cli->count() > 0;
}

}  // namespace stoker::load
