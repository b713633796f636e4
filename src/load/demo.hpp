// The demonstration behind `make run`: it starts a broker on a free port with a fresh data
// directory, sends a load through it with the two bombers, shows a line a second, and accounts for
// every message at the end. Ctrl-C ends it early and in order.
#pragma once

#include <cstdint>
#include <expected>
#include <string>

#include "load/layered_options.hpp"
#include "load/programs.hpp"

namespace stoker::load {

struct DemoOptions {
    double seconds = 60;
    int64_t rate = 5'000;
    int64_t topics = 10;
    int64_t threads = 2;
    int64_t consumers = 3;
    std::string bootstrap_servers;  ///< of a cluster that runs already; empty: start a broker
    std::string data_dir;           ///< empty: a temporary one, removed at the end
};

std::expected<DemoOptions, EarlyExit> parse_demo_options(int argc, const char* const* argv);

/// 0 when nothing was lost, nothing came twice and nothing failed.
int run_demo(const DemoOptions& options, Streams streams = {});

}  // namespace stoker::load
