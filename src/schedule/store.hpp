// The compacted topic that schedules live in: reading it up to its end, writing to it. One
// partition, so that its records have one order.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "kafka/client_properties.hpp"
#include "kafka/consumer.hpp"
#include "kafka/producer.hpp"
#include "program/program.hpp"
#include "schedule/schedule.hpp"

namespace stoker::schedule {

inline constexpr const char* default_store_topic = "stoker-schedules";

/// What one record of the topic says; null stands for a tombstone.
struct RecordHandler {
    std::function<void(const std::string& id, const Schedule* schedule)> on_definition;
    std::function<void(const std::string& id, const Progress* progress)> on_progress;
};
/// Records that are none of ours, or damaged, are said in the journal and passed over.
void read_record(const record::RecordView& record, const RecordHandler& handler,
                 program::Journal& journal);

/// Everything the topic holds now.
struct Contents {
    std::map<std::string, Schedule> schedules;
    std::map<std::string, Progress> progress;
};

/// One thread. Every call throws KafkaException when the cluster does not do it.
class Store {
public:
    /// Makes the topic when there is none. `clock` and `journal` must outlive the store.
    Store(kafka::ClientProperties properties, std::string topic, program::Journal& journal,
          const Clock& clock);

    Contents read_all();
    /// Returns once it is stored.
    void put(const Schedule& schedule);
    void remove(const std::string& id);

    kafka::Admin& admin() { return *admin_; }
    const kafka::ClientProperties& properties() const { return properties_; }

private:
    void write(std::string_view key, std::optional<std::string_view> value);

    kafka::ClientProperties properties_;
    const std::string topic_;
    program::Journal& journal_;
    const Clock& clock_;
    std::unique_ptr<kafka::Admin> admin_;
};

}  // namespace stoker::schedule
