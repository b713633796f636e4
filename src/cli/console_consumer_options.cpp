#include "cli/console_consumer_options.hpp"

#include <algorithm>
#include <cctype>
#include <vector>

#include "base/random.hpp"
#include "cli/client_tool.hpp"
#include "cli/java_number.hpp"
#include "cli/usage.hpp"
#include "kafka/consumer.hpp"
#include "kafka/java_text.hpp"

namespace stoker::cli {
namespace {

using jopt::Option;
using kafka::ClientProperties;

constexpr uint64_t generated_groups = 100'000;
constexpr std::string_view formatter_properties =
    "There are print.timestamp, print.key, print.offset, print.epoch, print.partition, "
    "print.headers, print.value (true or false), key.separator, line.separator, "
    "headers.separator, null.literal, key.deserializer, value.deserializer and "
    "headers.deserializer; what follows after a deserializer's name and a dot is its own.";

struct Options {
    jopt::Parser parser;
    const Option& topic =
        parser.accepts("topic", "The topic to read.").with_required_arg("topic");
    const Option& whitelist = parser.accepts("whitelist", "Deprecated: use --include.")
                                  .with_required_arg("Java regex (String)")
                                  .extension();
    const Option& include =
        parser.accepts("include", "A regular expression: all topics that it matches are read.")
            .with_required_arg("Java regex (String)");
    const Option& partition =
        parser.accepts("partition",
                       "The partition to read, from its end unless --offset says otherwise.")
            .with_required_arg("partition", jopt::Type::int32);
    const Option& offset =
        parser.accepts("offset",
                       "Where to begin: a number that is not negative, 'earliest' or 'latest'.")
            .with_required_arg("consume offset")
            .defaults_to("latest");
    const Option& consumer_property =
        parser.accepts("consumer-property",
                       "(DEPRECATED) As --command-property, which to use instead.")
            .with_required_arg("consumer_prop");
    const Option& command_property =
        parser.accepts("command-property", "A setting of the consumer, as key=value.")
            .with_required_arg("consumer_prop");
    const Option& consumer_config =
        parser.accepts("consumer.config", "(DEPRECATED) As --command-config, which to use instead.")
            .with_required_arg("config file");
    const Option& command_config =
        parser.accepts("command-config",
                       "A properties file of the consumer; --command-property goes first.")
            .with_required_arg("config file");
    const Option& formatter =
        parser.accepts("formatter", "The class that prints the records.")
            .with_required_arg("class")
            .defaults_to(std::string(default_formatter));
    const Option& property =
        parser.accepts("property", "(DEPRECATED) As --formatter-property, which to use instead.")
            .with_required_arg("prop");
    const Option& formatter_property =
        parser.accepts("formatter-property",
                       "How records are printed, as key=value; may be repeated. " +
                           std::string(formatter_properties))
            .with_required_arg("prop");
    const Option& formatter_config =
        parser.accepts("formatter-config",
                       "A file of such properties; --formatter-property goes first.")
            .with_required_arg("config file");
    const Option& from_beginning =
        parser.accepts("from-beginning",
                       "Begins with the first record there is, where no offset was committed.");
    const Option& max_messages =
        parser.accepts("max-messages", "Ends after so many records; without it never.")
            .with_required_arg("num_messages", jopt::Type::int32);
    const Option& timeout_ms =
        parser.accepts("timeout-ms", "Ends when no record has come for so long.")
            .with_required_arg("timeout_ms", jopt::Type::int64);
    const Option& skip_on_error =
        parser.accepts("skip-message-on-error", "Passes over a record that cannot be printed.");
    const Option& bootstrap_server =
        parser.accepts("bootstrap-server", "REQUIRED: the servers to connect to first.")
            .with_required_arg("server to connect to");
    const Option& key_deserializer =
        parser.accepts("key-deserializer", "The class that reads keys.")
            .with_required_arg("deserializer for keys");
    const Option& value_deserializer =
        parser.accepts("value-deserializer", "The class that reads values.")
            .with_required_arg("deserializer for values");
    const Option& systest_events =
        parser.accepts("enable-systest-events",
                       "Also says when it is done; for upstream's system tests.");
    const Option& isolation_level =
        parser.accepts("isolation-level",
                       "read_committed leaves out what open and aborted transactions wrote.")
            .with_required_arg("")
            .defaults_to("read_uncommitted");
    const Option& group =
        parser.accepts("group", "The consumer group.").with_required_arg("consumer group id");
};

class Reader {
public:
    Reader(const Args& args, Streams& io)
        : io_(io), options_(parse_or_usage(io, o_.parser, args)) {}

