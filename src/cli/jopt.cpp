#include "cli/jopt.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <memory>
#include <utility>

#include "base/check.hpp"
#include "cli/java_number.hpp"

namespace stoker::cli::jopt {

using kafka::Failure;
using kafka::KafkaException;

namespace {

[[noreturn]] void raise(std::string_view type, std::string message,
                        std::shared_ptr<const Failure> cause = {}) {
    throw KafkaException(Failure{.exception = "joptsimple." + std::string(type),
                                 .message = std::move(message),
                                 .cause = std::move(cause)});
}

/// "a/b" for an option with synonyms, in the list "[a/b, c]" of an exception.
std::string listed(const std::vector<std::string>& names) {
    std::string text = "[";
    for (const std::string& name : names) text += (text.size() > 1 ? ", " : "") + name;
    return text + "]";
}

std::shared_ptr<const Failure> number_failure(std::string message, bool reflected) {
    auto cause = std::make_shared<const Failure>(
        Failure{.exception = "java.lang.NumberFormatException", .message = std::move(message)});
    if (!reflected) return cause;
    return std::make_shared<const Failure>(
        Failure{.exception = "joptsimple.internal.ReflectionException",
                .message = cause->to_string(),
                .cause = cause});
}

[[noreturn]] void raise_conversion(const std::string& option, const std::string& value,
                                   std::shared_ptr<const Failure> cause) {
    raise("OptionArgumentConversionException",
          "Cannot parse argument '" + value + "' of option " + option, std::move(cause));
}

bool is_long_token(std::string_view word) {
    return word.starts_with("--");
}
bool looks_like_option(std::string_view word) {
    return is_long_token(word) || (word.starts_with("-") && word != "-");
}

}  // namespace

Option& Option::with_required_arg(std::string described_as, Type type) {
    argument_ = Argument::required;
    described_as_ = std::move(described_as);
    type_ = type;
    return *this;
}
Option& Option::with_optional_arg(std::string described_as, Type type) {
    with_required_arg(std::move(described_as), type);
    argument_ = Argument::optional;
    return *this;
}
Option& Option::defaults_to(std::string value) {
    default_ = std::move(value);
    return *this;
}
Option& Option::separated_by(char separator) {
    separator_ = separator;
    return *this;
}
Option& Option::required() {
    required_ = true;
    return *this;
}
Option& Option::required_if(const Option& other) {
    required_if_.push_back(&other);
    return *this;
}
Option& Option::available_if(const Option& other) {
    available_if_.push_back(&other);
    return *this;
}
Option& Option::available_unless(const Option& other) {
    available_unless_.push_back(&other);
    return *this;
}
Option& Option::one_of(std::vector<std::string> words, std::string shown) {
    words_ = std::move(words);
    shown_words_ = std::move(shown);
    return *this;
}
Option& Option::extension() {
    extension_ = true;
    return *this;
}
Option& Option::for_help() {
    for_help_ = true;
    return *this;
}

std::string Option::to_string() const {
    return listed(names_);
}

std::vector<std::string> OptionSet::texts(const Option& option) const {
    const auto found = given_.find(&option);
    std::vector<std::string> values;
    if (found != given_.end()) values = found->second;
    if (values.empty() && option.default_) values.push_back(*option.default_);
    if (option.words_.empty()) return values;
    for (std::string& value : values) {
        const auto same = [&](const std::string& word) {
            return std::ranges::equal(word, value, {}, ::tolower, ::tolower);
        };
        const auto word = std::ranges::find_if(option.words_, same);
        if (word == option.words_.end()) {
            std::string shown = listed(option.words_);
            std::erase(shown, ' ');
            raise_conversion(
                option.name(), value,
                std::make_shared<const Failure>(
                    Failure{.exception = "joptsimple.ValueConversionException",
                            .message = "Value [" + value + "] is not one of [" + shown + "]"}));
        }
        value = *word;
    }
    return values;
}

std::optional<std::string> OptionSet::text(const Option& option) const {
    const std::vector<std::string> values = texts(option);
    if (values.size() > 1) {
        raise("MultipleArgumentsForOptionException", "Found multiple arguments for option " +
                                                         option.name() +
                                                         ", but you asked for only one");
    }
    if (values.empty()) return std::nullopt;
    return values.front();
}

std::vector<int64_t> OptionSet::numbers(const Option& option) const {
    std::vector<int64_t> numbers;
    for (const std::string& value : texts(option)) {
        const auto number =
            option.type_ == Type::int32 ? parse_java_int(value) : parse_java_long(value);
        if (!number) raise_conversion(option.name(), value, number_failure(number.error(), true));
        numbers.push_back(*number);
    }
    return numbers;
}

std::optional<int64_t> OptionSet::number(const Option& option) const {
    // As in Java every value is converted before their number is looked at.
    const std::vector<int64_t> all = numbers(option);
    if (!text(option)) return std::nullopt;
    return all.front();
}

std::optional<double> OptionSet::real(const Option& option) const {
    for (const std::string& value : texts(option)) {
        const auto number = parse_java_double(value);
        if (!number) raise_conversion(option.name(), value, number_failure(number.error(), true));
    }
    const auto value = text(option);
    if (!value) return std::nullopt;
    return *parse_java_double(*value);
}

/// One pass over a command line.
class Reader {
public:
    Reader(const Parser& parser, const std::vector<std::string>& args)
        : parser_(parser), args_(args) {}

