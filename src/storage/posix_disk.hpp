// PosixDisk: the machine's own file system.
//
// A File of it has a descriptor only while it is used (open_files.hpp): 10,000 partitions fit under
// a limit of 20,000 descriptors with room for as many sockets. Any thread.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "storage/disk.hpp"

namespace stoker::storage {

class OpenFiles;

/// Half of what the process may open (RLIMIT_NOFILE), for the other half is for sockets; at most
/// 9,000, at least 16.
size_t default_open_files_max();

struct PosixDiskOptions {
    size_t open_files_max = default_open_files_max();
};

class PosixDisk final : public Disk {
public:
    explicit PosixDisk(PosixDiskOptions options = {});
    ~PosixDisk() override;

    /// A file that exists is not opened yet, only looked up.
    DiskResult<std::shared_ptr<File>> open(const std::string& path, OpenMode mode) override;
    DiskResult<bool> exists(const std::string& path) override;
    DiskResult<std::vector<std::string>> list(const std::string& folder) override;
    DiskResult<void> make_folder(const std::string& path) override;
    DiskResult<void> remove(const std::string& path) override;
    DiskResult<void> remove_folder(const std::string& path) override;
    DiskResult<void> rename(const std::string& from, const std::string& to) override;
    DiskResult<void> sync_folder(const std::string& path) override;
    DiskResult<DiskSpace> space(const std::string& path) override;
    /// A write lock on the file (F_OFD_SETLK): it excludes Apache Kafka, which takes a POSIX lock
    /// on the same file, and any second one of this process too.
    DiskResult<std::unique_ptr<FileLock>> lock(const std::string& path) override;

    /// How many descriptors its Files hold at the moment.
    size_t open_files() const;

private:
    int open_descriptor(const std::string& path, int flags);

    // Shared with the Files, which may outlive the Disk.
    std::shared_ptr<OpenFiles> files_;
};

}  // namespace stoker::storage