    ConsoleConsumerOptions read() {
        print_help_or_version(
            io_, o_.parser, options_,
            "This tool helps to read data from Kafka topics and outputs it to standard output.");
        check();
        ConsoleConsumerOptions chosen;
        const Option& word =
            either(o_.command_property, o_.consumer_property, o_.consumer_config,
                   o_.command_config);
        chosen.consumer = consumer_properties(word);
        chosen.topic = options_.text(o_.topic);
        chosen.include = options_.text(options_.has(o_.include) ? o_.include : o_.whitelist);
        if (options_.has(o_.partition)) {
            chosen.partition = int32_t(*options_.number(o_.partition));
        }
        chosen.offset = offset();
        chosen.timeout_ms = timeout_ms();
        chosen.formatter = formatter();
        chosen.max_messages = options_.number(o_.max_messages).value_or(-1);
        chosen.skips_on_error = options_.has(o_.skip_on_error);
        chosen.systest_events = options_.has(o_.systest_events);
        return chosen;
    }

private:
    /// Of the lines about older options.
    static constexpr std::string_view head = "Option ";

    [[noreturn]] void refuse(std::string_view why) { print_usage_and_exit(io_, o_.parser, why); }

    void check() {
        // Gone from upstream's tool since 4.0, and still in many a guide.
        const bool is_old = options_.has(o_.whitelist) && !options_.has(o_.include);
        if (is_old) warn_deprecated(io_, head, options_, o_.whitelist, o_.include);
        check_one_of_args(io_, o_.parser, options_,
                          {&o_.topic, is_old ? &o_.whitelist : &o_.include});
        if (options_.has(o_.partition)) {
            if (!options_.has(o_.topic)) {
                refuse("The topic is required when partition is specified.");
            }
            if (options_.has(o_.from_beginning) && options_.has(o_.offset)) {
                refuse("Options from-beginning and offset cannot be specified together.");
            }
        } else if (options_.has(o_.offset)) {
            refuse("The partition is required when offset is specified.");
        }
        check_required_args(io_, o_.parser, options_, {&o_.bootstrap_server});
    }

    /// Both refusals come before both warnings.
    const Option& either(const Option& property, const Option& old_property,
                         const Option& old_config, const Option& config) {
        refuse_both(io_, o_.parser, options_, old_property, property);
        refuse_both(io_, o_.parser, options_, old_config, config);
        warn_deprecated(io_, head, options_, old_property, property);
        warn_deprecated(io_, head, options_, old_config, config);
        return options_.has(old_property) ? old_property : property;
    }

    /// The one group that is named, however often it is.
    std::optional<std::string> group(const ClientProperties& file, const ClientProperties& words) {
        std::vector<std::string> named;
        const auto add = [&](const std::optional<std::string>& id) {
            if (id && std::ranges::find(named, *id) == named.end()) named.push_back(*id);
        };
        add(options_.text(o_.group));
        add(file.get("group.id"));
        add(words.get("group.id"));
        if (named.size() > 1) {
            std::string list;
            for (const std::string& id : kafka::in_hash_order(named)) {
                list += (list.empty() ? "'" : ", '") + id + "'";
            }
            refuse("The group ids provided in different places (directly using '--group', via "
                   "'--consumer-property', or via '--consumer.config') do not match. Detected "
                   "group ids: " +
                   list);
        }
        if (!named.empty() && options_.has(o_.partition)) {
            refuse("Options group and partition cannot be specified together.");
        }
        if (named.empty()) return std::nullopt;
        return named.front();
    }

