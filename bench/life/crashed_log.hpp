// A data folder as kill -9 left it, with one large log, that can be recovered again and again.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "bench/wire/servers.hpp"

namespace stoker::bench {

/// Failures are std::runtime_error.
class CrashedLog {
public:
    /// Fills a log of at least `size` bytes in `folder`, kills the broker at once, and reads all of
    /// it, so that recovery and the floor alike find it in the page cache.
    CrashedLog(const Servers& servers, std::filesystem::path folder, uint64_t size);
    /// Removes the folder.
    ~CrashedLog();
    CrashedLog(const CrashedLog&) = delete;
    CrashedLog& operator=(const CrashedLog&) = delete;

    /// Seconds from the execution of the broker until the partition says where it ends, which must
    /// be where it ended.
    double recover();
    /// Seconds for one thread to read(2) from one end to the other what no checkpoint covers.
    double read_uncovered() const;
    uint64_t uncovered_bytes() const;

private:
    struct Stretch {
        std::filesystem::path file;
        uint64_t begin = 0;
        uint64_t end = 0;
    };

    std::filesystem::path data() const { return folder_ / "data"; }
    std::filesystem::path saved() const { return folder_ / "saved"; }
    void fill(uint64_t size);
    void find_uncovered();
    /// Everything but the segments of the large log, which recovery leaves as they are.
    void save() const;
    void restore() const;
    bool is_large(const std::filesystem::path& relative) const;

    Servers servers_;
    std::filesystem::path folder_;
    uint64_t batch_bytes_ = 0;
    int64_t batch_records_ = 0;
    int64_t end_offset_ = 0;
    std::vector<Stretch> uncovered_;
};

}  // namespace stoker::bench
