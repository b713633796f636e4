#include "bench/versus/contest.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "bench/measure/machine.hpp"
#include "bench/measure/statistics.hpp"

namespace stoker::bench {
namespace {

namespace fs = std::filesystem;

/// Longer than the slowest regular work of a server takes to come round (a second), twice.
constexpr std::chrono::milliseconds rest(2'500);
/// Deleted topics go within a second (log.segment.delete.delay.ms).
constexpr std::chrono::milliseconds deletion_time(2'200);
constexpr double cores_busy = 0.93;

/// The servers of one subject in one round, and their folder. Ends them and removes it.
struct Running {
    const Subject* subject = nullptr;
    fs::path folder;
    std::optional<Server> server;
    std::optional<Server> durable;

    explicit Running(const Subject& whose, fs::path where)
        : subject(&whose), folder(std::move(where)) {}
    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;
    ~Running() {
        server.reset();
        durable.reset();
        std::error_code ignored;
        fs::remove_all(folder, ignored);
    }

    Contender contender(const VersusCase& one) const {
        return {*subject, one.durable && durable ? *durable : *server};
    }
};

/// What all rounds so far have come to for one figure.
struct Series {
    VersusFigure figure;
    std::vector<VersusRound> rounds;
    bool steady = true;
    /// Of the first subject: who was it that could do no more?
    std::vector<double> server_cores, client_cores;
};

class Contest {
public:
    Contest(const std::vector<Subject>& subjects, const ContestOptions& options)
        : subjects_(subjects), options_(options) {
        for (auto& one : load_cases(options.limits)) {
            const bool wanted = options.cases.empty() ||
                                std::ranges::find(options.cases, one.name) != options.cases.end();
            if (wanted) cases_.push_back(std::move(one));
        }
        for (auto& figure : {start_figure(), memory_idle_figure()}) add_series(figure);
        for (const auto& one : cases_) {
            for (const auto& figure : one.figures) add_series(figure);
        }
        add_series(memory_loaded_figure());
    }

    std::vector<VersusRow> run() {
        for (int round = 0; round < options_.rounds; ++round) run_round();
        std::vector<std::string> names;
        for (const auto& subject : subjects_) names.push_back(subject.name);
        std::vector<VersusRow> rows;
        for (const auto& series : series_) {
            auto row = compare(series.figure, names, series.rounds);
            row.steady = series.steady;
            if (auto note = note_of(series)) row.notes.push_back(*note);
            rows.push_back(std::move(row));
        }
        return rows;
    }

private:
    using Field = std::vector<std::unique_ptr<Running>>;

    void add_series(const VersusFigure& figure) {
        series_.push_back(
            {.figure = figure, .rounds = {}, .server_cores = {}, .client_cores = {}});
    }

    Series& series_of(const std::string& name) {
        return *std::ranges::find(series_, name, [](const auto& s) { return s.figure.name; });
    }

    void run_round() {
        Field field;
        for (const auto& subject : subjects_) {
            field.push_back(
                std::make_unique<Running>(subject, options_.folder / "round" / subject.name));
        }
        start(field);
        for (const auto& running : field) {
            warm_up({*running->subject, *running->server}, options_.limits);
        }
        std::this_thread::sleep_for(deletion_time);
        for (const auto& one : cases_) run_case(field, one);
        VersusRound loaded;
        std::this_thread::sleep_for(rest);
        for (const auto& running : field) {
            loaded[running->subject->name] = running->server->memory_mib();
        }
        add(memory_loaded_figure(), loaded, true);
    }

    /// In milliseconds to the first answer.
    double start_afresh(Running& running) const {
        running.server.reset();
        fs::remove_all(running.folder);
        fs::create_directories(running.folder);
        settle_disk(options_.folder);
        running.server.emplace(running.subject->start(running.folder));
        await_first_answer(running.server->port());
        return running.server->seconds_since_exec() * 1e3;
    }

    void start(Field& field) {
        VersusRound starts, idle;
        const Watch watch(options_.folder, false);
        for (const size_t i : order_of_turn(field.size(), turn_++)) {
            Running& running = *field[i];
            std::vector<double> samples_ms;
            for (int n = 0; n < options_.limits.starts; ++n) {
                samples_ms.push_back(start_afresh(running));
            }
            starts[running.subject->name] = median(std::move(samples_ms));
            std::this_thread::sleep_for(rest);
            idle[running.subject->name] = running.server->memory_mib();
        }
        const bool steady = options_.tolerance.allows(watch.end());
        add(start_figure(), starts, steady);
        add(memory_idle_figure(), idle, true);
        for (const auto& running : field) {
            if (!running->subject->start_durable) continue;
            running->durable.emplace(running->subject->start_durable(running->folder));
            await_first_answer(running->durable->port());
        }
    }

    void run_case(const Field& field, const VersusCase& one) {
        std::map<std::string, VersusMeasured> measured;
        bool steady = false;
        for (int i = 0; i < options_.attempts && !steady; ++i) {
            const Watch watch(options_.folder, false);
            for (const size_t at : order_of_turn(field.size(), turn_++)) {
                const Running& running = *field[at];
                settle_disk(options_.folder);
                measured[running.subject->name] = one.measure(running.contender(one));
            }
            steady = options_.tolerance.allows(watch.end());
            if (one.heavy) std::this_thread::sleep_for(deletion_time);
        }
        for (size_t i = 0; i < one.figures.size(); ++i) {
            VersusRound round;
            for (const auto& [name, what] : measured) round[name] = what.values.at(i);
            add(one.figures[i], round, steady);
            const auto& first = measured.at(subjects_.front().name);
            series_of(one.figures[i].name).server_cores.push_back(first.server_cores);
            series_of(one.figures[i].name).client_cores.push_back(first.client_cores);
        }
    }

    void add(const VersusFigure& figure, const VersusRound& round, bool steady) {
        Series& series = series_of(figure.name);
        series.rounds.push_back(round);
        series.steady = series.steady && steady;
        if (!options_.progress) return;
        std::string line = figure.name + ":";
        for (const auto& subject : subjects_) {
            if (const auto at = round.find(subject.name); at != round.end()) {
                line += fmt::format(" {} {:.4g}", at->first, at->second);
            }
        }
        options_.progress(line + " " + figure.unit + (steady ? "" : " (unsteady)"));
    }

    static std::optional<std::string> note_of(const Series& series) {
        const double server = median(series.server_cores), client = median(series.client_cores);
        const double cores = std::thread::hardware_concurrency();
        if (series.figure.unit != "msg/s" || server + client < cores_busy * cores) return {};
        return fmt::format("all cores busy: {} {:.2f}, client {:.2f} of {}", stoker_name, server,
                           client, cores);
    }

    const std::vector<Subject>& subjects_;
    const ContestOptions& options_;
    std::vector<VersusCase> cases_;
    std::vector<Series> series_;
    size_t turn_ = 0;
};

}  // namespace

std::vector<VersusRow> run_contest(const std::vector<Subject>& subjects,
                                   const ContestOptions& options) {
    return Contest(subjects, options).run();
}

}  // namespace stoker::bench
