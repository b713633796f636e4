// `stoker load`: `run` sends a workload through a cluster and accounts for every message.
#pragma once

namespace stoker::workload {

/// Status as in report/verdict.hpp. To be called on the main thread, before any other was started.
int load_main(int argc, char** argv);

}  // namespace stoker::workload
