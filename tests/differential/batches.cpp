#include "batches.hpp"

#include <array>
#include <chrono>
#include <functional>
#include <utility>

#include "base/big_endian.hpp"
#include "base/crc32c.hpp"
#include "record/builder.hpp"
#include "world.hpp"

namespace stoker::differential {

namespace {

namespace field = record::field;

template <class T>
void put(Bytes& batch, size_t at, T value) {
    store_big_endian(batch.data() + at, value);
}
template <class T>
T get(const Bytes& batch, size_t at) {
    return load_big_endian<T>(batch.data() + at);
}

void set_right_checksum(Bytes& batch) {
    put(batch, field::crc, crc32c(ByteView(batch).subspan(record::crc_start)));
}

void add_attribute(Bytes& batch, int16_t bits) {
    put(batch, field::attributes, int16_t(get<int16_t>(batch, field::attributes) | bits));
}

struct Spoiling {
    std::string_view what;
    std::function<void(Draw&, Bytes&)> spoil;
    /// Whether the checksum is to be right after it.
    bool checksum_is_right = true;
    /// Only a look at the records tells that the header lies. Stoker looks where a rule of the
    /// topic asks for it; elsewhere the checksum must do, and the two would hold different batches.
    bool inside = false;
};

/// All records, the greatest timestamp with them.
void move_in_time(Draw& draw, Bytes& batch) {
    constexpr int64_t month_ms = 30 * int64_t(86'400'000);
    auto spread = get<int64_t>(batch, field::max_timestamp) -
                  get<int64_t>(batch, field::base_timestamp);
    auto time = draw.pick<int64_t>({base_time_ms() + month_ms, -1, 0});
    put(batch, field::base_timestamp, time);
    put(batch, field::max_timestamp, time + spread);
}

const std::vector<Spoiling>& spoilings() {
    static const std::vector<Spoiling> all{
        {"a wrong checksum", [](Draw&, Bytes& b) { b[field::crc] ^= std::byte{1}; }, false},
        {"magic", [](Draw& d, Bytes& b) { b[field::magic] = std::byte(d.pick({0, 1, 3, 255})); }},
        {"a base offset",
         [](Draw& d, Bytes& b) { put(b, field::base_offset, d.pick<int64_t>({1, 7, -1})); }},
        {"a leader epoch",
         [](Draw&, Bytes& b) { put(b, field::partition_leader_epoch, int32_t(77)); }},
        {"the record count",
         [](Draw& d, Bytes& b) {
             put(b, field::record_count, d.pick<int32_t>({0, 1, 3, -1, 1'000'000}));
         }},
        {"the last offset delta",
         [](Draw& d, Bytes& b) {
             put(b, field::last_offset_delta, d.pick<int32_t>({0, 9, -1, INT32_MAX}));
         }},
        {"the length",
         [](Draw& d, Bytes& b) {
             put(b, field::batch_length, d.pick<int32_t>({0, -1, 48, 60, 1'000'000}));
         }},
        {"cut", [](Draw& d, Bytes& b) { b.resize(d.below(b.size())); }, false},
        {"bytes behind it",
         [](Draw& d, Bytes& b) { b.resize(b.size() + 1 + d.below(80)); }, false},
        {"twice",
         [](Draw&, Bytes& b) {
             Bytes once = b;
             b.insert(b.end(), once.begin(), once.end());
         }, false},
        {"the control bit", [](Draw&, Bytes& b) { add_attribute(b, record::control_bit); }},
        {"the transactional bit",
         [](Draw&, Bytes& b) { add_attribute(b, record::transactional_bit); }},
        {"the delete horizon bit",
         [](Draw&, Bytes& b) { add_attribute(b, record::delete_horizon_bit); }},
        {"the append time bit",
         [](Draw&, Bytes& b) { add_attribute(b, record::log_append_time_bit); }},
        {"an unknown bit", [](Draw&, Bytes& b) { add_attribute(b, 0x80); }},
        {"another codec",
         [](Draw& d, Bytes& b) {
             auto attributes = get<int16_t>(b, field::attributes);
             put(b, field::attributes,
                 int16_t((attributes & ~record::codec_mask) | d.between(0, 7)));
         }, true, true},
        {"a far time", move_in_time},
        {"the max timestamp",
         [](Draw& d, Bytes& b) {
             put(b, field::max_timestamp, d.pick<int64_t>({base_time_ms() + 77, -1, 0}));
         }, true, true},
        {"a producer without its like",
         [](Draw& d, Bytes& b) {
             put(b, field::producer_id, d.pick<int64_t>({-1, -2, 0, 777'777'777}));
             put(b, field::producer_epoch, d.pick<int16_t>({-1, 0, 3}));
             put(b, field::base_sequence, d.pick<int32_t>({-1, 0, 5, -2}));
         }},
        {"a flipped byte in the records",
         [](Draw& d, Bytes& b) {
             size_t room = b.size() - record::header_size;
             if (room > 0) b[record::header_size + d.below(room)] ^= std::byte(1 + d.below(255));
         }, true, true},
        {"no records", [](Draw&, Bytes& b) {
             b.resize(record::header_size);
             put(b, field::batch_length, record::batch_length_min);
         }},
    };
    return all;
}

record::BatchBuilder::Options draw_options(Draw& draw, const Model& model,
                                           const std::string& topic, PartitionId partition,
                                           DrawnBatch& drawn) {
    record::BatchBuilder::Options options;
    options.codec = record::Codec(draw.between(0, 4));
    if (!draw.chance(30)) return options;
    size_t slot = draw.below(model.producers.size());
    const Model::Producer& producer = model.producers[slot];
    if (!producer.known) return options;
    drawn.producer = int(slot);
    options.producer_id = producer_symbol(slot);
    options.producer_epoch = producer.epoch;
    auto next = producer.next_sequence.find({topic, raw(partition)});
    options.base_sequence = next == producer.next_sequence.end() ? 0 : next->second;
    if (draw.chance(25)) options.base_sequence += draw.pick<int32_t>({-3, -2, -1, 1, 10});
    if (draw.chance(10)) options.producer_epoch += draw.pick<int16_t>({-1, 1});
    options.base_sequence = std::max(options.base_sequence, 0);
    options.producer_epoch = std::max(options.producer_epoch, int16_t(0));
    drawn.base_sequence = options.base_sequence;
    return options;
}

}  // namespace

int64_t base_time_ms() {
    static const int64_t start = std::chrono::duration_cast<std::chrono::milliseconds>(
                                     std::chrono::system_clock::now().time_since_epoch())
                                     .count() - 60'000;
    return start;
}

DrawnBatch draw_batch(Draw& draw, const Model& model, const std::string& topic,
                      PartitionId partition) {
    DrawnBatch drawn;
    record::BatchBuilder builder(draw_options(draw, model, topic, partition, drawn));
    drawn.record_count = int32_t(draw.between(1, 5));
    bool big = draw.chance(2);
    for (int32_t i = 0; i < drawn.record_count; ++i) {
        std::string key = "key " + draw.text(3);
        std::string value = big ? std::string(300'000, char('a' + i)) : draw.text(60);
        std::vector<record::Header> headers;
        if (draw.chance(20)) headers.push_back({.key = "header", .value = bytes_of("worth")});
        bool with_key = draw.chance(topic == "delta" ? 90 : 50);
        builder.append(base_time_ms() + draw.between(0, 2000),
                       with_key ? std::optional(bytes_of(key)) : std::nullopt,
                       draw.chance(95) ? std::optional(bytes_of(value)) : std::nullopt, headers);
    }
    drawn.bytes = std::move(builder).build();
    if (draw.chance(30)) {
        const Spoiling& spoiling = draw.pick(spoilings());
        if (spoiling.inside && topic != compacted_topic) return drawn;
        // Where the reference stamps, it drops the bits that it does not know.
        if (spoiling.what == "an unknown bit" && topic == stamped_topic) return drawn;
        drawn.spoilt = spoiling.what;
        spoiling.spoil(draw, drawn.bytes);
        if (spoiling.checksum_is_right) set_right_checksum(drawn.bytes);
    }
    return drawn;
}

}  // namespace stoker::differential
