// A tool's streams for tests: what it prints is kept in strings, time stands still.
#pragma once

#include <string>

#include "cli/tool.hpp"

namespace stoker::cli {

struct TestStreams {
    std::string out_text;
    std::string err_text;
    ManualClock clock;
    Writer out{out_text};
    Writer err{err_text};
    kafka::Log log{clock, [this](std::string_view line) { err.write(line); }};
    Streams io{.out = out, .err = err, .in = -1, .clock = clock, .log = log};
};

}  // namespace stoker::cli
