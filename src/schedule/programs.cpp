#include "schedule/programs.hpp"

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <optional>
#include <random>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "program/program.hpp"
#include "program/service_metrics.hpp"
#include "schedule/runner.hpp"
#include "schedule/store.hpp"

namespace stoker::schedule {
namespace {

using program::Journal;

constexpr const char* program_name = "stoker schedule";
constexpr const char* client_id = "stoker-schedule";
/// A record carries all messages of a schedule, and brokers refuse more than a megabyte.
constexpr size_t definition_size_max = 900'000;
constexpr size_t id_size_max = 200;

struct Options {
    program::ClientOptions client;
    std::string store_topic = default_store_topic;
    std::string group = "stoker-schedule";
    Schedule schedule;
    std::string from_file;
    std::string pick = "next";
    std::string catch_up = "skip";
    std::vector<std::string> ids;
    std::optional<uint16_t> metrics_port;
};

std::string new_id() {
    std::random_device source;
    return fmt::format("s-{:08x}", source());
}

std::vector<std::string> read_lines(const std::string& path) {
    std::ifstream file(path);
    if (!file) throw std::runtime_error("The file " + path + " cannot be read.");
    std::vector<std::string> lines;
    for (std::string line; std::getline(file, line);) {
        if (line.ends_with('\r')) line.pop_back();
        if (!line.empty()) lines.push_back(line);
    }
    if (lines.empty()) throw std::runtime_error("The file " + path + " has no line to send.");
    return lines;
}

/// "every 1s", "at 10:00 Europe/Paris", "by '*/5 * * * *'".
std::string shown(const RecurrenceText& when) {
    std::string text = !when.every.empty() ? "every " + when.every
                       : !when.at.empty()  ? "at " + when.at
                                           : "by '" + when.cron + "'";
    if (!when.time_zone.empty()) text += " " + when.time_zone;
    return text;
}

/// When it fires next, on the clocks of its zone.
std::string shown_next(const Schedule& schedule, const std::optional<int64_t>& next) {
    if (!next) return "never";
    const auto zone = Zone::find(schedule.when.time_zone);
    if (!zone) return "never";
    const CivilTime time = zone->civil(*next);
    return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02}", time.year, time.month, time.day,
                       time.hour, time.minute, time.second);
}

class Commands {
public:
    explicit Commands(Options& options)
        : options_(options), journal_(program_name, clock_, options.client.log_file) {}

    int add() {
        Schedule& schedule = options_.schedule;
        if (schedule.id.empty()) schedule.id = new_id();
        if (!options_.from_file.empty()) schedule.messages = read_lines(options_.from_file);
        schedule.random = options_.pick == "random";
        schedule.catch_up = *parse_catch_up(options_.catch_up);
        schedule.created_ms = clock_.wall_ms();
        const auto recurrence = Recurrence::parse(schedule.when, schedule.created_ms);
        if (!recurrence) throw std::runtime_error(recurrence.error());
        const auto next = recurrence->next_after(schedule.created_ms);
        if (!next) {
            throw std::runtime_error("'" + schedule.when.at + "' is over: it would never fire.");
        }
        check_size(schedule);
        Store store = open();
        program::ensure_topic(store.admin(), {.name = schedule.topic});
        store.put(schedule);
        std::printf("%s\n", fmt::format("{}: {} {}, next at {}", schedule.id, schedule.topic,
                                        shown(schedule.when), shown_next(schedule, next))
                                .c_str());
        journal_.note("added " + schedule.id);
        return 0;
    }

    int list() {
        Store store = open();
        const Contents contents = store.read_all();
        std::printf("%-20s %-20s %-32s %-20s %8s %s\n", "ID", "TOPIC", "WHEN", "NEXT", "SENT",
                    "CATCH-UP");
        for (const auto& [id, schedule] : contents.schedules) {
            Progress progress{.created_ms = schedule.created_ms,
                              .fired_until_ms = schedule.created_ms};
            const auto kept = contents.progress.find(id);
            if (kept != contents.progress.end() && kept->second.created_ms == schedule.created_ms) {
                progress = kept->second;
            }
            std::optional<int64_t> next;
            if (const auto recurrence = Recurrence::parse(schedule.when, schedule.created_ms)) {
                next = recurrence->next_after(std::max(progress.fired_until_ms, clock_.wall_ms()));
            }
            std::printf("%-20s %-20s %-32s %-20s %8llu %s\n", id.c_str(), schedule.topic.c_str(),
                        shown(schedule.when).c_str(), shown_next(schedule, next).c_str(),
                        static_cast<unsigned long long>(progress.count),
                        std::string(name(schedule.catch_up)).c_str());
        }
        return 0;
    }

