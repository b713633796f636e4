// Lines of a descriptor as Java's BufferedReader has them: a line ends at \n, \r or \r\n, the last
// one may lack its end. Bytes are passed as they are; a line may be as long as memory lasts.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

namespace stoker::cli {

class LineReader {
public:
    explicit LineReader(int fd);

    /// The next line that has arrived whole, without reading; valid until fill().
    std::optional<std::string_view> next();
    /// Reads once. False at the end, when next() has given all but the line that follows from
    /// last().
    bool fill();
    /// After the end: what stands behind the last line end, if anything does.
    std::optional<std::string_view> last();

private:
    int fd_;
    std::vector<char> buffer_;
    size_t begin_ = 0;
    size_t end_ = 0;
    /// No line end lies before this one.
    size_t scanned_ = 0;
    bool skips_newline_ = false;
};

}  // namespace stoker::cli