    ClientProperties consumer_properties(const Option& word) {
        const Option& file =
            options_.has(o_.consumer_config) ? o_.consumer_config : o_.command_config;
        const ClientProperties from_file = load_properties_or_throw(options_.text(file));
        ClientProperties words;
        for (auto& [name, value] :
             kafka::value_or_throw(parse_key_values(options_.texts(word)))) {
            words.set(name, value);
        }
        const std::optional<std::string> id = group(from_file, words);
        ClientProperties properties = from_file;
        for (const auto& [name, value] : words.values()) properties.set(name, value);
        set_reset(properties);
        properties.set("bootstrap.servers", options_.text_or_empty(o_.bootstrap_server));
        properties.set_default("client.id", "console-consumer");
        merge_option(properties, "isolation.level", options_, o_.isolation_level);
        if (id) {
            properties.set("group.id", *id);
        } else {
            properties.set("group.id", "console-consumer-" +
                                           std::to_string(Random().below(generated_groups)));
            properties.set_default("enable.auto.commit", "false");
        }
        return properties;
    }

    void set_reset(ClientProperties& properties) {
        const bool from_beginning = options_.has(o_.from_beginning);
        const auto given = properties.get("auto.offset.reset");
        if (given && from_beginning && *given != "earliest") {
            io_.err.line("Can't simultaneously specify --from-beginning and 'auto.offset.reset=" +
                         *given + "', please remove one option");
            throw Exit{1};
        }
        properties.set_default("auto.offset.reset", from_beginning ? "earliest" : "latest");
    }

    int64_t offset() {
        if (!options_.has(o_.offset)) {
            return options_.has(o_.from_beginning) ? kafka::earliest_timestamp
                                                   : kafka::latest_timestamp;
        }
        const std::string text = options_.text_or_empty(o_.offset);
        std::string word = text;
        std::ranges::transform(word, word.begin(), [](unsigned char c) { return std::tolower(c); });
        if (word == "earliest") return kafka::earliest_timestamp;
        if (word == "latest") return kafka::latest_timestamp;
        const auto number = parse_java_long(text);
        if (!number || *number < 0) {
            refuse("The provided offset value '" + text +
                   "' is incorrect. Valid values are 'earliest', 'latest', or a non-negative "
                   "long.");
        }
        return *number;
    }

    int64_t timeout_ms() {
        const int64_t given = options_.number(o_.timeout_ms).value_or(-1);
        return given >= 0 ? given : INT64_MAX;
    }

    std::unique_ptr<MessageFormatter> formatter() {
        const std::string name = options_.text_or_empty(o_.formatter);
        if (!make_formatter(name, {}, io_)) refuse(name);
        refuse_both(io_, o_.parser, options_, o_.property, o_.formatter_property);
        warn_deprecated(io_, head, options_, o_.property, o_.formatter_property);
        const Option& words = options_.has(o_.property) ? o_.property : o_.formatter_property;
        try {
            ClientProperties properties =
                load_properties_or_throw(options_.text(o_.formatter_config));
            const std::string key = options_.text_or_empty(o_.key_deserializer);
            const std::string value = options_.text_or_empty(o_.value_deserializer);
            if (!key.empty()) properties.set("key.deserializer", key);
            if (!value.empty()) properties.set("value.deserializer", value);
            for (auto& [property, text] :
                 kafka::value_or_throw(parse_key_values(options_.texts(words)))) {
                properties.set(property, text);
            }
            return make_formatter(name, properties, io_);
        } catch (const kafka::KafkaException& thrown) {
            refuse(thrown.failure().text());
        }
    }

    Streams& io_;
    const Options o_;
    const jopt::OptionSet options_;
};

}  // namespace

ConsoleConsumerOptions read_console_consumer_options(const Args& args, Streams& io) {
    return Reader(args, io).read();
}

}  // namespace stoker::cli