    OptionSet read() {
        result_.empty_ = args_.empty();
        while (next_ < args_.size()) {
            const std::string& word = args_[next_++];
            if (word == "--") {
                result_.others_.insert(result_.others_.end(), args_.begin() + std::ptrdiff_t(next_),
                                       args_.end());
                break;
            }
            if (is_long_token(word)) {
                read_long(std::string_view(word).substr(2));
            } else if (looks_like_option(word)) {
                read_short(std::string_view(word).substr(1));
            } else {
                result_.others_.push_back(word);
            }
        }
        return std::move(result_);
    }

private:
    void read_long(std::string_view word) {
        const size_t equals = word.find('=');
        const Option* option = parser_.find(word.substr(0, equals));
        if (option == nullptr) refuse(word.substr(0, equals));
        handle(*option, value_after(word, equals));
    }

    void read_short(std::string_view word) {
        const size_t equals = word.find('=');
        const Option* whole = parser_.find(word.substr(0, equals));
        if (whole != nullptr) {
            handle(*whole, value_after(word, equals));
            return;
        }
        read_cluster(word);
    }

    /// Options of one letter in a row; one that takes an argument takes the rest of the word.
    void read_cluster(std::string_view letters) {
        for (size_t i = 0; i < letters.size(); ++i) {
            const Option* option = parser_.find(letters.substr(i, 1));
            if (option == nullptr) refuse(letters.substr(i, 1));
            if (option->argument_ != Option::Argument::none) break;
        }
        for (size_t i = 0; i < letters.size(); ++i) {
            const Option& option = *parser_.find(letters.substr(i, 1));
            if (option.argument_ != Option::Argument::none && i + 1 < letters.size()) {
                handle(option, std::string(letters.substr(i + 1)));
                break;
            }
            handle(option, std::nullopt);
        }
    }

    static std::optional<std::string> value_after(std::string_view word, size_t equals) {
        if (equals == std::string_view::npos) return std::nullopt;
        return std::string(word.substr(equals + 1));
    }

    [[noreturn]] static void refuse(std::string_view name) {
        const std::string_view hint =
            name == "zookeeper" ? "; use --bootstrap-server with the address of a broker" : "";
        raise("UnrecognizedOptionException",
              std::string(name) + " is not a recognized option" + std::string(hint));
    }

