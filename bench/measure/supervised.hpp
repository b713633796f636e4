// Work that leaves nothing behind: no process and no file, however it ends.
#pragma once

#include <filesystem>
#include <functional>

namespace stoker::bench {

/// Runs `work` in a process of its own and returns its exit status, or 128 + the signal that ended
/// it. Then every process that it started is ended and `folder` is removed. SIGINT, SIGTERM and
/// SIGHUP of this process end the work. No thread may have been started yet.
int run_supervised(const std::filesystem::path& folder, const std::function<int()>& work);

}  // namespace stoker::bench
