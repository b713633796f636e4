// The batches of a segment file, one after the other, as Java's FileLogInputStream gives them: only
// as much of the file as one batch is in memory.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/bytes.hpp"
#include "record/batch.hpp"

namespace stoker::cli {

/// An input file; read at positions. Throws KafkaException with Java's exception where it cannot be
/// opened or read.
class InputFile {
public:
    explicit InputFile(const std::string& path);
    ~InputFile();
    InputFile(const InputFile&) = delete;
    InputFile& operator=(const InputFile&) = delete;

    int64_t size() const { return size_; }
    const std::string& path() const { return path_; }
    /// All of them; the caller knows that they are there.
    Bytes read(int64_t position, size_t size) const;
    Bytes read_all() const { return read(0, static_cast<size_t>(size_)); }

private:
    std::string path_;
    int fd_ = -1;
    int64_t size_ = 0;
};

class BatchFile {
public:
    /// Reads from `begin` to `end`; the file must outlive it.
    BatchFile(const InputFile& file, int64_t begin, int64_t end);

    /// The next batch, whose bytes last until the next call; nothing where no whole one is left.
    /// Throws Java's CorruptRecordException for a size that cannot be.
    std::optional<record::BatchView> next();
    /// Where the batch that next() gave last starts.
    int64_t position() const { return position_; }
    /// Where the next one would start.
    int64_t next_position() const { return next_; }

private:
    const InputFile& file_;
    int64_t end_;
    int64_t position_ = 0;
    int64_t next_ = 0;
    Bytes bytes_;
};

/// Whether the checksum is that of the bytes.
bool is_valid(const record::BatchView& batch);
/// "CreateTime" or "LogAppendTime".
std::string timestamp_type(const record::BatchHeader& header);

/// How much one batch may become when it is decompressed.
inline constexpr size_t decompressed_size_max = size_t{1} << 31;

}  // namespace stoker::cli
