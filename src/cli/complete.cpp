#include "cli/complete.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <set>
#include <sstream>
#include <utility>

#include "cli/usage.hpp"
#include "kafka/admin.hpp"
#include "kafka/admin_topics.hpp"
#include "kafka/group_admin.hpp"

namespace stoker::cli {
namespace {

constexpr const char* patience_ms = "500";
constexpr size_t indent_max = 8;
constexpr std::string_view default_bootstrap = "localhost:9092";

using Words = std::vector<std::string>;

enum class Names { topics, groups };

/// Options whose value names something in the cluster.
constexpr auto naming_options = std::to_array<std::pair<std::string_view, Names>>({
    {"--topic", Names::topics},
    {"--topic-list", Names::topics},
    {"--include", Names::topics},
    {"--group", Names::groups},
    {"--group-id", Names::groups},
    {"--consumer-group", Names::groups},
});

struct Choice {
    std::string_view option;
    std::string_view words;
};
constexpr auto choices = std::to_array<Choice>({
    {"--bootstrap-server", "localhost:9092"},
    {"--broker-list", "localhost:9092"},
    {"--entity-type", "brokers client-metrics clients groups ips topics users"},
    {"--compression-codec", "gzip lz4 none snappy zstd"},
    {"--offset", "earliest latest"},
    {"--isolation-level", "read_committed read_uncommitted"},
    {"--election-type", "preferred unclean"},
    {"--output", "csv json table"},
    {"--group-protocol", "classic consumer"},
});

Words split(std::string_view text) {
    std::istringstream in{std::string(text)};
    return {std::istream_iterator<std::string>(in), {}};
}

std::string help_of(const Tool& tool, Args args) {
    std::string text;
    Writer out(text), err(text);
    const SystemClock clock;
    const kafka::Log silent(clock, [](std::string_view) {});
    Streams io{.out = out, .err = err, .in = -1, .clock = clock, .log = silent};
    args.push_back("--help");
    run_tool(tool, args, io);
    return text;
}

/// The long options that stand at the beginning of a help's lines.
std::set<std::string> options_in(const std::string& help) {
    std::set<std::string> options;
    std::istringstream lines(help);
    for (std::string line; std::getline(lines, line);) {
        size_t at = line.find_first_not_of("* ");
        if (at > indent_max) continue;  // a description that goes on
        line.resize(std::min(line.find("  ", at), line.size()));
        // Two layouts: "--topic <String: topic>", and "  --topic TOPIC, -t TOPIC".
        while (at != line.npos && line[at] == '-') {
            const size_t end = std::min(line.find_first_of(" ,=", at), line.size());
            if (line.compare(at, 2, "--") == 0 && end > at + 2) {
                options.insert(line.substr(at, end - at));
            }
            const size_t comma = line.find(", -", end);
            at = comma == line.npos ? comma : comma + 2;
        }
    }
    return options;
}

/// "{cluster-id,unregister}" in a usage.
std::set<std::string> commands_in(const std::string& help) {
    std::set<std::string> commands;
    const size_t open = help.find('{'), close = help.find('}', open);
    if (!help.starts_with("usage:") || close == help.npos) return commands;
    std::string list = help.substr(open + 1, close - open - 1);
    std::ranges::replace(list, ',', ' ');
    const Words words = split(list);
    commands.insert(words.begin(), words.end());
    return commands;
}

/// The value that the words give to an option, in either form.
std::optional<std::string> value_of(const Words& words, std::string_view option) {
    for (size_t i = 1; i < words.size(); ++i) {
        if (words[i] == option && i + 1 < words.size()) return words[i + 1];
        if (words[i].starts_with(option) && words[i].size() > option.size() &&
            words[i][option.size()] == '=') {
            return words[i].substr(option.size() + 1);
        }
    }
    return std::nullopt;
}

Words names(Names kind, const LiveNames& live) {
    return kind == Names::topics ? live.topics() : live.groups();
}

/// What may be the value of that option; nothing for one that takes none or any.
std::optional<Words> values_for(std::string_view option, const Words& words,
                                const LiveNames& live) {
    for (const auto& [name, kind] : naming_options) {
        if (name == option) return names(kind, live);
    }
    for (const Choice& choice : choices) {
        if (choice.option == option) return split(choice.words);
    }
    if (option == "--entity-name") {
        const std::string type = value_of(words, "--entity-type").value_or("");
        if (type == "topics") return names(Names::topics, live);
        if (type == "groups") return names(Names::groups, live);
    }
    return std::nullopt;
}

Words candidates(const Tool& tool, const Words& words, const LiveNames& live) {
    const std::string& last = words.back();
    if (last.starts_with("--") && last.contains('=')) {
        const std::string option = last.substr(0, last.find('='));
        Words values = values_for(option, words, live).value_or(Words{});
        for (std::string& value : values) value = option + "=" + value;
        return values;
    }
    if (auto values = values_for(words[words.size() - 2], words, live)) return *values;
    Args command;
    std::string help = help_of(tool, {});
    std::set<std::string> all = commands_in(help);
    for (size_t i = 1; i + 1 < words.size() && command.empty(); ++i) {
        if (all.contains(words[i])) command.push_back(words[i]);
    }
    if (!command.empty()) {
        help = help_of(tool, command);
        all = commands_in(help);
    }
    all.merge(options_in(help));
    return {all.begin(), all.end()};
}

kafka::ClientProperties properties_of(const Words& words) {
    kafka::ClientProperties properties;
    if (const auto path = value_of(words, "--command-config")) {
        properties = load_properties(*path).value_or(kafka::ClientProperties{});
    }
    auto bootstrap = value_of(words, "--bootstrap-server");
    if (!bootstrap) bootstrap = value_of(words, "--broker-list");
    properties.set("bootstrap.servers", bootstrap.value_or(std::string(default_bootstrap)));
    for (const char* limit : {"default.api.timeout.ms", "request.timeout.ms",
                              "socket.connection.setup.timeout.ms"}) {
        properties.set(limit, patience_ms);
    }
    return properties;
}

constexpr std::string_view bash_script =
    R"script(# Words are kept whole: bash would break localhost:9092 into three.
COMP_WORDBREAKS=${COMP_WORDBREAKS//[:=]/}
_kafka_tools() {
  local IFS=$'\n'
  COMPREPLY=($(kafka-tools --complete "${COMP_WORDS[@]:0:COMP_CWORD+1}" 2>/dev/null))
}
complete -o default -F _kafka_tools)script";

constexpr std::string_view zsh_script = R"script(_kafka_tools() {
  local -a found
  found=(${(f)"$(kafka-tools --complete "${(@)words[1,CURRENT]}" 2>/dev/null)"})
  if (( ${#found} )); then compadd -a found; else _files; fi
}
(( ${+functions[compdef]} )) || { autoload -Uz compinit && compinit }
compdef _kafka_tools)script";

constexpr std::string_view fish_script = R"script(function __kafka_tools
  kafka-tools --complete (commandline -opc) (commandline -ct) 2>/dev/null
end)script";

}  // namespace

std::vector<std::string> complete(const Args& words, const LiveNames& live) {
    if (words.size() < 2) return {};
    const Tool* tool = find_tool(words[0]);
    if (tool == nullptr) return {};
    Words found = candidates(*tool, words, live);
    std::erase_if(found, [&](const std::string& word) { return !word.starts_with(words.back()); });
    std::ranges::sort(found);
    return found;
}

int run_complete(const Args& words, Streams& io) {
    const kafka::Log silent(io.clock, [](std::string_view) {});
    const auto admin = kafka::Admin::create(properties_of(words), silent, io.clock);
    LiveNames live;
    live.topics = [&] {
        Words all;
        if (!admin) return all;
        if (const auto topics = kafka::list_topics(**admin, true)) {
            for (const auto& topic : *topics) all.push_back(topic.name);
        }
        return all;
    };
    live.groups = [&] {
        Words all;
        if (!admin) return all;
        if (const auto groups = kafka::find_groups(**admin, {})) {
            for (const auto& group : *groups) all.push_back(group.group_id);
        }
        return all;
    };
    for (const std::string& word : complete(words, live)) io.out.line(word);
    io.out.flush();
    return 0;
}

std::optional<std::string> completion_script(std::string_view shell) {
    std::string script;
    if (shell == "bash") script = bash_script;
    else if (shell == "zsh") script = zsh_script;
    else if (shell == "fish") script = fish_script;
    else return std::nullopt;
    for (const Tool& tool : tools()) {
        for (const char* ending : {"", ".sh"}) {
            const std::string name = std::string(tool.name) + ending;
            script += shell == "fish" ? "\ncomplete -c " + name + " -f -a '(__kafka_tools)'"
                                      : " " + name;
        }
    }
    return script + "\n";
}

}  // namespace stoker::cli
