// The two bombers as programs: signals, reports every ten seconds, the summary, exit codes.
#pragma once

#include <cstdio>

#include "load/bomber_options.hpp"

namespace stoker::load {

/// Where a program writes: reports and results, and what went wrong.
struct Streams {
    std::FILE* out = stdout;
    std::FILE* error = stderr;
};

/// Both return the process's exit code and are to be called on the main thread, before any other
/// thread was started (signals.hpp).
int run_producer_bomber(const ProducerOptions& options, Streams streams = {});
int run_consumer_bomber(const ConsumerOptions& options, Streams streams = {});

/// Prints what an EarlyExit says and returns its code.
int leave(const EarlyExit& exit, Streams streams = {});

/// Runs `main_function` and turns an exception that nobody else could handle into exit code 1 and
/// one line on stderr.
int guarded(const char* program, int (*main_function)(int, char**), int argc, char** argv);

}  // namespace stoker::load
