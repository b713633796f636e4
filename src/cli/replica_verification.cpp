// kafka-replica-verification: reads the same offsets of every replica over and over and tells where
// they differ, and how far the slowest partition is behind. Ends only when it is interrupted, or
// when two logs differ, as upstream's ReplicaVerificationTool.
#include <map>
#include <string>
#include <vector>

#include "cli/admin_tool.hpp"
#include "cli/client_tool.hpp"
#include "cli/interrupt.hpp"
#include "cli/jopt.hpp"
#include "cli/replica_verifier.hpp"
#include "cli/simple_date_format.hpp"
#include "cli/tool_list.hpp"
#include "cli/topic_filter.hpp"
#include "cli/usage.hpp"
#include "kafka/admin_partitions.hpp"
#include "kafka/admin_topics.hpp"
#include "protocol/messages/01_fetch.hpp"

namespace stoker::cli {
namespace {

using jopt::Option;
using kafka::TopicPartition;
using protocol::FetchRequest;
using protocol::FetchResponse;

constexpr std::string_view logger = "org.apache.kafka.tools.ReplicaVerificationTool";
constexpr std::string_view about = "Tells whether the replicas of topics hold the same records.";
constexpr std::string_view date_pattern = "yyyy-MM-dd HH:mm:ss,SSS";
/// Reads like a replica without being one (FetchRequest.DEBUGGING_CONSUMER_ID).
constexpr int32_t debugging_replica = -2;
constexpr int16_t first_with_replica_state = 15;
/// Before a broker that failed is asked again.
constexpr int64_t pause_ms = 100;

struct Options {
    jopt::Parser parser;
    const Option& broker_list =
        parser.accepts("broker-list", "REQUIRED: the servers to connect to first.")
            .with_required_arg("hostname:port,...,hostname:port");
    const Option& fetch_size =
        parser.accepts("fetch-size", "How much one answer has of a partition at most.")
            .with_required_arg("bytes", jopt::Type::int32)
            .defaults_to("1048576");
    const Option& max_wait =
        parser.accepts("max-wait-ms", "How long a broker waits for new records.")
            .with_required_arg("ms", jopt::Type::int32)
            .defaults_to("1000");
    const Option& topics_include =
        parser.accepts("topics-include", "The topics: a regular expression.")
            .with_required_arg("Java regex (String)")
            .defaults_to(".*");
    const Option& time =
        parser.accepts("time", "Of which time the first offsets are.")
            .with_required_arg("timestamp/-1(latest)/-2(earliest)", jopt::Type::int64)
            .defaults_to("-1");
    const Option& report_interval =
        parser.accepts("report-interval-ms", "How often to tell the lag.")
            .with_required_arg("ms", jopt::Type::int64)
            .defaults_to("30000");
};

/// The partitions of one broker, by their topics.
struct Source {
    int32_t broker = -1;
    std::map<std::string, std::vector<int32_t>> partitions;
};

class ReplicaVerification {
public:
    ReplicaVerification(Streams& io, const Options& o, const jopt::OptionSet& given,
                        kafka::Admin& admin)
        : io_(io),
          admin_(admin),
          fetch_size_(static_cast<int32_t>(*given.number(o.fetch_size))),
          max_wait_ms_(static_cast<int32_t>(*given.number(o.max_wait))),
          report_interval_ms_(*given.number(o.report_interval)),
          filter_(given.text_or_empty(o.topics_include)),
          time_(*given.number(o.time)) {}

    int run() {
        const std::vector<TopicPartition> partitions = find_replicas();
        if (partitions.empty()) {
            io_.log.error("No topics found. [topics-include] if specified, is either filtering out "
                          "all topics or there is no topic.",
                          logger);
            return 1;
        }
        ReplicaVerifier verifier(first_offsets(partitions));
        const Interrupt interrupt;
        print("verification process is started");
        int64_t reported_ms = io_.clock.monotonic_ms();
        while (!interrupt.raised()) {
            const ReplicaVerifier::Findings found = fetch_and_verify(verifier);
            for (const std::string& difference : found.differences) print(difference);
            if (found.diverged) return 1;
            const int64_t now_ms = io_.clock.monotonic_ms();
            if (now_ms - reported_ms <= report_interval_ms_) continue;
            print(verifier.lag_text());
            reported_ms = now_ms;
        }
        return interrupt.status_or(0);
    }

private:
    /// The partitions of the topics that are wanted; remembers which broker has a replica of them.
    std::vector<TopicPartition> find_replicas() {
        std::vector<std::string> names;
        for (auto& topic : get_or_throw(kafka::list_topics(admin_, true))) {
            if (filter_.allows(topic.name, false)) names.push_back(std::move(topic.name));
        }
        std::vector<TopicPartition> partitions;
        std::map<int32_t, Source> sources;
        for (auto& outcome : get_or_throw(kafka::describe_topics(admin_, names))) {
            const kafka::TopicDescription topic = get_or_throw(std::move(outcome));
            topic_ids_[topic.name] = topic.id;
            for (const auto& partition : topic.partitions) {
                partitions.push_back({topic.name, partition.partition});
                for (const int32_t broker : partition.replicas) {
                    sources[broker].broker = broker;
                    sources[broker].partitions[topic.name].push_back(partition.partition);
                }
            }
        }
        for (auto& [broker, source] : sources) sources_.push_back(std::move(source));
        return partitions;
    }

