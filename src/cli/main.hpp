// The main of kafka-tools.
#pragma once

namespace stoker::cli {

/// Runs the tool that argv[0] names; `kafka-tools NAME ARGUMENTS...` works too.
int run_main(int argc, char** argv);

}  // namespace stoker::cli
