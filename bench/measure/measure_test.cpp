// What the measurements come to: intervals, pairs, rounds, rows, and nothing left behind.
#include <gtest/gtest.h>

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <deque>
#include <fstream>
#include <sstream>
#include <thread>

#include "bench/measure/abba.hpp"
#include "bench/measure/absolute.hpp"
#include "bench/measure/row.hpp"
#include "bench/measure/statistics.hpp"
#include "bench/measure/supervised.hpp"

namespace stoker::bench {
namespace {

namespace fs = std::filesystem;

class Folder {
public:
    Folder() : path_(fs::temp_directory_path() / ("stoker-measure-" + std::to_string(::getpid()))) {
        fs::create_directories(path_);
    }
    ~Folder() { fs::remove_all(path_); }
    const fs::path& path() const { return path_; }

private:
    fs::path path_;
};

/// Every machine is steady enough, or none is.
RunOptions options_of(const Folder& folder, double tolerated) {
    return {.pairs = 4,
            .attempts_factor = 2,
            .tolerance = {.stolen_max = tolerated, .control_moved_max = tolerated},
            .folder = folder.path(),
            .progress = {}};
}

/// Each block takes the next letter and is worth `a` or `b`.
RatioCase letters(std::string& order, double a, double b) {
    return {.name = "letters",
            .what = "a test",
            .unit = "MB/s",
            .target = 0.7,
            .a =
                [&order, a](const auto&) {
                    order += 'A';
                    return Block{.value = a, .cpu_us = a / 10, .client_cores = 0.99};
                },
            .b =
                [&order, b](const auto&) {
                    order += 'B';
                    return Block{.value = b};
                },
            .on_the_way = {{.figure = {.name = "cpu", .what = "cpu", .unit = "us", .target = 8},
                            .value = &Block::cpu_us}}};
}

TEST(Abba, sides_alternate_so_that_drift_hits_both_alike_and_the_first_pair_is_dropped) {
    const Folder folder;
    std::string order;
    const auto result = run_abba(letters(order, 80, 100), options_of(folder, 1e9));
    EXPECT_EQ(order, "ABBAABBAAB");
    EXPECT_EQ(result.pairs.size(), 4u);
    EXPECT_TRUE(result.all_steady);
    EXPECT_NEAR(result.ratio.value, 0.8, 1e-9);
    EXPECT_TRUE(result.reached);
}

TEST(Abba, pairs_on_an_unsteady_machine_are_repeated_and_then_count_with_a_mark) {
    const Folder folder;
    std::string order;
    const auto result = run_abba(letters(order, 50, 100), options_of(folder, -1));
    EXPECT_EQ(order.size(), 18u);
    EXPECT_EQ(result.pairs.size(), 8u);
    EXPECT_EQ(values_of(result, &Pair::a, &Block::value).size(), 4u);
    EXPECT_FALSE(result.all_steady);
    EXPECT_FALSE(result.reached);
    const auto rows = rows_of(letters(order, 50, 100), result);
    EXPECT_FALSE(rows[0].steady);
    EXPECT_NE(to_text(rows).find("8 of 8 pairs were not steady"), std::string::npos);
}

TEST(Absolute, rounds_are_medians_of_their_samples_and_each_has_an_empty_folder) {
    const Folder folder;
    std::deque<double> values{1, 9, 2};
    const AbsoluteCase absolute{
        .name = "two",
        .figures = {{.name = "x", .what = "x", .unit = "ms", .target = 9},
                    {.name = "y", .what = "y", .unit = "ms", .target = 0.5}},
        .rounds = 3,
        .measure = [&](const fs::path& path) {
            EXPECT_TRUE(fs::is_empty(path));
            std::ofstream(path / "left behind") << "x";
            const double value = values.front();
            values.pop_front();
            return std::vector<std::vector<double>>{{value, value}, {1}};
        }};
    const auto result = run_absolute(absolute, options_of(folder, 1e9));
    EXPECT_EQ(result.series[0].samples.size(), 6u);
    EXPECT_EQ(result.series[0].median.value, 2);
    EXPECT_TRUE(result.series[0].reached);
    EXPECT_FALSE(result.series[1].reached);
    EXPECT_TRUE(fs::is_empty(folder.path()));
    EXPECT_EQ(rows_of(absolute, result).size(), 2u);
}

TEST(Row, a_figure_measured_on_the_way_has_a_row_and_a_target_of_its_own) {
    const Folder folder;
    std::string order;
    const auto ratio_case = letters(order, 90, 100);
    const auto rows = rows_of(ratio_case, run_abba(ratio_case, options_of(folder, 1e9)));
    ASSERT_EQ(rows.size(), 2u);
    EXPECT_TRUE(rows[0].reached);
    EXPECT_EQ(rows[0].notes[0], "the client is the limit");
    EXPECT_EQ(rows[1].figure.value, 9);
    EXPECT_FALSE(rows[1].reached);
}

TEST(Report, every_row_of_the_json_becomes_a_row_of_the_markdown_table) {
    const Folder folder;
    std::string order;
    const auto ratio_case = letters(order, 90, 100);
    nlohmann::json report{{"date", "2025-01-01T00:00:00Z"}, {"commit", "abc1234"},
                          {"processor", "some"},            {"cores", 2},
                          {"kernel", "6.1"},                {"file_system", "ext4"},
                          {"pinned", false},                {"quick", false},
                          {"pairs", 4},                     {"block_seconds", 5},
                          {"command", "--broker /x/stoker --commit abc1234 letters --pairs 4"}};
    for (const auto& row : rows_of(ratio_case, run_abba(ratio_case, options_of(folder, -1)))) {
        report["rows"].push_back(to_json(row));
    }
    std::ofstream(folder.path() / "json") << report;
    const std::string out = (folder.path() / "markdown").string();
    const std::string command =
        std::string(STOKER_BENCH_REPORT) + " " + (folder.path() / "json").string() + " > " + out;
    ASSERT_EQ(std::system(command.c_str()), 0);
    std::stringstream text;
    text << std::ifstream(out).rdbuf();
    for (const char* part :
         {"| letters | a test | 90 MB/s | 100 MB/s (floor) | 0.9 [0.9, 0.9] × | ≥ 0.7 × | yes ¹ |",
          "| cpu | cpu | 9 us |  | 9 [9, 9] us | ≤ 8 us | **no** ¹ |",
          "bench/run --json FILE letters --pairs 4", "letters: the client is the limit",
          "0.90* 0.90*"}) {
        EXPECT_NE(text.str().find(part), std::string::npos) << part << " in\n" << text.str();
    }
}

TEST(Statistics, one_bad_moment_does_not_decide_a_typical_percentile) {
    std::vector<double> values(500, 1.0);
    for (size_t i = 200; i < 300; ++i) values[i] = 100;
    EXPECT_EQ(typical_percentile(values, 99, 100), 1);
    EXPECT_EQ(percentile(values, 99), 100);
}

TEST(Statistics, a_typical_percentile_is_the_median_of_those_of_the_stretches) {
    EXPECT_EQ(typical_percentile({1, 9, 2, 8, 3, 7, 100}, 99, 2), 8);
    EXPECT_EQ(typical_percentile({4, 5}, 50, 10), 4);
    EXPECT_EQ(typical_percentile({}, 99, 10), 0);
}

TEST(Statistics, a_percentile_is_the_nearest_rank) {
    std::vector<double> values{5, 1, 4, 2, 3};
    EXPECT_EQ(percentile(values, 50), 3);
    EXPECT_EQ(percentile(values, 99), 5);
    EXPECT_EQ(percentile(values, 1), 1);
}

TEST(Statistics, an_interval_contains_its_estimate_and_is_the_same_every_time) {
    const std::vector<double> ratios{0.8, 0.9, 1.0, 1.1, 0.85};
    for (const auto estimate : {estimate_ratio, estimate_median}) {
        const auto once = estimate(ratios), again = estimate(ratios);
        EXPECT_LE(once.low, once.value);
        EXPECT_GE(once.high, once.value);
        EXPECT_GE(once.low, 0.8);
        EXPECT_LE(once.high, 1.1);
        EXPECT_EQ(once.low, again.low);
    }
    EXPECT_NEAR(estimate_ratio({2, 0.5}).value, 1.0, 1e-9);
    EXPECT_EQ(estimate_median({3, 1, 2}).value, 2);
}

// Death tests fork before they run, which is what run_supervised wants: no other thread.

[[noreturn]] void supervise_and_exit(const fs::path& folder, const std::function<int()>& work) {
    fs::create_directories(folder);
    const int status = run_supervised(folder, work);
    ::_exit(fs::exists(folder) ? 99 : status);
}

TEST(Supervised, the_work_s_exit_status_is_passed_on_and_its_folder_removed) {
    const Folder folder;
    EXPECT_EXIT(supervise_and_exit(folder.path() / "work", [] { return 7; }),
                testing::ExitedWithCode(7), "");
}

TEST(Supervised, work_that_crashes_leaves_nothing_behind) {
    const Folder folder;
    const auto crash = []() -> int {
        ::signal(SIGSEGV, SIG_DFL);
        ::raise(SIGKILL);
        return 0;
    };
    EXPECT_EXIT(supervise_and_exit(folder.path() / "work", crash),
                testing::ExitedWithCode(128 + SIGKILL), "");
}

TEST(Supervised, a_signal_to_the_supervisor_ends_the_work_and_leaves_nothing_behind) {
    const Folder folder;
    const pid_t parent = ::getpid();
    const auto wait = [parent]() -> int {
        if (::getppid() == parent) return 98;
        ::kill(::getppid(), SIGTERM);
        while (true) ::pause();
    };
    EXPECT_EXIT(supervise_and_exit(folder.path() / "work", wait),
                testing::ExitedWithCode(128 + SIGTERM), "");
}

}  // namespace
}  // namespace stoker::bench
