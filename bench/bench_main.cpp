// stoker-bench: everything that docs/benchmarks.md says about the broker's speed and size.
//
// Cases that compare run in pairs of blocks (measure/abba.hpp), the others in rounds
// (measure/absolute.hpp). It ends with a table; --json FILE writes all there is to know, which
// bench/report turns into Markdown. Exit 0: it ran; 1: it could not; 2: wrong usage. Whether
// targets are reached is in the output, not in the exit code.
#include <unistd.h>

#include <algorithm>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "bench/client/client_cases.hpp"
#include "bench/life/life_cases.hpp"
#include "bench/measure/abba.hpp"
#include "bench/measure/absolute.hpp"
#include "bench/measure/machine.hpp"
#include "bench/measure/row.hpp"
#include "bench/measure/server_process.hpp"
#include "bench/measure/supervised.hpp"
#include "bench/wire/wire_cases.hpp"

namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using stoker::bench::BlockLimits;
using stoker::bench::Case;
using stoker::bench::Row;

constexpr uint64_t recovery_log_size = uint64_t{2} << 30;
/// The largest case's files and what is written beside them, twice.
constexpr uint64_t free_space_min = uint64_t{6} << 30;

// What --quick runs; nothing that is said explicitly is overruled.
constexpr int quick_pairs = 4;
constexpr int quick_attempts_factor = 1;
constexpr BlockLimits quick_limits{.seconds = 1.5, .bytes = 512 << 20};

struct Options {
    stoker::bench::Servers servers;
    stoker::bench::RunOptions run;
    BlockLimits limits;
    std::vector<std::string> names;
    fs::path parent_folder = fs::temp_directory_path();
    fs::path json_file;
    std::string commit;
    std::string command;
    bool list = false;
    bool quiet = false;
};

fs::path own_folder() { return fs::read_symlink("/proc/self/exe").parent_path(); }

void declare_programs(CLI::App& app, Options& options) {
    auto& servers = options.servers;
    servers.floor_server = own_folder() / "stoker-floor-server";
    servers.mock_cluster = own_folder() / "stoker-mock-cluster";
    app.add_option("--broker", servers.broker, "The stoker binary")->envname("STOKER_BINARY");
    app.add_option("--floor-server", servers.floor_server, "The stoker-floor-server binary")
        ->capture_default_str();
    app.add_option("--mock-cluster", servers.mock_cluster, "The stoker-mock-cluster binary")
        ->capture_default_str();
    app.add_option("--attach", servers.attach_port,
                   "Port of a broker on 127.0.0.1 that runs already, instead of --broker");
    app.add_flag("--pinned", servers.pinned, "The server on core 0, the client on core 1");
}

void declare(CLI::App& app, Options& options) {
    declare_programs(app, options);
    app.add_option("cases", options.names, "Cases to run; all when none is named (see --list)");
    app.add_flag("--quick", options.run.quick, "Fewer pairs of shorter blocks: some minutes");
    app.add_option("--pairs", options.run.pairs, "Pairs of blocks that count")
        ->capture_default_str()
        ->check(CLI::Range(1, 1000));
    app.add_option("--attempts-factor", options.run.attempts_factor,
                   "Attempts at most, as a multiple, when the machine is not steady")
        ->capture_default_str()
        ->check(CLI::Range(1, 100));
    app.add_option("--block-seconds", options.limits.seconds, "Length of a block")
        ->capture_default_str()
        ->check(CLI::PositiveNumber);
    app.add_option("--block-bytes", options.limits.bytes, "Bytes written in a block at most")
        ->capture_default_str()
        ->check(CLI::PositiveNumber);
    app.add_option("--folder", options.parent_folder,
                   "Where the servers write, in a folder that is removed at the end")
        ->capture_default_str();
    app.add_option("--json", options.json_file, "Write the results here, for bench/report");
    app.add_option("--commit", options.commit, "Noted in the JSON");
    app.add_flag("--list", options.list, "Print the cases and end");
    app.add_flag("--quiet", options.quiet, "No line for each pair");
}

/// What was not said, and follows from what was.
void complete(const CLI::App& app, Options& options) {
    if (options.run.quick) {
        if (app.count("--pairs") == 0) options.run.pairs = quick_pairs;
        if (app.count("--attempts-factor") == 0) {
            options.run.attempts_factor = quick_attempts_factor;
        }
        if (app.count("--block-seconds") == 0) options.limits.seconds = quick_limits.seconds;
        if (app.count("--block-bytes") == 0) options.limits.bytes = quick_limits.bytes;
    }
    options.run.folder = options.parent_folder / fmt::format("stoker-bench-{}", ::getpid());
}

