// client-programs: `stoker request`, `respond`, `schedule` and `exporter` in one file, because they
// share nearly all of their code. Each has a link to it, whose name says which one is meant.
#include <array>
#include <cstdio>
#include <filesystem>
#include <string>
#include <string_view>

#include "exchange/programs.hpp"
#include "exporter/programs.hpp"
#include "schedule/programs.hpp"

namespace {

struct Program {
    std::string_view name;
    int (*main)(int argc, char** argv);
};
constexpr std::array<Program, 4> programs{{{"stoker-request", stoker::exchange::request_main},
                                           {"stoker-respond", stoker::exchange::respond_main},
                                           {"stoker-schedule", stoker::schedule::schedule_main},
                                           {"stoker-exporter", stoker::exporter::exporter_main}}};
constexpr int wrong_usage = 2;

}  // namespace

int main(int argc, char** argv) {
    const std::string name = argc > 0 ? std::filesystem::path(argv[0]).filename() : "";
    for (const Program& program : programs)
        if (program.name == name) return program.main(argc, argv);
    std::fprintf(stderr, "%s: start it as stoker request, respond, schedule or exporter.\n",
                 name.c_str());
    return wrong_usage;
}
