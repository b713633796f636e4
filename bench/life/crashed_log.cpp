#include "bench/life/crashed_log.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <stdexcept>
#include <system_error>

#include "bench/measure/machine.hpp"
#include "bench/measure/server_process.hpp"
#include "bench/wire/kafka_wire.hpp"
#include "bench/wire/request_load.hpp"

namespace stoker::bench {
namespace {

namespace fs = std::filesystem;

constexpr auto topic = "large";
constexpr size_t batch_size = 16 << 10;
constexpr size_t read_size = 1 << 20;

/// The recovery point of the large log; 0 when no checkpoint names it.
int64_t checkpoint_of_large(const fs::path& data) {
    std::ifstream file(data / "recovery-point-offset-checkpoint");
    int64_t version = 0, count = 0;
    file >> version >> count;
    std::string name;
    int64_t partition = 0, offset = 0;
    while (file >> name >> partition >> offset) {
        if (name == topic) return offset;
    }
    return 0;
}

void read_stretch(const fs::path& path, uint64_t begin, uint64_t end) {
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) throw std::system_error(errno, std::generic_category(), path.string());
    std::vector<char> buffer(read_size);
    while (begin < end) {
        const size_t size = std::min<uint64_t>(buffer.size(), end - begin);
        const ssize_t n = ::pread(file, buffer.data(), size, static_cast<off_t>(begin));
        if (n <= 0) break;
        begin += static_cast<uint64_t>(n);
    }
    ::close(file);
    if (begin < end) throw std::runtime_error(path.string() + " is shorter than it was");
}

}  // namespace

CrashedLog::CrashedLog(const Servers& servers, fs::path folder, uint64_t size)
    : servers_(servers), folder_(std::move(folder)) {
    fs::create_directories(folder_);
    fill(size);
    settle_disk(folder_);
    find_uncovered();
    save();
    read_uncovered();
}

CrashedLog::~CrashedLog() {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
}

void CrashedLog::fill(uint64_t size) {
    const auto batch = make_batch(batch_size, 1024);
    batch_bytes_ = batch.bytes.size();
    batch_records_ = batch.records;
    ServerProcess server(broker_command(servers_, data()));
    create_topic(server.port(), {.name = topic, .probe = false});
    const auto outcome = run({.port = server.port(),
                              .requests = {produce_request(topic, 0, batch.bytes)},
                              .window = 5,
                              .seconds = 300,
                              .requests_max = (size + batch_bytes_ - 1) / batch_bytes_,
                              .is_good = is_produced});
    if (outcome.errors > 0) throw std::runtime_error("the log could not be filled");
    end_offset_ = ask_end_offset(server.port(), topic);
    server.kill();
}

void CrashedLog::find_uncovered() {
    const int64_t point = checkpoint_of_large(data());
    for (const auto& entry : fs::directory_iterator(data() / (std::string(topic) + "-0"))) {
        if (entry.path().extension() != ".log") continue;
        // The name is the segment's first offset; every batch is of the same size.
        const int64_t base = std::stoll(entry.path().stem().string());
        const int64_t covered = std::max<int64_t>(point - base, 0) / batch_records_;
        const Stretch stretch{
            .file = entry.path(),
            .begin = std::min(static_cast<uint64_t>(covered) * batch_bytes_, entry.file_size()),
            .end = entry.file_size()};
        uncovered_.push_back(stretch);
    }
    std::ranges::sort(uncovered_, {}, &Stretch::file);
}

bool CrashedLog::is_large(const fs::path& relative) const {
    return relative.extension() == ".log" &&
           std::ranges::any_of(uncovered_,
                               [&](const auto& s) { return s.file == data() / relative; });
}

void CrashedLog::save() const {
    fs::create_directories(saved());
    for (const auto& entry : fs::recursive_directory_iterator(data())) {
        const fs::path relative = fs::relative(entry.path(), data());
        if (entry.is_directory()) fs::create_directories(saved() / relative);
        else if (!is_large(relative)) fs::copy_file(entry.path(), saved() / relative);
    }
}

void CrashedLog::restore() const {
    std::vector<fs::path> written;
    for (const auto& entry : fs::recursive_directory_iterator(data())) {
        const fs::path relative = fs::relative(entry.path(), data());
        if (entry.is_regular_file() && !is_large(relative)) written.push_back(entry.path());
    }
    for (const auto& path : written) fs::remove(path);
    fs::copy(saved(), data(), fs::copy_options::recursive);
    for (const Stretch& stretch : uncovered_) {
        if (fs::file_size(stretch.file) != stretch.end) {
            throw std::runtime_error("recovery changed the size of a segment");
        }
    }
}

double CrashedLog::recover() {
    restore();
    settle_disk(folder_);
    ServerProcess server(broker_command(servers_, data()));
    const int64_t end = ask_end_offset(server.port(), topic);
    const double seconds = server.seconds_since_exec();
    server.kill();
    if (end != end_offset_) throw std::runtime_error("acknowledged records were lost");
    return seconds;
}

double CrashedLog::read_uncovered() const {
    const auto begin = std::chrono::steady_clock::now();
    for (const Stretch& s : uncovered_) read_stretch(s.file, s.begin, s.end);
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

uint64_t CrashedLog::uncovered_bytes() const {
    uint64_t bytes = 0;
    for (const Stretch& s : uncovered_) bytes += s.end - s.begin;
    return bytes;
}

}  // namespace stoker::bench