    int remove() {
        Store store = open();
        const Contents contents = store.read_all();
        int status = 0;
        for (const std::string& id : options_.ids) {
            if (!contents.schedules.contains(id)) {
                journal_.say("there is no schedule " + id + ": stoker schedule list shows all.");
                status = program::failure;
                continue;
            }
            store.remove(id);
            std::printf("%s: removed\n", id.c_str());
            journal_.note("removed " + id);
        }
        return status;
    }

    int run() {
        Store store = open();
        program::ServiceMetrics metrics(clock_);
        metrics::SendingInstruments sent(metrics.registry(), client_id, STOKER_VERSION);
        metrics.serve(options_.metrics_port, journal_);
        Runner(store, options_.store_topic, options_.group, journal_, clock_, sent).run();
        return 0;
    }

private:
    Store open() {
        auto properties = program::client_properties(options_.client);
        properties.set_default("client.id", client_id);
        return Store(std::move(properties), options_.store_topic, journal_, clock_);
    }

    static void check_size(const Schedule& schedule) {
        if (schedule.id.size() > id_size_max) {
            throw std::runtime_error("An id has at most 200 bytes.");
        }
        size_t size = 0;
        try {
            size = to_json(schedule).size();
        } catch (const std::exception&) {
            throw std::runtime_error("Messages, keys and ids of schedules are UTF-8 text.");
        }
        if (size > definition_size_max) {
            throw std::runtime_error(
                fmt::format("The messages take {} bytes, and a schedule may have {}: give fewer.",
                            size, definition_size_max));
        }
    }

    Options& options_;
    const SystemClock clock_;
    Journal journal_;
};

void describe_add(CLI::App& add, Options& options) {
    Schedule& schedule = options.schedule;
    add.add_option("--id", schedule.id, "Its name; one of that name is replaced");
    add.add_option("--topic", schedule.topic, "The topic to send to")->required();
    add.add_option("--key", schedule.key, "The key of its messages");
    auto* when = add.add_option_group("when");
    when->add_option("--at", schedule.when.at, "Once: 10:00 or 2026-12-24T10:00");
    when->add_option("--every", schedule.when.every, "Again and again: 500ms, 1s, 5m, 2h, 1d");
    when->add_option("--cron", schedule.when.cron, "As a crontab line: '*/5 * * * *'");
    when->require_option(1);
    add.add_option(
        "--tz", schedule.when.time_zone,
        "The time zone of --at and --cron, like Europe/Paris; this machine's if not given");
    auto* what = add.add_option_group("what");
    what->add_option("--message", schedule.messages, "The message; may be repeated")
        ->allow_extra_args(false);
    what->add_option("--from-file", options.from_file, "A file with a message a line");
    what->require_option(1);
    add.add_option("--pick", options.pick, "Of several messages: the next one, or any at random")
        ->check(CLI::IsMember({"next", "random"}))
        ->capture_default_str();
    add.add_option("--catch-up", options.catch_up,
                   "What becomes of times that pass while nothing runs: none is sent, one, or all")
        ->check(CLI::IsMember({"skip", "once", "all"}))
        ->capture_default_str();
}

}  // namespace

int schedule_main(int argc, char** argv) {
    Options options;
    CLI::App app("Sends messages by the clock.", program_name);
    app.require_subcommand(1);
    auto* add = app.add_subcommand("add", "Adds a schedule, or replaces it");
    auto* list = app.add_subcommand("list", "Shows all schedules");
    auto* remove = app.add_subcommand("remove", "Removes schedules");
    auto* run = app.add_subcommand("run", "Sends what is due, until it is stopped");
    describe_add(*add, options);
    remove->add_option("ids", options.ids, "Their names")->required();
    program::add_metrics_option(*run, options.metrics_port);
    run->add_option("--group", options.group, "Of the runners of one group one works")
        ->capture_default_str();
    for (CLI::App* command : {add, list, remove, run}) {
        program::add_client_options(*command, options.client);
        command->add_option("--schedules-topic", options.store_topic, "The topic they are kept in")
            ->capture_default_str();
    }
    if (const auto status = program::parse(app, argc, argv)) return *status;
    return program::guarded(program_name, [&] {
        Commands commands(options);
        if (add->parsed()) return commands.add();
        if (list->parsed()) return commands.list();
        if (remove->parsed()) return commands.remove();
        return commands.run();
    });
}

}  // namespace stoker::schedule
