// The table of bench/versus, who comes when, and the client's loads against librdkafka's own mock
// cluster.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <unistd.h>

#include "bench/versus/contest.hpp"
#include "bench/versus/paced_load.hpp"
#include "bench/versus/reader.hpp"
#include "bench/versus/subject.hpp"
#include "bench/versus/table.hpp"
#include "bench/wire/servers.hpp"

namespace stoker::bench {
namespace {

namespace fs = std::filesystem;

class Folder {
public:
    Folder() : path_(fs::temp_directory_path() / ("stoker-vs-test-" + std::to_string(::getpid()))) {
        fs::create_directories(path_);
    }
    ~Folder() { fs::remove_all(path_); }
    const fs::path& path() const { return path_; }

private:
    fs::path path_;
};

const std::vector<std::string> subjects{"ours", "theirs", "light"};

VersusFigure rate_figure() {
    return {.name = "produce",
            .what = "records",
            .unit = "msg/s",
            .more_is_better = true,
            .targets = {{"theirs", 1.5}, {"light", 1}}};
}

/// One round on a fast machine and one on a slow one; the light peer is left out of the second.
std::vector<VersusRound> rounds() {
    return {{{"ours", 400}, {"theirs", 200}, {"light", 500}}, {{"ours", 40}, {"theirs", 20}}};
}

TEST(VersusTable, a_ratio_is_of_one_round_so_that_drift_does_not_count) {
    const auto row = compare(rate_figure(), subjects, rounds());
    ASSERT_EQ(row.comparisons.size(), 2u);
    EXPECT_EQ(row.comparisons[0].peer, "theirs");
    EXPECT_NEAR(row.comparisons[0].ratio.value, 2, 1e-9);
    EXPECT_NEAR(row.comparisons[0].ratio.high, 2, 1e-9);
    EXPECT_TRUE(row.comparisons[0].reached);
    EXPECT_NEAR(row.comparisons[1].ratio.value, 0.8, 1e-9);
    EXPECT_FALSE(row.comparisons[1].reached);
}

TEST(VersusTable, where_less_is_better_the_target_is_what_a_ratio_may_be_at_most) {
    const VersusFigure latency{
        .name = "p99", .what = "wait", .unit = "us", .targets = {{"theirs", 0.5}, {"light", 1}}};
    const auto row = compare(latency, subjects, rounds());
    EXPECT_FALSE(row.comparisons[0].reached);
    EXPECT_TRUE(row.comparisons[1].reached);
}

TEST(VersusTable, a_subject_that_is_missing_or_measured_nothing_is_not_compared) {
    const auto row = compare(rate_figure(), subjects, {{{"ours", 1}, {"theirs", 0}}});
    ASSERT_EQ(row.sides.size(), 2u);
    EXPECT_TRUE(row.comparisons.empty());
    EXPECT_NE(to_text({row}, subjects).find("-"), std::string::npos);
}

TEST(VersusTable, subjects_take_turns_in_coming_first) {
    EXPECT_EQ(order_of_turn(3, 0), (std::vector<size_t>{0, 1, 2}));
    EXPECT_EQ(order_of_turn(3, 1), (std::vector<size_t>{1, 2, 0}));
    EXPECT_EQ(order_of_turn(3, 5), (std::vector<size_t>{2, 0, 1}));
    EXPECT_EQ(order_of_turn(2, 3), (std::vector<size_t>{1, 0}));
}

TEST(VersusTable, the_report_shows_every_server_and_every_ratio_with_its_target) {
    const Folder folder;
    nlohmann::json report{{"program", "stoker-bench-versus"}, {"date", "2025-01-01T00:00:00Z"},
                          {"commit", "abc1234"},              {"processor", "some"},
                          {"cores", 2},                       {"kernel", "6.1"},
                          {"file_system", "ext4"},            {"quick", false},
                          {"rounds", 2},                      {"block_seconds", 2},
                          {"command", "--broker /x/stoker --kafka-libs /x --kfake /y --rounds 2"}};
    for (const auto& name : subjects) {
        report["subjects"].push_back({{"name", name}, {"description", name + " as it comes"}});
    }
    report["rows"].push_back(to_json(compare(rate_figure(), subjects, rounds())));
    std::ofstream(folder.path() / "json") << report;
    const std::string out = (folder.path() / "markdown").string();
    const std::string command =
        std::string(STOKER_BENCH_REPORT) + " " + (folder.path() / "json").string() + " > " + out;
    ASSERT_EQ(std::system(command.c_str()), 0);
    std::stringstream text;
    text << std::ifstream(out).rdbuf();
    for (const char* part :
         {"| produce | records, msg/s | 40 | 20 | 500 | 2 [2, 2] × (≥ 1.5: yes) | "
          "0.8 [0.8, 0.8] × (≥ 1: **no**) |",
          "| ours / theirs [95 %] |", "- light: light as it comes",
          "bench/versus/run --json FILE --rounds 2\n"}) {
        EXPECT_NE(text.str().find(part), std::string::npos) << part << " in\n" << text.str();
    }
}

TEST(VersusCases, every_figure_has_a_name_of_its_own_and_a_target_for_each_peer) {
    std::vector<VersusFigure> figures{start_figure(), memory_idle_figure(),
                                      memory_loaded_figure()};
    for (const auto& one : load_cases({})) {
        figures.insert(figures.end(), one.figures.begin(), one.figures.end());
    }
    std::vector<std::string> names;
    for (const auto& figure : figures) {
        EXPECT_TRUE(figure.targets.contains(apache_kafka_name)) << figure.name;
        EXPECT_TRUE(figure.targets.contains(kfake_name)) << figure.name;
        names.push_back(figure.name);
    }
    std::ranges::sort(names);
    EXPECT_EQ(std::ranges::adjacent_find(names), names.end());
}

TEST(ApacheKafkaSubject, its_version_is_read_off_its_jars) {
    const Folder folder;
    EXPECT_EQ(kafka_version(folder.path() / "none"), "");
    EXPECT_EQ(kafka_version(folder.path()), "");
    std::ofstream(folder.path() / "kafka-clients-4.3.0.jar") << "";
    EXPECT_EQ(kafka_version(folder.path()), "4.3.0");
}

TEST(ApacheKafkaSubject, broker_and_controller_listen_on_their_own_ports_of_this_machine_only) {
    const std::string text = kafka_properties("/a/b", 1234, 5678);
    EXPECT_NE(text.find("\nlisteners=PLAINTEXT://127.0.0.1:1234,CONTROLLER://127.0.0.1:5678\n"),
              std::string::npos);
    EXPECT_NE(text.find("\ncontroller.quorum.bootstrap.servers=127.0.0.1:5678\n"),
              std::string::npos);
    EXPECT_NE(text.find("\nlog.dirs=/a/b\n"), std::string::npos);
}

Server mock(const std::string& topic) {
    return Server(ServerCommand{.arguments = {STOKER_MOCK_CLUSTER, topic},
                                .ready = "mock ready at ",
                                .core = {}});
}

TEST(PacedLoad, measures_every_record_after_the_warm_up_once) {
    const Server server = mock("paced");
    const auto outcome = run(PacedLoad{.port = server.port(),
                                       .topic = "paced",
                                       .rate = 500,
                                       .seconds = 0.4,
                                       .warm_up_share = 0.25});
    EXPECT_EQ(outcome.acknowledged_us.size(), 150u);
    EXPECT_TRUE(outcome.consumed_us.empty());
    for (const double us : outcome.acknowledged_us) EXPECT_GT(us, 0);
}

TEST(Reader, reads_what_is_there_from_the_offset_that_it_was_given) {
    const Server server = mock("read");
    run(PacedLoad{.port = server.port(), .topic = "read", .rate = 1'000, .seconds = 0.1});
    Reader reader(server.port(), "read", 40);
    std::vector<int64_t> offsets;
    while (offsets.size() < 60) {
        reader.read([&](const rd_kafka_message_t& message) { offsets.push_back(message.offset); });
    }
    EXPECT_EQ(offsets.front(), 40);
    EXPECT_EQ(offsets.back(), 99);
}

TEST(ServerProcess, when_a_silent_server_ends_its_words_are_the_error) {
    const Folder folder;
    const fs::path output = folder.path() / "output";
    try {
        // Nobody listens on port 1.
        const Server server(ServerCommand{.arguments = {"/bin/sh", "-c", "echo no luck; exit 3"},
                                          .ready = "",
                                          .core = {},
                                          .port = 1,
                                          .output = output});
        FAIL() << "it was taken to be ready";
    } catch (const std::runtime_error& error) {
        EXPECT_NE(std::string(error.what()).find("no luck"), std::string::npos) << error.what();
    }
}

}  // namespace
}  // namespace stoker::bench
