// Worker: what a process does that sends a part of a run's load: what the run tells it over its
// socket (frame_socket.hpp). It ends with its run, however that ends.
#pragma once

#include "base/clock.hpp"
#include "workload/run/local_senders.hpp"
#include "workload/worker/frame_socket.hpp"

namespace stoker::workload {

/// Serves one run; true when it was told how it went. To be called by the only thread of the
/// process.
bool serve_run(FrameSocket& run, LocalSenders& senders, const Clock& clock);

}  // namespace stoker::workload
