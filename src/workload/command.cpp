#include "workload/command.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <fstream>
#include <optional>
#include <random>
#include <string>

#include "load/signals.hpp"
#include "program/program.hpp"
#include "workload/compare/compare.hpp"
#include "workload/file/workload_file.hpp"
#include "workload/live_view.hpp"
#include "workload/report/files.hpp"
#include "workload/report/report.hpp"
#include "workload/report/verdict.hpp"
#include "workload/run/run.hpp"
#include "workload/slo/slo.hpp"

namespace stoker::workload {
namespace {

constexpr const char* program_name = "stoker load";
constexpr double duration_max_s = 30 * 86400.0;
/// How long a rate of a search for the highest one is tried.
constexpr double trial_s = 10;
constexpr std::chrono::milliseconds trial_catch_up{1000};

struct Arguments {
    program::ClientOptions client;
    std::string file;
    std::string preset;
    std::string show_preset;
    double duration_s = 0;
    std::optional<uint64_t> seed;
    std::optional<int> workers;
    bool json = false;
    std::string slo;
    std::string csv;
    std::string hlog;
    std::string html;
    std::string compare_a;
    std::string compare_b;
    CompareOptions compare;
};

void print(std::FILE* file, const std::string& text) {
    std::fputs(text.c_str(), file);
    std::fflush(file);
}

int complain(const std::string& sentence, Status status) {
    print(stderr, fmt::format("{}: {}\n", program_name, sentence));
    return int(status);
}

std::expected<Workload, std::string> choose(const Arguments& arguments) {
    if (arguments.file.empty() == arguments.preset.empty())
        return std::unexpected("give either a file or --preset NAME. See stoker load run --help.");
    auto workload = arguments.file.empty() ? preset_workload(arguments.preset)
                                           : read_workload(arguments.file);
    if (workload && arguments.duration_s > 0) stretch(*workload, arguments.duration_s);
    if (workload && arguments.workers) {
        if (auto why = wrong_workers(*workload, *arguments.workers)) return std::unexpected(*why);
        workload->workers = *arguments.workers;
    }
    return workload;
}

int show_preset(const std::string& name) {
    for (const Preset& preset : presets()) {
        if (preset.name != name) continue;
        print(stdout, std::string(preset.text));
        return int(Status::good);
    }
    return complain(preset_workload(name).error(), Status::wrong_usage);
}

/// A report that cannot be written is an error, but not one of the cluster.
bool write_file(const std::string& path, const std::string& text) {
    if (path.empty()) return true;
    std::ofstream file(path, std::ios::binary);
    file << text;
    file.close();
    if (file) return true;
    complain("The file " + path + " cannot be written.", Status::failed);
    return false;
}

/// Before an hour's run, and not after it.
std::optional<std::string> cannot_write(const Arguments& arguments) {
    for (const std::string& path : {arguments.csv, arguments.hlog, arguments.html}) {
        if (path.empty()) continue;
        if (!arguments.slo.empty()) return "--slo has no report to write into " + path + ".";
        if (!std::ofstream(path, std::ios::binary | std::ios::app))
            return "The file " + path + " cannot be written.";
    }
    return std::nullopt;
}

int tell(const Arguments& arguments, const Workload& workload, const RunResult& result) {
    const Verdict verdict = judge(workload, result);
    bool written = write_file(arguments.csv, report_csv(result, verdict));
    written = write_file(arguments.hlog, report_hlog(result, verdict)) && written;
    written = write_file(arguments.html, report_html(workload, result, verdict)) && written;
    print(stdout, arguments.json ? load::line_of(report_json(workload, result, verdict)) + "\n"
                                 : report_text(result, verdict));
    if (verdict.status != Status::good && arguments.json)
        return complain(verdict.sentence, verdict.status);
    return written ? int(verdict.status) : int(Status::failed);
}

/// The workload at a rate of its own, for a trial of the search.
Workload at_rate(Workload workload, double rate, double seconds) {
    const bool poisson = workload.phases[0].poisson;
    workload.phases = {{.poisson = poisson, .duration_s = seconds, .rate = rate}};
    workload.limits.catch_up = trial_catch_up;
    workload.limits.times_optional = false;
    return workload;
}

int search(const Arguments& arguments, const Workload& workload, const RunOptions& options,
           const Clock& clock) {
    const auto slo = parse_slo(arguments.slo);
    if (!slo) return complain(slo.error(), Status::wrong_usage);
    const double seconds = arguments.duration_s > 0 ? arguments.duration_s : trial_s;
    const auto attempt = [&](double rate) -> std::expected<SloTrial, std::string> {
        const Workload trial = at_rate(workload, rate, seconds);
        const auto result = run_workload(trial, options, clock);
        if (!result) return std::unexpected(result.error());
        if (result->interrupted) return std::unexpected("interrupted");
        SloTrial done = slo_trial(*slo, rate, trial, *result);
        print(stderr, fmt::format("{:.0f}/s: {} ({})\n", rate, done.held ? "holds" : "does not",
                                  done.verdict.status == Status::good ? shown_us(done.percentile_us)
                                                                      : done.verdict.sentence));
        return done;
    };
    const double start_rate = std::max(1.0, workload.phases[0].rate);
    const SloResult result = search_rate({.start_rate = start_rate}, attempt);
    print(stdout, arguments.json ? load::line_of(slo_json(*slo, result)) + "\n"
                                 : slo_text(*slo, result));
    if (result.status() == Status::good) return int(Status::good);
    return arguments.json ? complain(slo_text(*slo, result), result.status())
                          : int(result.status());
}

int run(const Arguments& arguments) {
    if (!arguments.show_preset.empty()) return show_preset(arguments.show_preset);
    const auto workload = choose(arguments);
    if (!workload) return complain(workload.error(), Status::wrong_usage);
    if (const auto why = cannot_write(arguments)) return complain(*why, Status::wrong_usage);
    load::Signals signals;
    const SystemClock clock;
    RunOptions options{.properties = program::client_properties(arguments.client),
                       .seed = arguments.seed.value_or(std::random_device{}())};
    options.interrupted = [&](std::chrono::nanoseconds time) { return signals.wait_for(time); };
    if (!arguments.slo.empty()) return search(arguments, *workload, options, clock);
    std::optional<LiveView> view(stderr);
    options.on_progress = [&](const Progress& progress) { view->show(progress); };
    const auto result = run_workload(*workload, options, clock);
    view.reset();
    if (!result)
        return complain(fmt::format("{}: {}", arguments.client.bootstrap, result.error()),
                        Status::failed);
    return tell(arguments, *workload, *result);
}

int compare_reports(const Arguments& arguments) {
    const auto a = read_samples(arguments.compare_a);
    if (!a) return complain(a.error(), Status::wrong_usage);
    const auto b = read_samples(arguments.compare_b);
    if (!b) return complain(b.error(), Status::wrong_usage);
    if (a->workload != b->workload)
        return complain(fmt::format("{} is of the workload {}, {} of {}", arguments.compare_a,
                                    a->workload, arguments.compare_b, b->workload),
                        Status::wrong_usage);
    const auto differences = compare(*a, *b, arguments.compare);
    const bool worse = is_worse(*a, *b, differences);
    print(stdout, arguments.json ? load::line_of(compare_json(differences, worse)) + "\n"
                                 : compare_text(differences));
    if (a->findings == 0 && b->findings > 0)
        complain(fmt::format("{} has {} findings", arguments.compare_b, b->findings),
                 Status::failed);
    return int(worse ? Status::failed : Status::good);
}

void add_run(CLI::App& app, Arguments& arguments) {
    CLI::App* run = app.add_subcommand(
        "run", "Sends a workload through a cluster and accounts for every message");
    run->add_option("FILE", arguments.file, "The workload, a YAML file (docs/load.md)");
    run->add_option("--preset", arguments.preset,
                    "One that comes with the program: smoke, throughput, latency, black-friday "
                    "or rebalance");
    run->add_option("--show-preset", arguments.show_preset, "Prints a preset's file and ends");
    run->add_option("--bootstrap-server,--bootstrap-servers", arguments.client.bootstrap,
                    "The brokers to connect to first, host:port,host:port")
        ->capture_default_str();
    run->add_option("--command-config", arguments.client.command_config,
                    "A properties file with client settings, under Kafka's names");
    run->add_option("--duration", arguments.duration_s,
                    "Seconds of the whole load; its phases keep their proportions")
        ->check(CLI::Range(0.1, duration_max_s));
    run->add_option("--workers", arguments.workers,
                    "Processes that send, each with its share of the producers");
    run->add_option("--seed", arguments.seed, "Makes keys, sizes and random times repeatable");
    run->add_flag("--json", arguments.json, "The report is one JSON object");
    run->add_option("--slo", arguments.slo,
                    "Searches the highest rate that keeps a service level, as 'p99<20ms'; each "
                    "rate is tried for --duration (10 s)");
    run->add_option("--csv", arguments.csv, "Writes the run's seconds as CSV");
    run->add_option("--hlog", arguments.hlog, "Writes them as a log of HdrHistogram's");
    run->add_option("--html", arguments.html, "Writes the report as a page with plots");
}

void add_compare(CLI::App& app, Arguments& arguments) {
    CLI::App* compare = app.add_subcommand(
        "compare", "Whether run B is worse than run A; status 1 if it is");
    compare->add_option("A", arguments.compare_a, "A report of run --json, or several")->required();
    compare->add_option("B", arguments.compare_b, "The same of the other run")->required();
    compare->add_option("--tolerance", arguments.compare.tolerance,
                        "Changes of so many percent are none")
        ->check(CLI::Range(0.0, 100.0))
        ->capture_default_str();
    compare->add_option("--confidence", arguments.compare.confidence,
                        "Of the interval in which the change lies")
        ->check(CLI::Range(0.5, 0.999))
        ->capture_default_str();
    compare->add_flag("--json", arguments.json, "The result is one JSON object");
}

}  // namespace

int load_main(int argc, char** argv) {
    CLI::App app("Load tests that account for every message.", program_name);
    app.require_subcommand(1);
    Arguments arguments;
    add_run(app, arguments);
    add_compare(app, arguments);
    if (const auto status = program::parse(app, argc, argv)) return *status;
    return program::guarded(program_name, [&] {
        return app.got_subcommand("compare") ? compare_reports(arguments) : run(arguments);
    });
}

}  // namespace stoker::workload
