// Packer and Unpacker: what worker processes and the run say to each other, as bytes. Numbers are
// eight bytes, texts and lists have their length before them. Both ends are the same program.
#pragma once

#include <bit>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "workload/run/senders.hpp"

namespace stoker::workload {

class Packer {
public:
    void number(int64_t value);
    void decimal(double value) { number(std::bit_cast<int64_t>(value)); }
    void text(std::string_view value);
    Bytes take() { return std::move(bytes_); }

private:
    Bytes bytes_;
};

/// Reads what a Packer wrote. Once something does not fit, everything after it is empty, and ok()
/// says so: a worker that was killed may have said half of something.
class Unpacker {
public:
    explicit Unpacker(ByteView bytes) : left_(bytes) {}

    int64_t number();
    double decimal() { return std::bit_cast<double>(number()); }
    std::string text();
    /// A length, of things that have `size_min` bytes at least.
    size_t count(size_t size_min);
    void fail() { ok_ = false; }
    bool ok() const { return ok_; }

private:
    ByteView left_;
    bool ok_ = true;
};

void pack(Packer& to, const SendersPlan& plan);
void pack(Packer& to, const SenderStats& stats);
void pack(Packer& to, const SendersResult& result);

/// Nothing where it does not fit.
std::optional<SendersPlan> unpack_plan(ByteView bytes);
std::optional<SenderStats> unpack_stats(ByteView bytes);
std::optional<SendersResult> unpack_result(ByteView bytes);

}  // namespace stoker::workload
