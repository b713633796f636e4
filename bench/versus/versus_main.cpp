// stoker-bench-versus: Stoker, Apache Kafka and kfake under the same client, in one run. Ends with
// a table; --json FILE writes what bench/report turns into Markdown. bench/versus/run finds the
// servers. Exit 0: it ran; 1: it could not; 2: wrong usage. Whether targets are reached is in the
// output, not in the exit code.
#include <unistd.h>

#include <algorithm>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <stdexcept>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "bench/measure/machine.hpp"
#include "bench/measure/supervised.hpp"
#include "bench/versus/contest.hpp"

namespace {

namespace fs = std::filesystem;
using nlohmann::json;

/// Two servers' logs of the largest blocks, until they are deleted.
constexpr uint64_t free_space_min = uint64_t{12} << 30;

constexpr int quick_rounds = 2;
constexpr stoker::bench::VersusLimits quick_limits{.seconds = 1,
                                                   .bytes = 256 << 20,
                                                   .log_size = 128 << 20,
                                                   .paced_seconds = 1.5,
                                                   .warm_up_seconds = 2,
                                                   .joins = 2,
                                                   .starts = 1};

struct Options {
    fs::path broker;
    fs::path kafka_libs;
    std::string kafka_heap = "512m";
    fs::path kfake;
    stoker::bench::ContestOptions contest;
    fs::path parent_folder = fs::temp_directory_path();
    fs::path json_file;
    std::string commit;
    std::string command;
    bool quick = false;
    bool list = false;
    bool quiet = false;
};

void declare(CLI::App& app, Options& options) {
    app.add_option("--broker", options.broker, "The stoker binary")->envname("STOKER_BINARY");
    app.add_option("--kafka-libs", options.kafka_libs, "The folder with Apache Kafka's jars");
    app.add_option("--kafka-heap", options.kafka_heap, "Its heap")->capture_default_str();
    app.add_option("--kfake", options.kfake, "The stoker-kfake binary; left out when not given");
    app.add_option("cases", options.contest.cases,
                   "Loads to run; all when none is named (see --list)");
    app.add_flag("--quick", options.quick, "Fewer rounds of shorter blocks: five minutes");
    app.add_option("--rounds", options.contest.rounds, "Rounds, each with new servers")
        ->capture_default_str()
        ->check(CLI::Range(1, 1000));
    app.add_option("--block-seconds", options.contest.limits.seconds, "Length of a block")
        ->capture_default_str()
        ->check(CLI::PositiveNumber);
    app.add_option("--folder", options.parent_folder,
                   "Where the servers write, in a folder that is removed at the end")
        ->capture_default_str();
    app.add_option("--json", options.json_file, "Write the results here, for bench/report");
    app.add_option("--commit", options.commit, "Noted in the JSON");
    app.add_flag("--list", options.list, "Print the loads and end");
    app.add_flag("--quiet", options.quiet, "No line for each figure of each round");
}

/// What was not said, and follows from what was.
void complete(const CLI::App& app, Options& options) {
    auto& contest = options.contest;
    if (options.quick) {
        const double seconds = contest.limits.seconds;
        contest.limits = quick_limits;
        if (app.count("--block-seconds") > 0) contest.limits.seconds = seconds;
        if (app.count("--rounds") == 0) contest.rounds = quick_rounds;
        contest.attempts = 1;
    }
    contest.folder = options.parent_folder / fmt::format("stoker-versus-{}", ::getpid());
    for (const auto& name : contest.cases) {
        const auto known = stoker::bench::load_cases(contest.limits);
        if (std::ranges::find(known, name, &stoker::bench::VersusCase::name) == known.end()) {
            throw CLI::ValidationError("there is no case " + name);
        }
    }
    if (options.list) return;
    if (options.broker.empty()) throw CLI::RequiredError("--broker");
    if (options.kafka_libs.empty()) throw CLI::RequiredError("--kafka-libs");
}

std::vector<stoker::bench::Subject> subjects_of(const Options& options) {
    std::vector subjects{
        stoker::bench::stoker_subject(options.broker),
        stoker::bench::apache_kafka_subject({.libs = options.kafka_libs,
                                             .folder = options.contest.folder / "formatted",
                                             .heap = options.kafka_heap})};
    if (!options.kfake.empty()) subjects.push_back(stoker::bench::kfake_subject(options.kfake));
    return subjects;
}

json report_of(const Options& options, const std::vector<stoker::bench::Subject>& subjects) {
    const auto& contest = options.contest;
    json described = json::array();
    for (const auto& subject : subjects) {
        described.push_back({{"name", subject.name}, {"description", subject.description}});
    }
    return {{"program", "stoker-bench-versus"},
            {"command", options.command},
            {"date", fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr)))},
            {"commit", options.commit},
            {"kernel", stoker::bench::kernel()},
            {"processor", stoker::bench::processor()},
            {"cores", ::sysconf(_SC_NPROCESSORS_ONLN)},
            {"file_system", stoker::bench::file_system(contest.folder)},
            {"quick", options.quick},
            {"rounds", contest.rounds},
            {"block_seconds", contest.limits.seconds},
            {"subjects", described},
            {"rows", json::array()}};
}

void run(const Options& options) {
    const auto& contest = options.contest;
    fs::create_directories(contest.folder);
    if (fs::space(contest.folder).available < free_space_min) {
        throw std::runtime_error(contest.folder.string() +
                                 " has less than 12 GiB free: name another --folder");
    }
    const auto subjects = subjects_of(options);
    json report = report_of(options, subjects);
    if (report["file_system"] == "tmpfs") {
        std::cerr << "stoker-bench-versus: " << contest.folder << " is in memory, where fdatasync "
                  << "costs nothing: name another --folder\n";
    }
    const auto rows = run_contest(subjects, contest);
    for (const auto& row : rows) report["rows"].push_back(to_json(row));
    std::vector<std::string> names;
    for (const auto& subject : subjects) {
        std::cout << subject.name << ": " << subject.description << '\n';
        names.push_back(subject.name);
    }
    if (options.kfake.empty()) std::cout << "kfake: left out\n";
    std::cout << to_text(rows, names) << std::flush;
    if (options.json_file.empty()) return;
    std::ofstream out(options.json_file, std::ios::trunc);
    out << report.dump(1) << '\n';
    if (!out.flush()) {
        throw std::runtime_error("cannot write " + options.json_file.string());
    }
}

int work(Options& options) {
    if (!options.quiet) {
        options.contest.progress = [](const auto& line) { std::cerr << line << '\n'; };
    }
    try {
        run(options);
    } catch (const std::exception& error) {
        std::cerr << "stoker-bench-versus: " << error.what() << '\n';
        return 1;
    }
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    Options options;
    CLI::App app("Measures Stoker beside Apache Kafka and kfake, all with the same client.",
                 "stoker-bench-versus");
    declare(app, options);
    try {
        app.parse(argc, argv);
        complete(app, options);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : 2;
    }
    if (options.list) {
        for (const auto& one : stoker::bench::load_cases(options.contest.limits)) {
            for (const auto& figure : one.figures) {
                fmt::print("{:<24} {}\n", one.name, figure.what);
            }
        }
        return 0;
    }
    for (int i = 1; i < argc; ++i) options.command += (i > 1 ? " " : "") + std::string(argv[i]);
    return stoker::bench::run_supervised(options.contest.folder,
                                         [&] { return work(options); });
}
