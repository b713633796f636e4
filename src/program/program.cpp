#include "program/program.hpp"

#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <exception>
#include <stdexcept>
#include <utility>

#include <CLI/CLI.hpp>

#include "cli/usage.hpp"
#include "protocol/messages/68_consumer_group_heartbeat.hpp"

namespace stoker::program {

using kafka::KafkaException;

void add_client_options(CLI::App& app, ClientOptions& options) {
    app.add_option("--bootstrap-server,--bootstrap-servers", options.bootstrap,
                   "The brokers to connect to first, host:port,host:port")
        ->capture_default_str();
    app.add_option("--command-config", options.command_config,
                   "A properties file with client settings, under Kafka's names");
    app.add_option("--log-file", options.log_file,
                   "Logs what is sent and what goes wrong here too");
}

kafka::ClientProperties client_properties(const ClientOptions& options) {
    kafka::ClientProperties properties;
    if (!options.command_config.empty()) {
        properties = kafka::value_or_throw(cli::load_properties(options.command_config));
    }
    properties.set("bootstrap.servers", options.bootstrap);
    return properties;
}

std::optional<int> parse(CLI::App& app, int argc, char** argv) {
    try {
        app.parse(argc, argv);
        return std::nullopt;
    } catch (const CLI::ParseError& error) {
        if (error.get_exit_code() == 0) return app.exit(error);
        std::fprintf(stderr, "%s: %s. See %s --help.\n", app.get_name().c_str(), error.what(),
                     app.get_name().c_str());
        return wrong_usage;
    }
}

int guarded(const char* name, const std::function<int()>& run) {
    std::signal(SIGPIPE, SIG_IGN);
    std::string why;
    try {
        return run();
    } catch (const KafkaException& error) {
        why = error.failure().text();
    } catch (const std::exception& error) {
        why = error.what();
    }
    std::fprintf(stderr, "%s: %s\n", name, why.c_str());
    return failure;
}

Journal::Journal(std::string name, const Clock& clock, const std::string& log_file)
    : name_(std::move(name)), clock_(clock), client_log_(clock, [this](std::string_view line) {
          std::fwrite(line.data(), 1, line.size(), stderr);
          if (file_.is_open()) file_ << line << std::flush;
      }) {
    if (log_file.empty()) return;
    file_.open(log_file, std::ios::app);
    if (!file_) throw std::runtime_error("The log file " + log_file + " cannot be written.");
}

void Journal::say(std::string_view line) {
    std::fprintf(stderr, "%s: %.*s\n", name_.c_str(), int(line.size()), line.data());
    note(line);
}

void Journal::note(std::string_view line) {
    if (file_.is_open()) file_ << kafka::log_time(clock_.wall_ms()) << ' ' << line << std::endl;
}

std::unique_ptr<kafka::Admin> make_admin(const kafka::ClientProperties& properties,
                                         const Journal& journal, const Clock& clock) {
    return kafka::value_or_throw(kafka::Admin::create(properties, journal.client_log(), clock));
}

std::vector<kafka::TopicPartition> ensure_topic(kafka::Admin& admin, const kafka::NewTopic& topic) {
    const auto describe = [&] {
        return std::move(kafka::value_or_throw(kafka::describe_topics(admin, {topic.name})).at(0));
    };
    auto found = describe();
    if (!found && found.error().code == ErrorCode::unknown_topic_or_partition) {
        const auto made = kafka::create_topic(admin, topic);
        if (!made && made.error().code != ErrorCode::topic_already_exists) {
            throw KafkaException(made.error());
        }
        found = describe();
    }
    std::vector<kafka::TopicPartition> partitions;
    for (const auto& partition : kafka::value_or_throw(std::move(found)).partitions) {
        partitions.push_back({topic.name, partition.partition});
    }
    return partitions;
}

void prefer_consumer_protocol(kafka::Admin& admin, kafka::ClientProperties& properties) {
    auto& cluster = admin.cluster();
    const auto deadline = cluster.deadline(cluster.settings().default_api_timeout_ms);
    const auto* broker = kafka::value_or_throw(cluster.any(deadline));
    const auto& served = broker->peer().api_keys;
    const auto key = protocol::ConsumerGroupHeartbeatRequest::api.key;
    if (std::ranges::any_of(served, [&](const auto& api) { return api.api_key == key; })) {
        properties.set_default("group.protocol", "consumer");
    }
}

}  // namespace stoker::program
