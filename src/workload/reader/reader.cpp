#include "workload/reader/reader.hpp"

#include <unistd.h>

#include <algorithm>
#include <utility>

#include "workload/seal.hpp"

namespace stoker::workload {
namespace {

constexpr std::chrono::milliseconds poll_time{100};
/// Records, and time of a slow consumer, between two visits to the group's ledger.
constexpr size_t batch_max = 500;
constexpr int64_t batch_time_ns = 100'000'000;

}  // namespace

Reader::Reader(ReaderOptions options, GroupState& group, const Clock& clock)
    : options_(std::move(options)), group_(group), clock_(clock) {
    for (size_t i = 0; i < options_.topics.size(); ++i)
        first_partition_[options_.topics[i]] = i * size_t(options_.partitions);
    thread_ = std::thread([this] { run(); });
}

void Reader::leave(bool crash) {
    crashes_ = crash;
    leaves_ = true;
    if (thread_.joinable()) thread_.join();
}

void Reader::fail(const std::string& why) {
    auto failure = group_.failure.lock();
    if (!*failure) *failure = why;
}

void Reader::run() {
    id_ = ::gettid();
    auto source = make_source(options_.engine,
                              {.properties = options_.properties, .topics = options_.topics},
                              clock_);
    if (!source) {
        fail(source.error());
    } else {
        const bool willing = consume(**source);
        if (willing && !crashes_) (*source)->close();
    }
    assigned_ = 0;
    running_ = false;
}

/// False when it could not go on.
bool Reader::consume(RecordSource& source) {
    std::vector<Sighting> seen;
    while (!leaves_) {
        const auto polled = source.poll(poll_time);
        assigned_ = source.assigned();
        if (!polled) return fail(polled.error()), false;
        if (!*polled) {
            tell_positions(source);
            continue;
        }
        const auto read = read_batch(source, seen);
        tell(seen);
        if (!read) return fail(read.error()), false;
    }
    return true;
}

/// A slow one tells what it has seen while it is at it: nobody shall take it for dead.
std::expected<void, std::string> Reader::read_batch(RecordSource& source,
                                                    std::vector<Sighting>& seen) {
    const int64_t end_ns = clock_.monotonic_ns() + batch_time_ns;
    while (!leaves_ && seen.size() < batch_max) {
        const auto record = source.next();
        if (!record) return std::unexpected(record.error());
        if (*record == nullptr) break;
        take(**record, seen);
        if (options_.delay_us == 0) continue;
        work_slowly();
        if (clock_.monotonic_ns() > end_ns) break;
    }
    return {};
}

void Reader::work_slowly() {
    constexpr std::chrono::microseconds step{100'000};
    std::chrono::microseconds left{options_.delay_us};
    for (; !leaves_ && left.count() > 0; left -= step)
        std::this_thread::sleep_for(std::min(left, step));
}

std::optional<size_t> Reader::number_of(std::string_view topic, int32_t partition) {
    if (partition < 0 || partition >= options_.partitions) return std::nullopt;
    // Records of one topic come one after the other.
    if (topic != last_topic_) {
        const auto found = first_partition_.find(topic);
        if (found == first_partition_.end()) return std::nullopt;
        last_topic_ = found->first;
        last_first_partition_ = found->second;
    }
    return last_first_partition_ + size_t(partition);
}

void Reader::take(const SourceRecord& record, std::vector<Sighting>& seen) {
    const auto partition = number_of(record.topic, record.partition);
    if (!partition) return;
    Sighting sighting{.kind = Sighting::Kind::foreign,
                      .partition = *partition,
                      .offset = record.offset};
    std::optional<OpenedSeal> opened;
    if (record.seal) opened = open(*record.seal, record.key, record.value);
    Timed timed;
    if (opened && !opened->intact) {
        sighting.kind = Sighting::Kind::corrupted;
    } else if (opened && opened->seal.run == options_.run_id &&
               opened->seal.producer != warm_up_producer) {
        sighting.kind = Sighting::Kind::message;
        sighting.producer = opened->seal.producer;
        sighting.sequence = opened->seal.sequence;
        timed = {opened->seal.intended_wall_ns,
                 options_.start_wall_ns + (clock_.monotonic_ns() - options_.start_ns)};
    }
    seen.push_back(sighting);
    times_.push_back(timed);
}

/// Behind the last records there may be others that nobody is given: marks of transactions.
void Reader::tell_positions(RecordSource& source) {
    auto ledger = group_.ledger.lock();
    for (const SourcePosition& one : source.positions())
        if (const auto partition = number_of(one.topic, one.partition))
            ledger->reached(*partition, one.offset);
}

void Reader::tell(std::vector<Sighting>& seen) {
    if (seen.empty()) return;
    std::vector<bool> is_new(seen.size());
    {
        auto ledger = group_.ledger.lock();
        for (size_t i = 0; i < seen.size(); ++i) is_new[i] = ledger->record(seen[i]);
        group_.distinct = ledger->distinct();
        group_.consumed = ledger->consumed();
    }
    auto histogram = group_.end_to_end_us.lock();
    for (size_t i = 0; i < seen.size(); ++i) {
        if (!is_new[i]) continue;
        // In unsigned numbers: no time in a header must overflow.
        const uint64_t took_ns =
            uint64_t(times_[i].seen_wall_ns) - uint64_t(times_[i].intended_wall_ns);
        histogram->record(int64_t(took_ns) / 1000);
    }
    group_.last_progress_ns = clock_.monotonic_ns();
    seen.clear();
    times_.clear();
}

}  // namespace stoker::workload
