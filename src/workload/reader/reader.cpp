#include "workload/reader/reader.hpp"

#include <unistd.h>

#include <algorithm>
#include <utility>

#include "workload/seal.hpp"

namespace stoker::workload {
namespace {

constexpr int64_t poll_ms = 100;
/// Records between two visits to the group's ledger.
constexpr size_t batch_max = 500;

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
    const kafka::Log quiet(clock_, [](std::string_view) {});
    try {
        auto consumer =
            kafka::value_or_throw(kafka::Consumer::create(options_.properties, quiet, clock_));
        const auto count = [this, raw = consumer.get()](const auto&) {
            assigned_ = raw->assigned().size();
        };
        consumer->subscribe(options_.topics, {.on_assigned = count, .on_revoked = count});
        consume(*consumer);
        if (!crashes_) consumer->close();
    } catch (const kafka::KafkaException& error) {
        fail(error.failure().text());
    }
    assigned_ = 0;
    running_ = false;
}

void Reader::consume(kafka::Consumer& consumer) {
    std::vector<Sighting> seen;
    while (!leaves_) {
        if (!kafka::value_or_throw(consumer.poll(poll_ms))) {
            assigned_ = consumer.assigned().size();
            continue;
        }
        while (!leaves_ && seen.size() < batch_max) {
            const kafka::ConsumerRecord* record = consumer.next();
            if (record == nullptr) break;
            take(*record, seen);
            if (options_.delay_us > 0)
                std::this_thread::sleep_for(std::chrono::microseconds(options_.delay_us));
        }
        tell(seen);
    }
}

void Reader::take(const kafka::ConsumerRecord& record, std::vector<Sighting>& seen) {
    const auto topic = first_partition_.find(record.where->topic);
    const bool in_range =
        record.where->partition >= 0 && record.where->partition < options_.partitions;
    if (topic == first_partition_.end() || !in_range) return;
    Sighting sighting{.kind = Sighting::Kind::foreign,
                      .partition = topic->second + size_t(record.where->partition),
                      .offset = raw(record.view.offset)};
    std::optional<ByteView> header;
    for (const record::HeaderView& one : record.view.headers)
        if (one.key == seal_header) header = one.value;
    std::optional<OpenedSeal> opened;
    if (header) opened = open(*header, record.view.key, record.view.value);
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