    void handle(const Option& option, std::optional<std::string> value) {
        std::vector<std::string>& values = result_.given_[&option];
        if (option.argument_ == Option::Argument::none) return;
        if (!value && option.argument_ == Option::Argument::required) {
            if (next_ >= args_.size()) {
                raise("OptionMissingRequiredArgumentException",
                      "Option " + option.name() + " requires an argument");
            }
            value = args_[next_++];
        }
        if (!value && next_ < args_.size() && may_take(option, args_[next_])) {
            value = args_[next_++];
        }
        if (value) add(values, option, *value);
    }

    /// Whether the next word is the value of an option that need not have one.
    static bool may_take(const Option& option, const std::string& word) {
        switch (option.type_) {
            case Type::text:
                return !looks_like_option(word);
            case Type::int32:
                return parse_java_int(word).has_value();
            case Type::int64:
                return parse_java_long(word).has_value();
            case Type::float64:
                return parse_java_double(word).has_value();
        }
        return false;
    }

    static void add(std::vector<std::string>& values, const Option& option,
                    const std::string& value) {
        const size_t before = values.size();
        std::string_view rest = value;
        while (option.separator_ != '\0' && !rest.empty()) {
            const size_t end = rest.find(option.separator_);
            if (end != 0) values.emplace_back(rest.substr(0, end));
            if (end == std::string_view::npos) break;
            rest.remove_prefix(end + 1);
        }
        if (values.size() == before) values.push_back(value);
    }

    const Parser& parser_;
    const std::vector<std::string>& args_;
    size_t next_ = 0;
    OptionSet result_;
};

Parser::Parser() {
    help_ = &accepts("help", "Print this and exit.").for_help();
    version_ =
        &accepts("version", "Print the version of Kafka whose tool this is like.").for_help();
}

Option& Parser::accepts(std::string name, std::string description,
                        std::vector<std::string> synonyms) {
    Option& option = options_.emplace_back();
    option.names_ = std::move(synonyms);
    option.names_.insert(option.names_.begin(), std::move(name));
    option.description_ = std::move(description);
    for (const std::string& each : option.names_) {
        STOKER_CHECK(by_name_.emplace(each, &option).second, "an option is declared once");
    }
    return option;
}

void Parser::mutually_exclusive(std::vector<Option*> options) {
    for (Option* option : options) {
        for (const Option* other : options) {
            if (option != other) option->available_unless(*other);
        }
    }
}

const Option* Parser::find(std::string_view name) const {
    const auto found = by_name_.find(name);
    return found == by_name_.end() ? nullptr : found->second;
}

std::vector<const Option*> Parser::sorted() const {
    std::vector<const Option*> options;
    for (const auto& [name, option] : by_name_) {
        if (name == option->name()) options.push_back(option);
    }
    return options;
}

OptionSet Parser::parse(const std::vector<std::string>& args) const {
    OptionSet options = Reader(*this, args).read();
    const bool asks_help = std::ranges::any_of(
        options_, [&](const Option& option) { return option.for_help_ && options.has(option); });
    if (asks_help) return options;
    check_required(options);
    check_available(options);
    return options;
}

void Parser::check_required(const OptionSet& options) const {
    std::vector<std::string> missing;
    const auto given = [&](const Option* option) { return options.has(*option); };
    for (const Option* option : sorted()) {
        const bool needed = option->required_ || std::ranges::any_of(option->required_if_, given);
        if (needed && !options.has(*option)) missing.push_back(option->name());
    }
    if (missing.empty()) return;
    raise("MissingRequiredOptionsException", "Missing required option(s) " + listed(missing));
}

void Parser::check_available(const OptionSet& options) const {
    std::vector<std::string> forbidden;
    const auto given = [&](const Option* option) { return options.has(*option); };
    for (const Option* option : sorted()) {
        if (!options.has(*option)) continue;
        const bool lacks =
            !option->available_if_.empty() && std::ranges::none_of(option->available_if_, given);
        if (lacks || std::ranges::any_of(option->available_unless_, given)) {
            forbidden.push_back(option->name());
        }
    }
    if (forbidden.empty()) return;
    raise("UnavailableOptionException",
          "Option(s) " + listed(forbidden) +
              " are unavailable given other options on the command line");
}

}  // namespace stoker::cli::jopt
