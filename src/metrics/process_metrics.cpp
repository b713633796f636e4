#include "metrics/process_metrics.hpp"

#include <dirent.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <charconv>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

namespace stoker::metrics {
namespace {

std::string contents(const char* path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

/// The number behind "NAME" and blanks at the start of a line.
std::optional<uint64_t> number_of(const std::string& text, const std::string& name) {
    size_t at = text.starts_with(name) ? 0 : text.find('\n' + name);
    if (at == std::string::npos) return std::nullopt;
    at = text.find_first_of("0123456789", at + name.size());
    if (at == std::string::npos) return std::nullopt;
    uint64_t value = 0;
    std::from_chars(text.data() + at, text.data() + text.size(), value);
    return value;
}

/// The fields of /proc/self/stat behind the program's name, which may hold anything.
std::vector<uint64_t> stat_fields() {
    const std::string stat = contents("/proc/self/stat");
    const size_t name_end = stat.rfind(')');
    if (name_end == std::string::npos) return {};
    std::istringstream words(stat.substr(name_end + 1));
    std::vector<uint64_t> fields;
    for (std::string word; words >> word;) {
        uint64_t value = 0;
        std::from_chars(word.data(), word.data() + word.size(), value);
        fields.push_back(value);
    }
    return fields;
}

std::optional<uint64_t> open_descriptors() {
    DIR* folder = ::opendir("/proc/self/fd");
    if (folder == nullptr) return std::nullopt;
    uint64_t count = 0;
    while (const dirent* entry = ::readdir(folder)) count += entry->d_name[0] != '.' ? 1 : 0;
    ::closedir(folder);
    return count - 1;  // the folder's own
}

void write_memory_and_times(TextWriter& writer) {
    // proc(5) counts from 1, and the first two are gone.
    constexpr size_t threads = 20 - 3;
    constexpr size_t start_ticks = 22 - 3;
    constexpr size_t virtual_bytes = 23 - 3;
    constexpr size_t resident_pages = 24 - 3;
    const auto stat = stat_fields();
    if (stat.size() <= resident_pages) return;
    writer.family("process_virtual_memory_bytes", Type::gauge, "Virtual memory size in bytes.");
    writer.sample(stat[virtual_bytes]);
    writer.family("process_resident_memory_bytes", Type::gauge, "Resident memory size in bytes.");
    writer.sample(stat[resident_pages] * uint64_t(::sysconf(_SC_PAGESIZE)));
    writer.family("process_threads", Type::gauge, "Number of threads of the process.");
    writer.sample(stat[threads]);
    if (const auto boot_s = number_of(contents("/proc/stat"), "btime ")) {
        writer.family("process_start_time_seconds", Type::gauge,
                      "Start time of the process since the Unix epoch in seconds.");
        writer.sample(double(*boot_s) +
                      double(stat[start_ticks]) / double(::sysconf(_SC_CLK_TCK)));
    }
}

}  // namespace

void write_process_metrics(TextWriter& writer) {
    timespec cpu{};
    if (::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu) == 0) {
        writer.family("process_cpu_seconds_total", Type::counter,
                      "Total user and system CPU time spent in seconds.");
        writer.sample(double(cpu.tv_sec) + double(cpu.tv_nsec) / 1e9);
    }
    if (const auto open = open_descriptors()) {
        writer.family("process_open_fds", Type::gauge, "Number of open file descriptors.");
        writer.sample(*open);
    }
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        writer.family("process_max_fds", Type::gauge, "Maximum number of open file descriptors.");
        writer.sample(double(limit.rlim_cur));
    }
    write_memory_and_times(writer);
}

std::optional<DiskBytes> process_disk_bytes() {
    const std::string io = contents("/proc/self/io");
    const auto read = number_of(io, "read_bytes:");
    const auto written = number_of(io, "write_bytes:");
    if (!read || !written) return std::nullopt;
    return DiskBytes{.read = *read, .written = *written};
}

}  // namespace stoker::metrics
