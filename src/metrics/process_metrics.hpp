// What the operating system knows of this process, under the names that every exporter has for it.
#pragma once

#include <cstdint>
#include <optional>

#include "metrics/text_writer.hpp"

namespace stoker::metrics {

/// process_cpu_seconds_total, process_start_time_seconds, process_resident_memory_bytes,
/// process_virtual_memory_bytes, process_open_fds, process_max_fds, process_threads. What /proc
/// does not tell is left out.
void write_process_metrics(TextWriter& writer);

/// What this process has had read from and written to disks, page cache apart.
struct DiskBytes {
    uint64_t read = 0;
    uint64_t written = 0;
};
std::optional<DiskBytes> process_disk_bytes();

}  // namespace stoker::metrics
