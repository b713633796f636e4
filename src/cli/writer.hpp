// Where a tool prints: standard output and standard error behind one buffer each, or a string in a
// test. One thread at a time.
#pragma once

#include <string>
#include <string_view>

namespace stoker::cli {

/// Ends the program with this status; caught in main and by tests, never on the way.
struct Exit {
    int code = 0;
};

class Writer {
public:
    /// Writes to a descriptor that must stay open; a buffered one flushes when full, on flush() and
    /// at its end, an unbuffered one at once.
    enum class Buffering { full, none };
    Writer(int fd, Buffering buffering) : fd_(fd), buffering_(buffering) {}
    /// Appends to a string that must outlive the writer.
    explicit Writer(std::string& sink) : sink_(&sink) {}
    ~Writer();
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;

    void write(std::string_view text);
    /// The text and a newline.
    void line(std::string_view text = {});
    void flush();

    /// Before anything is written here, `other` is flushed, so that both together read in the order
    /// of time. It must outlive this writer.
    void goes_after(Writer& other) { before_ = &other; }

    /// When the reader is gone, writing throws Exit{0}: `tool | head` ends quietly. A tool that has
    /// more to do then asks broken() instead.
    void keep_on_when_broken() { quits_when_broken_ = false; }
    bool broken() const { return broken_; }

private:
    void send(std::string_view text);

    int fd_ = -1;
    Buffering buffering_ = Buffering::none;
    std::string* sink_ = nullptr;
    Writer* before_ = nullptr;
    std::string buffer_;
    bool quits_when_broken_ = true;
    bool broken_ = false;
};

}  // namespace stoker::cli
