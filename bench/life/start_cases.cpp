// From the execution of the program to its first answer.
#include <stdexcept>
#include <utility>

#include "bench/life/life_cases.hpp"
#include "bench/measure/machine.hpp"
#include "bench/measure/server_process.hpp"
#include "bench/wire/kafka_wire.hpp"

namespace stoker::bench {
namespace {

namespace fs = std::filesystem;

constexpr int starts_a_round = 10;
constexpr int32_t many_partitions = 1'000;

/// In milliseconds, to an answered Metadata request that names `partitions` partitions.
double start_once(const ServerCommand& command, int32_t partitions) {
    ServerProcess server(command);
    const int32_t found = ask_metadata(server.port());
    const double seconds = server.seconds_since_exec();
    if (found != partitions) throw std::runtime_error("the broker came up with other partitions");
    // In order, so that the next start finds a log that needs no recovery.
    if (!server.stop()) throw std::runtime_error("the broker did not stop in order");
    return seconds * 1e3;
}

using MakeCommand = ServerCommand (*)(const Servers&, const fs::path&);

ServerCommand broker_with_defaults(const Servers& servers, const fs::path& data) {
    return broker_command(servers, data);
}

AbsoluteCase start_empty(const Servers& servers, Figure figure, MakeCommand command) {
    const std::string name = figure.name;
    return {.name = name,
            .figures = {std::move(figure)},
            .rounds = 4,
            .rounds_quick = 1,
            .timed = true,
            .measure = [=](const fs::path& folder) {
                std::vector<double> samples;
                for (int i = 0; i < starts_a_round; ++i) {
                    const fs::path data = folder / ("data" + std::to_string(i));
                    samples.push_back(start_once(command(servers, data), 0));
                }
                return std::vector<std::vector<double>>{samples};
            }};
}

std::vector<std::vector<double>> start_with_many(const Servers& servers, const fs::path& folder) {
    const ServerCommand command = broker_command(servers, folder / "data");
    {
        ServerProcess server(command);
        create_topic(server.port(), {.name = "many", .partitions = many_partitions});
        if (!server.stop()) throw std::runtime_error("the broker did not stop in order");
    }
    settle_disk(folder);
    std::vector<double> samples;
    for (int i = 0; i < starts_a_round; ++i) {
        samples.push_back(start_once(command, many_partitions));
    }
    return {samples};
}

}  // namespace

std::vector<AbsoluteCase> start_cases(const Servers& servers) {
    return {start_empty(servers,
                        {.name = "start-empty",
                         .what = "stoker broker, exec to first Metadata, empty data folder",
                         .unit = "ms",
                         .target = 10},
                        broker_with_defaults),
            {.name = "start-1000",
             .figures = {{.name = "start-1000",
                          .what = "the same with 1,000 partitions, after a stop in order",
                          .unit = "ms",
                          .target = 60}},
             .rounds = 3,
             .rounds_quick = 1,
             .timed = true,
             .measure = [=](const fs::path& folder) { return start_with_many(servers, folder); }},
            start_empty(servers,
                        {.name = "start-up",
                         .what = "stoker up, exec to first Metadata, empty data folder",
                         .unit = "ms",
                         .target = 25},
                        up_command)};
}

}  // namespace stoker::bench