    ReplicaVerifier::Offsets first_offsets(const std::vector<TopicPartition>& partitions) {
        std::map<TopicPartition, int64_t> wanted;
        for (const TopicPartition& where : partitions) wanted[where] = time_;
        ReplicaVerifier::Offsets offsets;
        for (auto& [where, found] : kafka::list_offsets(admin_, wanted)) {
            const int64_t offset = kafka::value_or_throw(std::move(found)).offset;
            if (offset < 0) {
                throw_illegal_argument("Partition " + to_string(where) +
                                       " has no record from that time on");
            }
            offsets[where] = offset;
        }
        return offsets;
    }

    FetchRequest request_to(const Source& source, const ReplicaVerifier& verifier,
                            bool has_replica_state) const {
        FetchRequest request{.max_wait_ms = max_wait_ms_, .min_bytes = 1};
        if (has_replica_state) request.replica_state.replica_id = debugging_replica;
        else request.replica_id = debugging_replica;
        for (const auto& [topic, partitions] : source.partitions) {
            auto& asked = request.topics.emplace_back();
            asked.topic = topic;
            asked.topic_id = topic_ids_.at(topic);
            for (const int32_t partition : partitions) {
                asked.partitions.push_back(
                    {.partition = PartitionId{partition},
                     .fetch_offset = Offset{verifier.offsets().at({topic, partition})},
                     .log_start_offset = Offset{0},
                     .partition_max_bytes = fetch_size_});
            }
        }
        return request;
    }

    /// Whom the request went to.
    kafka::Outcome<kafka::Connection*> ask(const Source& source, const ReplicaVerifier& verifier,
                                           kafka::Deadline deadline) {
        const auto to = admin_.cluster().node(source.broker, deadline);
        if (!to) return to;
        const auto version = (*to)->version_of(FetchRequest::api);
        if (!version) return kafka::failed(version.error());
        const auto sent = (*to)->send(
            request_to(source, verifier, *version >= first_with_replica_state), deadline);
        if (!sent) return kafka::failed(sent.error());
        return to;
    }

    /// All brokers are asked before the first is listened to.
    ReplicaVerifier::Findings fetch_and_verify(ReplicaVerifier& verifier) {
        const kafka::Deadline deadline =
            admin_.cluster().deadline(admin_.settings().request_timeout_ms);
        std::vector<kafka::Outcome<kafka::Connection*>> asked;
        for (const Source& source : sources_) asked.push_back(ask(source, verifier, deadline));
        // The records are views into the frames.
        std::vector<kafka::Answer> frames;
        frames.reserve(sources_.size());
        ReplicaVerifier::Answers answers;
        bool failed = false;
        for (size_t i = 0; i < sources_.size(); ++i) {
            add_nothing(sources_[i], answers);
            auto answer = asked[i] ? (*asked[i])->receive(deadline)
                                   : kafka::Outcome<kafka::Answer>(kafka::failed(asked[i].error()));
            if (!answer) {
                failed = true;
                continue;
            }
            frames.push_back(std::move(*answer));
            const auto response = kafka::decode_answer<FetchResponse>(frames.back());
            failed = !response || !take(sources_[i], *response, answers) || failed;
        }
        if (failed) kafka::pause(pause_ms);
        return verifier.verify(answers);
    }

    /// What a broker says that does not answer; its partitions wait for it.
    static void add_nothing(const Source& source, ReplicaVerifier::Answers& answers) {
        for (const auto& [topic, partitions] : source.partitions) {
            for (const int32_t partition : partitions) {
                answers[{topic, partition}].push_back({.replica = source.broker, .records = {}});
            }
        }
    }

    /// False when a partition answered with an error: it has nothing, too.
    bool take(const Source& source, const FetchResponse& response,
              ReplicaVerifier::Answers& answers) const {
        bool fine = response.error_code == ErrorCode::none;
        for (const auto& topic : response.responses) {
            const std::string name =
                topic.topic_id.is_zero() ? topic.topic : name_of(topic.topic_id);
            for (const auto& partition : topic.partitions) {
                const auto found = answers.find({name, raw(partition.partition_index)});
                if (found == answers.end() || partition.error_code != ErrorCode::none) {
                    fine = false;
                    continue;
                }
                ReplicaData& data = found->second.back();
                if (data.replica != source.broker) continue;
                data.high_watermark = partition.high_watermark;
                if (partition.records) data.records = partition.records->bytes;
            }
        }
        return fine;
    }

    std::string name_of(const Uuid& id) const {
        for (const auto& [name, known] : topic_ids_) {
            if (known == id) return name;
        }
        return {};
    }

    void print(const std::string& text) {
        io_.out.line(format_date(date_pattern, io_.clock.wall_ms()) + ": " + text);
        io_.out.flush();
    }

    Streams& io_;
    kafka::Admin& admin_;
    int32_t fetch_size_;
    int32_t max_wait_ms_;
    int64_t report_interval_ms_;
    TopicFilter filter_;
    int64_t time_;
    std::map<std::string, Uuid> topic_ids_;
    std::vector<Source> sources_;
};

int execute(const Args& args, Streams& io) {
    io.log.warn("This tool is deprecated and may be removed in a future major release.", logger);
    const Options o;
    const jopt::OptionSet given = o.parser.parse(args);
    print_help_or_version(io, o.parser, given, about);
    check_required_args(io, o.parser, given, {&o.broker_list});
    const std::string servers = given.text_or_empty(o.broker_list);
    validate_bootstrap(io, o.parser, servers);
    kafka::ClientProperties properties;
    properties.set("bootstrap.servers", servers);
    const auto admin = make_admin(io, properties);
    return ReplicaVerification(io, o, given, *admin).run();
}

}  // namespace

int run_replica_verification(const Args& args, Streams& io) {
    return main_no_exit(io, [&] { return execute(args, io); });
}

}  // namespace stoker::cli
