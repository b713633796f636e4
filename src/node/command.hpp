// The `stoker` command line: `stoker broker`, `stoker up`. Each runs until SIGTERM or SIGINT; a
// second signal ends the process at once.
#pragma once

namespace stoker::node {

/// Exit status: 0 a clean stop, 1 a failure, 2 wrong usage; a failure says one line on stderr.
int run_command(int argc, char** argv);

}  // namespace stoker::node