std::vector<Case> all_cases(const Options& options) {
    std::vector<Case> cases;
    const auto add = [&](auto&& more) {
        for (auto& one : more) cases.emplace_back(std::move(one));
    };
    add(stoker::bench::wire_cases(options.servers, options.limits));
    add(stoker::bench::client_cases(options.servers, options.limits));
    // What is there already has been started, filled and killed by others.
    if (options.servers.attach_port) return cases;
    add(stoker::bench::start_cases(options.servers));
    add(stoker::bench::memory_cases(options.servers));
    cases.emplace_back(stoker::bench::recovery_case(
        options.servers, options.run.folder / "crashed", recovery_log_size));
    return cases;
}

std::vector<Case> chosen_cases(const Options& options) {
    auto cases = all_cases(options);
    if (options.names.empty()) return cases;
    std::vector<Case> chosen;
    for (const auto& name : options.names) {
        const auto found = std::ranges::find(cases, name, stoker::bench::name_of);
        if (found == cases.end()) throw CLI::ValidationError("there is no case " + name);
        chosen.push_back(*found);
    }
    return chosen;
}

std::vector<Row> run_case(const stoker::bench::RatioCase& one, const Options& options) {
    return rows_of(one, run_abba(one, options.run));
}
std::vector<Row> run_case(const stoker::bench::AbsoluteCase& one, const Options& options) {
    return rows_of(one, run_absolute(one, options.run));
}

json head_json(const Options& options) {
    return {{"program", "stoker-bench"},
            {"command", options.command},
            {"date", fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr)))},
            {"commit", options.commit},
            {"kernel", stoker::bench::kernel()},
            {"processor", stoker::bench::processor()},
            {"cores", ::sysconf(_SC_NPROCESSORS_ONLN)},
            {"file_system", stoker::bench::file_system(options.run.folder)},
            {"pinned", options.servers.pinned},
            {"quick", options.run.quick},
            {"pairs", options.run.pairs},
            {"block_seconds", options.limits.seconds},
            {"block_bytes", options.limits.bytes},
            {"rows", json::array()}};
}

/// After every case, so that an interrupted run has not been for nothing.
void write_report(const fs::path& file, const json& report) {
    if (file.empty()) return;
    std::ofstream out(file, std::ios::trunc);
    out << report.dump(1) << '\n';
    if (!out.flush()) throw std::runtime_error("cannot write " + file.string());
}

void run_cases(const Options& options, std::vector<Case> cases) {
    fs::create_directories(options.run.folder);
    if (fs::space(options.run.folder).available < free_space_min) {
        throw std::runtime_error(options.run.folder.string() +
                                 " has less than 6 GiB free: name another --folder");
    }
    json report = head_json(options);
    if (report["file_system"] == "tmpfs") {
        std::cerr << "stoker-bench: " << options.run.folder << " is in memory, where fdatasync "
                  << "costs nothing: name another --folder\n";
    }
    write_report(options.json_file, report);
    std::vector<Row> rows;
    for (Case& next : cases) {
        // A case may hold files until it goes.
        const Case one = std::exchange(next, stoker::bench::AbsoluteCase{});
        for (auto& row : std::visit([&](const auto& c) { return run_case(c, options); }, one)) {
            report["rows"].push_back(to_json(row));
            rows.push_back(std::move(row));
        }
        write_report(options.json_file, report);
    }
    std::cout << to_text(rows) << std::flush;
}

int work(Options& options, std::vector<Case> cases) {
    if (!options.quiet) options.run.progress = [](const auto& line) { std::cerr << line << '\n'; };
    if (options.servers.pinned) stoker::bench::run_on_core(1);
    try {
        run_cases(options, std::move(cases));
    } catch (const std::exception& error) {
        std::cerr << "stoker-bench: " << error.what() << '\n';
        return 1;
    }
    return 0;
}

void list(const std::vector<Case>& cases) {
    for (const Case& one : cases) {
        if (const auto* ratio = std::get_if<stoker::bench::RatioCase>(&one)) {
            fmt::print("{:<18} {}\n", ratio->name, ratio->what);
            continue;
        }
        const auto& absolute = std::get<stoker::bench::AbsoluteCase>(one);
        for (const auto& figure : absolute.figures) {
            fmt::print("{:<18} {}\n", absolute.name, figure.what);
        }
    }
}

}  // namespace

int main(int argc, char** argv) {
    Options options;
    CLI::App app("Measures the broker: against the least that a server can cost, and alone.",
                 "stoker-bench");
    declare(app, options);
    std::vector<Case> cases;
    try {
        app.parse(argc, argv);
        complete(app, options);
        if (!options.list && options.servers.broker.empty() && !options.servers.attach_port) {
            throw CLI::RequiredError("--broker or --attach");
        }
        cases = chosen_cases(options);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : 2;
    }
    if (options.list) {
        list(cases);
        return 0;
    }
    for (int i = 1; i < argc; ++i) options.command += (i > 1 ? " " : "") + std::string(argv[i]);
    const fs::path folder = options.run.folder;
    return stoker::bench::run_supervised(
        folder, [&] { return work(options, std::move(cases)); });
}
