// Is the machine itself steady? What it does to a pair of measurements is not the broker's doing.
#pragma once

#include <filesystem>
#include <string>

namespace stoker::bench {

/// Writes out what the file system of `folder` still holds back, so that one block does not pay for
/// the one before it.
void settle_disk(const std::filesystem::path& folder);

/// A few tenths of a second of the work that servers are made of.
struct Control {
    double copy_gb_per_s = 0;  // memcpy of blocks that do not fit the caches
    double sync_us = 0;        // median of write + fdatasync of 4 KiB
    double ping_us = 0;        // median of a message to another thread and back
};
Control measure_control(const std::filesystem::path& folder);
/// The largest change of the three, as a share: 0.2 is 20 %.
double moved(const Control& before, const Control& after);

/// Time that the hypervisor gave to others, and all time, in ticks since the machine started.
struct StealTime {
    double stolen = 0;
    double total = 0;
};
StealTime steal_time();
double stolen_share(const StealTime& before, const StealTime& after);

std::string kernel();
std::string processor();
/// "ext4", "tmpfs" …: what fdatasync costs there is part of the figures. Its number in hexadecimal
/// where the name is not known.
std::string file_system(const std::filesystem::path& folder);

}  // namespace stoker::bench
