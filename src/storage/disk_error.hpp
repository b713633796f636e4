// How the storage layer words its failures: the errno for the program, a sentence for the operator.
//
// A file whose content cannot be understood is a failure of the same type, with EBADMSG as its
// code, so that a caller handles "the disk said no" and "the disk said nonsense" in one place.
#pragma once

#include <cerrno>
#include <expected>
#include <string>
#include <string_view>

#include "storage/disk.hpp"

namespace stoker::storage {

/// `return disk_failure(errno, "write", path);` reads "write PATH: No space left on device".
std::unexpected<DiskError> disk_failure(int code, std::string_view call, std::string_view path);

/// `return malformed_file(path, "line 2 is not a number");` reads "PATH: line 2 is not a number".
std::unexpected<DiskError> malformed_file(std::string_view path, std::string_view why);

/// True for what malformed_file() made: the file is there and readable, its content is wrong.
inline bool is_malformed(const DiskError& error) {
    return error.code == EBADMSG;
}

}  // namespace stoker::storage
