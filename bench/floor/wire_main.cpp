// stoker-bench-wire: the broker side by side with the floor server, in ratios.
//
// The same client sends pre-encoded requests to both; abba.hpp has the protocol. It ends with a
// table, and with --json with one JSON object on the last line. Exit 0: it ran; 1: it could not;
// 2: wrong usage. Whether targets are reached is in the output, not in the exit code.
#include <unistd.h>

#include <filesystem>
#include <iostream>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "bench/floor/abba.hpp"
#include "bench/floor/machine.hpp"
#include "bench/floor/server_process.hpp"
#include "bench/floor/wire_cases.hpp"

namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using stoker::bench::Block;
using stoker::bench::CaseResult;
using stoker::bench::Pair;
using stoker::bench::WireCase;

struct Options {
    stoker::bench::WireOptions wire;
    stoker::bench::AbbaOptions abba;
    std::vector<std::string> names;
    std::string commit;
    bool list = false;
    bool as_json = false;
    bool quiet = false;
};

fs::path own_folder() { return fs::read_symlink("/proc/self/exe").parent_path(); }

void declare(CLI::App& app, Options& options) {
    options.wire.floor_server = own_folder() / "stoker-floor-server";
    options.abba.folder = fs::temp_directory_path() / fmt::format("stoker-bench-{}", ::getpid());
    app.add_option("cases", options.names, "Cases to run; all when none is named (see --list)");
    app.add_option("--broker", options.wire.broker, "The stoker binary")->envname("STOKER_BINARY");
    app.add_option("--floor-server", options.wire.floor_server, "The stoker-floor-server binary")
        ->capture_default_str();
    app.add_option("--attach", options.wire.attach_port,
                   "Port of a broker on 127.0.0.1 that runs already, instead of --broker");
    app.add_option("--pairs", options.abba.pairs, "Pairs of blocks that count")
        ->capture_default_str()
        ->check(CLI::Range(1, 1000));
    app.add_option("--attempts-factor", options.abba.attempts_factor,
                   "Pairs at most, as a multiple, when the machine is not steady")
        ->capture_default_str();
    app.add_option("--block-seconds", options.wire.block_seconds, "Length of a block")
        ->capture_default_str();
    app.add_option("--block-bytes", options.wire.block_bytes, "Bytes written in a block at most")
        ->capture_default_str();
    app.add_option("--folder", options.abba.folder, "Where the servers write; removed at the end")
        ->capture_default_str();
    app.add_option("--commit", options.commit, "Noted in the JSON");
    app.add_flag("--pinned", options.wire.pinned, "The server on core 0, the client on core 1");
    app.add_flag("--list", options.list, "Print the cases and end");
    app.add_flag("--json", options.as_json, "The last line is one JSON object");
    app.add_flag("--quiet", options.quiet, "No line for each pair");
}

json side_json(const CaseResult& result, Block Pair::*side) {
    return {{"median", median_of(result, side, &Block::value)},
            {"cpu_us_per_request", median_of(result, side, &Block::cpu_us)},
            {"cpu_s_per_gb", median_of(result, side, &Block::cpu_s_per_gb)},
            {"peak_memory_mib", median_of(result, side, &Block::memory_mib)}};
}

json case_json(const WireCase& wire_case, const CaseResult& result) {
    json pairs = json::array();
    for (const Pair& pair : result.pairs) pairs.push_back({pair.a.value, pair.b.value});
    return {{"case", wire_case.name},
            {"what", wire_case.what},
            {"unit", wire_case.unit},
            {wire_case.subject, side_json(result, &Pair::a)},
            {wire_case.peer, side_json(result, &Pair::b)},
            {"ratio", result.ratio.mean},
            {"ratio_low", result.ratio.low},
            {"ratio_high", result.ratio.high},
            {wire_case.at_least ? "target_at_least" : "target_at_most", wire_case.target},
            {"reached", result.reached},
            {"steady", result.all_steady},
            {"repeated_pairs", result.repeated},
            {"pairs", pairs}};
}

std::string case_row(const WireCase& wire_case, const CaseResult& result) {
    return fmt::format(
        "{:<13} {:>10.1f} {:>10.1f} {:<6} {:>6.3f} [{:.3f}, {:.3f}] {} {:<4} {:<7} {:>8.2f} "
        "{:>8.2f} {:>7.1f}{}\n",
        wire_case.name, median_of(result, &Pair::a, &Block::value),
        median_of(result, &Pair::b, &Block::value), wire_case.unit, result.ratio.mean,
        result.ratio.low, result.ratio.high, wire_case.at_least ? ">=" : "<=", wire_case.target,
        result.reached ? "reached" : "missed", median_of(result, &Pair::a, &Block::cpu_us),
        median_of(result, &Pair::b, &Block::cpu_us),
        median_of(result, &Pair::a, &Block::memory_mib),
        result.all_steady ? "" : "  (the machine was not steady)");
}

std::vector<WireCase> chosen_cases(const Options& options) {
    auto cases = wire_cases(options.wire);
    if (options.names.empty()) return cases;
    std::vector<WireCase> chosen;
    for (const auto& name : options.names) {
        const auto found = std::ranges::find(cases, name, &WireCase::name);
        if (found == cases.end()) throw CLI::ValidationError("there is no case " + name);
        chosen.push_back(*found);
    }
    return chosen;
}

void run_cases(const Options& options, const std::vector<WireCase>& cases) {
    fs::create_directories(options.abba.folder);
    json report{{"program", "stoker-bench-wire"},
                {"kernel", stoker::bench::kernel()},
                {"cores", ::sysconf(_SC_NPROCESSORS_ONLN)},
                {"commit", options.commit},
                {"pinned", options.wire.pinned},
                {"block_seconds", options.wire.block_seconds},
                {"cases", json::array()}};
    std::string table = fmt::format(
        "{:<13} {:>10} {:>10} {:<6} {:>6} {:<14} {:<7} {:<7} {:>8} {:>8} {:>7}\n", "case",
        "subject", "peer", "unit", "ratio", "95 %", "target", "", "cpu us", "peer us", "MiB");
    for (const auto& wire_case : cases) {
        const auto result = run_abba(wire_case, options.abba);
        report["cases"].push_back(case_json(wire_case, result));
        table += case_row(wire_case, result);
    }
    std::cout << table;
    if (options.as_json) std::cout << report.dump() << '\n';
}

}  // namespace

int main(int argc, char** argv) {
    Options options;
    CLI::App app("Measures the broker against the floor: what no server can do without.",
                 "stoker-bench-wire");
    declare(app, options);
    std::vector<WireCase> cases;
    try {
        app.parse(argc, argv);
        if (!options.list && options.wire.broker.empty() && !options.wire.attach_port) {
            throw CLI::RequiredError("--broker or --attach");
        }
        cases = chosen_cases(options);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : 2;
    }
    if (options.list) {
        for (const auto& c : cases) fmt::print("{:<13} {}\n", c.name, c.what);
        return 0;
    }
    if (!options.quiet) options.abba.progress = [](const auto& line) { std::cerr << line << '\n'; };
    if (options.wire.pinned) stoker::bench::run_on_core(1);
    int status = 0;
    try {
        run_cases(options, cases);
    } catch (const std::exception& error) {
        std::cerr << "stoker-bench-wire: " << error.what() << '\n';
        status = 1;
    }
    std::error_code ignored;
    fs::remove_all(options.abba.folder, ignored);
    return status;
}
