#include "kafka/producer_settings.hpp"

#include <algorithm>

#include "kafka/config_choice.hpp"

namespace stoker::kafka {
namespace {

/// Reads one after the other and keeps the first failure.
class Reader {
public:
    explicit Reader(const ClientProperties& from) : from_(from) {}

    int64_t number(std::string_view name, int64_t otherwise, int64_t at_least) {
        return checked(name, from_.get_long(name, otherwise), otherwise, at_least);
    }
    int64_t small_number(std::string_view name, int32_t otherwise, int64_t at_least) {
        return checked(name, from_.get_int(name, otherwise), otherwise, at_least);
    }
    bool boolean(std::string_view name, bool otherwise) {
        return take(from_.get_boolean(name, otherwise), otherwise);
    }
    std::string word(std::string_view name, std::string_view otherwise,
                     std::initializer_list<std::string_view> words) {
        return take(one_of(name, from_.get_or(name, otherwise), words), std::string(otherwise));
    }
    void refuse(Failure why) {
        if (!failure_) failure_ = std::move(why);
    }
    const std::optional<Failure>& failure() const { return failure_; }

private:
    template <class T>
    T take(Outcome<T> value, T otherwise) {
        if (value) return std::move(*value);
        refuse(value.error());
        return otherwise;
    }
    template <class T>
    int64_t checked(std::string_view name, Outcome<T> value, int64_t otherwise, int64_t at_least) {
        const int64_t taken = take(std::move(value), T(otherwise));
        if (taken < at_least) {
            refuse(invalid_value(name, std::to_string(taken),
                                 "Value must be at least " + std::to_string(at_least)));
        }
        return taken;
    }

    const ClientProperties& from_;
    std::optional<Failure> failure_;
};

record::Codec codec_of(std::string_view name) {
    if (name == "gzip") return record::Codec::gzip;
    if (name == "snappy") return record::Codec::snappy;
    if (name == "lz4") return record::Codec::lz4;
    if (name == "zstd") return record::Codec::zstd;
    return record::Codec::none;
}

void read_codec(Reader& reader, const ClientProperties& from, ProducerSettings& settings) {
    const std::string name = reader.word("compression.type", "none",
                                         {"none", "gzip", "snappy", "lz4", "zstd"});
    settings.codec = codec_of(name);
    const std::string level = "compression." + name + ".level";
    if (from.has(level)) settings.level = int(reader.small_number(level, 0, INT32_MIN));
}

/// Idempotence is given up silently where it was not asked for and another setting forbids it.
void read_idempotence(Reader& reader, const ClientProperties& from, ProducerSettings& settings) {
    const bool wanted = reader.boolean("enable.idempotence", true);
    const bool asked = from.has("enable.idempotence");
    settings.idempotent = false;
    if (!wanted) return;
    if (settings.common.retries == 0) {
        if (asked) reader.refuse(config_failure("Must set retries to non-zero when using the "
                                                "idempotent producer."));
        return;
    }
    if (settings.acks != -1) {
        if (asked) reader.refuse(config_failure("Must set acks to all in order to use the "
                                                "idempotent producer. Otherwise we cannot "
                                                "guarantee idempotence."));
        return;
    }
    if (settings.in_flight_max > 5) {
        if (asked) {
            reader.refuse(config_failure("Must set max.in.flight.requests.per.connection to at "
                                         "most 5 to use the idempotent producer."));
        }
        return;
    }
    settings.idempotent = true;
}

void read_transactional(Reader& reader, const ClientProperties& from, ProducerSettings& settings) {
    settings.transaction_timeout_ms =
        int32_t(reader.small_number("transaction.timeout.ms", 60'000, INT32_MIN));
    settings.transactional_id = from.get("transactional.id");
    if (settings.transactional_id && settings.transactional_id->empty()) {
        reader.refuse(invalid_value("transactional.id", "", "String must be non-empty"));
    }
    if (settings.transactional_id && !settings.idempotent) {
        reader.refuse(config_failure("Cannot set a transactional.id without also enabling "
                                     "idempotence."));
    }
}

void read_delivery_timeout(Reader& reader, const ClientProperties& from,
                           ProducerSettings& settings) {
    settings.delivery_timeout_ms = reader.small_number("delivery.timeout.ms", 120'000, 0);
    const int64_t least = settings.linger_ms + settings.common.request_timeout_ms;
    if (settings.delivery_timeout_ms >= least) return;
    if (from.has("delivery.timeout.ms")) {
        reader.refuse(config_failure("delivery.timeout.ms should be equal to or larger than "
                                     "linger.ms + request.timeout.ms"));
    }
    settings.delivery_timeout_ms = least;
}

}  // namespace

Outcome<ProducerSettings> read_producer_settings(const ClientProperties& properties) {
    ProducerSettings settings;
    auto common = read_common_settings(properties);
    if (!common) return failed(common.error());
    settings.common = std::move(*common);
    if (settings.common.client_id.empty())
        settings.common.client_id = "producer-" + properties.get_or("transactional.id", "1");
    if (!properties.has("receive.buffer.bytes")) settings.common.receive_buffer_bytes = 32'768;

    Reader reader(properties);
    const std::string acks = reader.word("acks", "all", {"all", "-1", "0", "1"});
    settings.acks = acks == "0" ? int16_t{0} : acks == "1" ? int16_t{1} : int16_t{-1};
    settings.batch_size = size_t(reader.small_number("batch.size", 16'384, 0));
    settings.linger_ms = reader.number("linger.ms", 5, 0);
    read_codec(reader, properties, settings);
    settings.buffer_memory = size_t(reader.number("buffer.memory", 32 * 1024 * 1024, 0));
    settings.max_block_ms = reader.number("max.block.ms", 60'000, 0);
    settings.max_request_size = size_t(reader.small_number("max.request.size", 1'048'576, 0));
    settings.in_flight_max =
        size_t(reader.small_number("max.in.flight.requests.per.connection", 5, 1));
    settings.metadata_max_age_ms = reader.number("metadata.max.age.ms", 300'000, 0);
    settings.ignores_keys = reader.boolean("partitioner.ignore.keys", false);
    read_idempotence(reader, properties, settings);
    read_delivery_timeout(reader, properties, settings);
    read_transactional(reader, properties, settings);
    if (reader.failure()) return failed(*reader.failure());
    return settings;
}

}  // namespace stoker::kafka
