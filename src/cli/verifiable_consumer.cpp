// kafka-verifiable-consumer: reads a topic as a member of a group and prints a JSON object for
// everything that happens, for upstream's system tests.
#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/admin_tool.hpp"
#include "cli/argparse.hpp"
#include "cli/client_tool.hpp"
#include "cli/interrupt.hpp"
#include "cli/jackson_text.hpp"
#include "cli/tool_list.hpp"
#include "cli/usage.hpp"
#include "kafka/consumer.hpp"

namespace stoker::cli {
namespace {

using argparse::Argument;
using argparse::Type;
using kafka::TopicPartition;

constexpr std::string_view logger = "org.apache.kafka.tools.VerifiableConsumer";

struct Arguments {
    argparse::Parser parser{"verifiable-consumer"};
    argparse::Group& connection = parser.add_group(true, "Connection Group");
    const Argument& bootstrap_server =
        connection.add({"--bootstrap-server"}, "The servers to connect to first.")
            .required()
            .metavar("HOST1:PORT1[,HOST2:PORT2[...]]");
    const Argument& topic =
        parser.add({"--topic"}, "The topic to read.").required().metavar("TOPIC");
    const Argument& group_protocol =
        parser.add({"--group-protocol"}, "classic or consumer.")
            .defaults_to("classic")
            .metavar("GROUP-PROTOCOL");
    const Argument& remote_assignor =
        parser.add({"--group-remote-assignor"}, "The broker's assignor, for consumer groups.")
            .metavar("GROUP-REMOTE-ASSIGNOR");
    const Argument& group_id =
        parser.add({"--group-id"}, "The consumer group.").required().metavar("GROUP-ID");
    const Argument& group_instance_id =
        parser.add({"--group-instance-id"}, "The name of a static member.")
            .metavar("GROUP-INSTANCE-ID");
    const Argument& max_messages =
        parser.add({"--max-messages"}, "How many to read; -1 until a signal comes.")
            .type(Type::int32)
            .defaults_to("-1")
            .metavar("MAX-MESSAGES");
    const Argument& session_timeout =
        parser.add({"--session-timeout"}, "The session time-out, for classic groups.")
            .type(Type::int32)
            .metavar("TIMEOUT-MS");
    const Argument& verbose = parser.add({"--verbose"}, "Prints each record.").store_true();
    const Argument& autocommit =
        parser.add({"--enable-autocommit"}, "Lets the consumer commit by itself.").store_true();
    const Argument& reset_policy =
        parser.add({"--reset-policy"}, "earliest, latest or none.")
            .defaults_to("earliest")
            .metavar("RESET-POLICY");
    const Argument& assignment_strategy =
        parser.add({"--assignment-strategy"}, "The class that shares out, for classic groups.")
            .defaults_to("org.apache.kafka.clients.consumer.RangeAssignor")
            .metavar("ASSIGNMENT-STRATEGY");
    const Argument& consumer_config =
        parser.add({"--consumer.config"}, "(DEPRECATED) As --command-config.")
            .metavar("CONFIG-FILE");
    const Argument& command_config =
        parser.add({"--command-config"}, "A properties file of the consumer.")
            .metavar("CONFIG-FILE");

    Arguments() {
        parser.description("Reads a topic and prints a JSON object for each event: rebalances, "
                           "records, commits.");
    }
};

kafka::ClientProperties consumer_properties(Streams& io, const Arguments& a,
                                            const argparse::Namespace& given) {
    kafka::ClientProperties properties =
        read_config_file(io, a.parser, given, a.consumer_config, a.command_config);
    std::string protocol = *given.text(a.group_protocol);
    std::ranges::transform(protocol, protocol.begin(),
                           [](unsigned char c) { return char(std::tolower(c)); });
    properties.set("group.protocol", protocol);
    if (protocol == "consumer") {
        if (const auto name = given.text(a.remote_assignor)) {
            properties.set("group.remote.assignor", *name);
        }
    } else {
        properties.set("partition.assignment.strategy", *given.text(a.assignment_strategy));
    }
    if (const auto ms = given.text(a.session_timeout)) properties.set("session.timeout.ms", *ms);
    properties.set("group.id", *given.text(a.group_id));
    if (const auto id = given.text(a.group_instance_id)) properties.set("group.instance.id", *id);
    properties.set("bootstrap.servers", *given.text(a.bootstrap_server));
    properties.set("enable.auto.commit", given.given(a.autocommit) ? "true" : "false");
    properties.set("auto.offset.reset", *given.text(a.reset_policy));
    return properties;
}

JsonObject about(const TopicPartition& where) {
    JsonObject json;
    json.text("topic", where.topic).number("partition", where.partition);
    return json;
}

class Reader {
public:
    Reader(Streams& io, const Arguments& a, const argparse::Namespace& given)
        : io_(io),
          topic_(*given.text(a.topic)),
          max_messages_(*given.number(a.max_messages)),
          is_verbose_(given.given(a.verbose)),
          commits_(!given.given(a.autocommit)) {}

