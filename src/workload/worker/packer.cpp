#include "workload/worker/packer.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/big_endian.hpp"

namespace stoker::workload {
namespace {

constexpr auto counters = std::to_array<int64_t SenderStats::*>(
    {&SenderStats::sent, &SenderStats::acknowledged, &SenderStats::failed, &SenderStats::aborted,
     &SenderStats::unsent, &SenderStats::unanswered, &SenderStats::bytes,
     &SenderStats::held_back_ns});
constexpr auto histograms = std::to_array<load::Histogram SenderStats::*>(
    {&SenderStats::response_us, &SenderStats::service_us, &SenderStats::slip_us,
     &SenderStats::held_us});
constexpr auto kinds = std::to_array<std::vector<AckRange> SentLedger::Partition::*>(
    {&SentLedger::Partition::acknowledged, &SentLedger::Partition::failed,
     &SentLedger::Partition::aborted});
constexpr size_t number_size = sizeof(int64_t);

/// Most of the counters in use are zero: the others are written with their places.
void pack_histogram(Packer& to, const load::Histogram& histogram) {
    const auto& all = histogram.counts();
    to.number(histogram.max());
    to.decimal(histogram.sum());
    to.number(int64_t(all.size()) - std::ranges::count(all, 0));
    for (size_t i = 0; i < all.size(); ++i) {
        if (all[i] == 0) continue;
        to.number(int64_t(i));
        to.number(all[i]);
    }
}

load::Histogram read_histogram(Unpacker& from) {
    const int64_t max = from.number();
    const double sum = from.decimal();
    std::vector<int64_t> counts;
    for (size_t left = from.count(2 * number_size); left > 0 && from.ok(); --left) {
        const auto place = uint64_t(from.number());
        if (place >= load::Histogram::counters_max) {
            from.fail();
            return {};
        }
        if (place >= counts.size()) counts.resize(size_t(place) + 1);
        counts[size_t(place)] = from.number();
    }
    return load::Histogram::restored(std::move(counts), max, sum);
}

SenderStats read_stats(Unpacker& from) {
    SenderStats stats;
    for (const auto counter : counters) stats.*counter = from.number();
    for (const auto histogram : histograms) stats.*histogram = read_histogram(from);
    stats.last_error = from.text();
    return stats;
}

void pack_ledger(Packer& to, const SentLedger& ledger) {
    to.number(int64_t(ledger.partitions().size()));
    for (const SentLedger::Partition& partition : ledger.partitions()) {
        to.number(int64_t(partition.sent));
        for (const auto kind : kinds) {
            to.number(int64_t((partition.*kind).size()));
            for (const AckRange& range : partition.*kind) {
                to.number(int64_t(range.first));
                to.number(int64_t(range.count));
                to.number(range.offset);
            }
        }
    }
}

SentLedger read_ledger(Unpacker& from) {
    std::vector<SentLedger::Partition> partitions(from.count((1 + kinds.size()) * number_size));
    for (SentLedger::Partition& partition : partitions) {
        partition.sent = uint64_t(from.number());
        for (const auto kind : kinds) {
            for (size_t left = from.count(3 * number_size); left > 0; --left) {
                AckRange range{.first = uint64_t(from.number())};
                range.count = uint64_t(from.number());
                range.offset = from.number();
                (partition.*kind).push_back(range);
            }
        }
    }
    return SentLedger(std::move(partitions));
}

template <class T>
std::optional<T> if_whole(const Unpacker& from, T value) {
    if (!from.ok()) return std::nullopt;
    return value;
}

}  // namespace

void Packer::number(int64_t value) {
    bytes_.resize(bytes_.size() + number_size);
    store_big_endian(bytes_.data() + bytes_.size() - number_size, value);
}

void Packer::text(std::string_view value) {
    number(int64_t(value.size()));
    const ByteView bytes = bytes_of(value);
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
}

int64_t Unpacker::number() {
    if (left_.size() < number_size) ok_ = false;
    if (!ok_) return 0;
    const auto value = load_big_endian<int64_t>(left_.data());
    left_ = left_.subspan(number_size);
    return value;
}

size_t Unpacker::count(size_t size_min) {
    const int64_t value = number();
    if (value < 0 || uint64_t(value) > left_.size() / size_min) ok_ = false;
    return ok_ ? size_t(value) : 0;
}

std::string Unpacker::text() {
    const size_t size = count(1);
    std::string value(text_of(left_.first(size)));
    left_ = left_.subspan(size);
    return value;
}

void pack(Packer& to, const SendersPlan& plan) {
    to.number(int64_t(plan.run_id));
    to.number(int64_t(plan.seed));
    to.number(plan.base_ns);
    to.number(plan.base_wall_ns);
    to.number(int64_t(plan.topics.size()));
    for (const std::string& topic : plan.topics) to.text(topic);
}

void pack(Packer& to, const SenderStats& stats) {
    for (const auto counter : counters) to.number(stats.*counter);
    for (const auto histogram : histograms) pack_histogram(to, stats.*histogram);
    to.text(stats.last_error);
}

void pack(Packer& to, const SendersResult& result) {
    pack(to, result.stats);
    to.number(int64_t(result.ledgers.size()));
    for (const SentLedger& ledger : result.ledgers) pack_ledger(to, ledger);
    to.number(result.failure.has_value());
    to.text(result.failure.value_or(""));
    to.number(result.answered_ns);
    to.decimal(result.sender_share);
    to.decimal(result.library_share);
}

std::optional<SendersPlan> unpack_plan(ByteView bytes) {
    Unpacker from(bytes);
    SendersPlan plan{.run_id = uint64_t(from.number())};
    plan.seed = uint64_t(from.number());
    plan.base_ns = from.number();
    plan.base_wall_ns = from.number();
    for (size_t left = from.count(number_size); left > 0; --left)
        plan.topics.push_back(from.text());
    return if_whole(from, std::move(plan));
}

std::optional<SenderStats> unpack_stats(ByteView bytes) {
    Unpacker from(bytes);
    SenderStats stats = read_stats(from);
    return if_whole(from, std::move(stats));
}

std::optional<SendersResult> unpack_result(ByteView bytes) {
    Unpacker from(bytes);
    SendersResult result{.stats = read_stats(from)};
    for (size_t left = from.count(number_size); left > 0; --left)
        result.ledgers.push_back(read_ledger(from));
    const bool has_failed = from.number() != 0;
    const std::string why = from.text();
    if (has_failed) result.failure = why;
    result.answered_ns = from.number();
    result.sender_share = from.decimal();
    result.library_share = from.decimal();
    return if_whole(from, std::move(result));
}

}  // namespace stoker::workload
