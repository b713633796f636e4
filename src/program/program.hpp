// What Stoker's own programs that talk to Kafka share: the options of the connection, what they say
// and log, topics that are made when they are missing. The kafka-* tools are another matter
// (cli/): they have upstream's options and texts.
#pragma once

#include <fstream>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "kafka/admin.hpp"
#include "kafka/admin_topics.hpp"
#include "kafka/client_properties.hpp"
#include "kafka/log.hpp"
#include "kafka/topic_partition.hpp"

namespace CLI {
class App;
}

namespace stoker::program {

constexpr int failure = 1;
constexpr int wrong_usage = 2;

struct ClientOptions {
    std::string bootstrap = "localhost:9092";
    std::string command_config;
    std::string log_file;
};
/// --bootstrap-server (or -servers), --command-config, --log-file.
void add_client_options(CLI::App& app, ClientOptions& options);
/// The file's properties under the bootstrap servers. Throws KafkaException.
kafka::ClientProperties client_properties(const ClientOptions& options);

/// Status to leave with when there is nothing to run: after --help 0, after wrong usage 2 and a
/// line on standard error.
std::optional<int> parse(CLI::App& app, int argc, char** argv);
/// main(): what `run` throws becomes one line on standard error and status 1.
int guarded(const char* name, const std::function<int()>& run);

/// What a program says: a line on standard error, and with its time in the log file. One thread.
class Journal {
public:
    /// `name` stands before each line: "stoker request". Throws std::runtime_error when the file
    /// cannot be written.
    Journal(std::string name, const Clock& clock, const std::string& log_file);

    void say(std::string_view line);
    /// For the log file alone.
    void note(std::string_view line);
    /// The warnings of the clients, as Java's have them; into the file too.
    const kafka::Log& client_log() const { return client_log_; }

private:
    const std::string name_;
    const Clock& clock_;
    std::ofstream file_;
    const kafka::Log client_log_;
};

/// Throws KafkaException.
std::unique_ptr<kafka::Admin> make_admin(const kafka::ClientProperties& properties,
                                         const Journal& journal, const Clock& clock);
/// The partitions of the topic, which is made as told when there is none. Throws KafkaException.
std::vector<kafka::TopicPartition> ensure_topic(kafka::Admin& admin, const kafka::NewTopic& topic);
/// Makes members of groups speak the protocol that does not stop the others (KIP-848) where the
/// brokers know it. Throws KafkaException.
void prefer_consumer_protocol(kafka::Admin& admin, kafka::ClientProperties& properties);

}  // namespace stoker::program