    int run(const kafka::ClientProperties& properties) {
        consumer_ = kafka::value_or_throw(
            kafka::Consumer::create(properties, io_.log, io_.clock, &interrupt_.wakeup()));
        print(event("startup_complete"));
        try {
            consume();
        } catch (const kafka::KafkaException& thrown) {
            if (!thrown.failure().is("WakeupException")) {
                log_failure(io_, "Error during processing, terminating consumer process: ", logger,
                            thrown.failure());
            }
        }
        // The shutdown hook of upstream speaks first after a signal, else last.
        if (interrupt_.raised()) print(event("shutdown_requested"));
        consumer_->close();
        print(event("shutdown_complete"));
        if (!interrupt_.raised()) print(event("shutdown_requested"));
        return interrupt_.status_or(0);
    }

private:
    struct Summary {
        int64_t count = 0;
        Offset first{};
        Offset last{};
        std::vector<std::string> records;
    };

    JsonObject event(std::string_view name) const {
        JsonObject json;
        json.number("timestamp", io_.clock.wall_ms()).text("name", name);
        return json;
    }
    void print(const JsonObject& json) {
        io_.out.line(json.str());
        io_.out.flush();
    }
    bool finished() const { return max_messages_ >= 0 && consumed_ >= max_messages_; }

    void consume() {
        consumer_->subscribe({topic_},
                             {.on_assigned = [this](const auto& p) { moved("assigned", p); },
                              .on_revoked = [this](const auto& p) { moved("revoked", p); }});
        while (!finished()) {
            kafka::value_or_throw(consumer_->poll(INT64_MAX));
            const auto offsets = take_records();
            if (commits_) commit(offsets);
        }
    }

    void moved(std::string_view how, const std::vector<TopicPartition>& partitions) {
        JsonArray list;
        for (const TopicPartition& where : partitions) list.add(about(where).str());
        JsonObject json = event(std::string("partitions_").append(how));
        print(json.raw("partitions", list.str()));
    }

    std::string shown(const kafka::ConsumerRecord& record) const {
        const auto text = [](const std::optional<ByteView>& bytes) {
            return bytes ? std::optional(std::string(text_of(*bytes))) : std::nullopt;
        };
        JsonObject json = event("record_data");
        json.text_or_null("key", text(record.view.key))
            .text_or_null("value", text(record.view.value))
            .text("topic", record.where->topic)
            .number("partition", record.where->partition)
            .number("offset", raw(record.view.offset));
        return json.str();
    }

    /// What one poll() of upstream's would have, told; the offsets to commit.
    std::map<TopicPartition, kafka::OffsetAndEpoch> take_records() {
        std::map<TopicPartition, Summary> partitions;
        int64_t count = 0;
        for (; count < consumer_->settings().max_poll_records; ++count) {
            const kafka::ConsumerRecord* record = consumer_->next();
            if (record == nullptr) break;
            if (max_messages_ >= 0 && consumed_ >= max_messages_) continue;
            ++consumed_;
            Summary& summary = partitions[*record->where];
            if (summary.count++ == 0) summary.first = record->view.offset;
            summary.last = record->view.offset;
            if (is_verbose_) summary.records.push_back(shown(*record));
        }
        std::map<TopicPartition, kafka::OffsetAndEpoch> offsets;
        JsonArray summaries;
        for (const auto& [where, summary] : partitions) {
            for (const std::string& record : summary.records) io_.out.line(record);
            offsets[where] = {.offset = summary.last + 1};
            JsonObject json = about(where);
            json.number("count", summary.count)
                .number("minOffset", raw(summary.first))
                .number("maxOffset", raw(summary.last));
            summaries.add(json.str());
        }
        JsonObject json = event("records_consumed");
        print(json.number("count", count).raw("partitions", summaries.str()));
        return offsets;
    }

    void commit(const std::map<TopicPartition, kafka::OffsetAndEpoch>& offsets) {
        const auto committed = consumer_->commit(offsets);
        if (!committed && committed.error().is("FencedInstanceIdException")) {
            throw kafka::KafkaException(committed.error());
        }
        JsonArray list;
        for (const auto& [where, offset] : offsets) {
            list.add(about(where).number("offset", raw(offset.offset)).str());
        }
        JsonObject json = event("offsets_committed");
        json.raw("offsets", list.str());
        if (!committed && committed.error().message) {
            json.text("error", *committed.error().message);
        }
        print(json.boolean("success", committed.has_value()));
    }

    Streams& io_;
    std::string topic_;
    int64_t max_messages_;
    bool is_verbose_;
    bool commits_;
    Interrupt interrupt_;
    std::unique_ptr<kafka::Consumer> consumer_;
    int64_t consumed_ = 0;
};

}  // namespace

int run_verifiable_consumer(const Args& args, Streams& io) {
    const Arguments a;
    return run_or_usage(a.parser, args, io, [&](const argparse::Namespace& given) {
        return Reader(io, a, given).run(consumer_properties(io, a, given));
    });
}

}  // namespace stoker::cli
