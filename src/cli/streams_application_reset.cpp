// kafka-streams-application-reset: prepares a Kafka Streams application to read its input again: it
// sets the group's offsets of input topics, moves over intermediate topics and deletes the topics
// that Streams made for itself. Prints as upstream's StreamsResetter does.
#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "cli/admin_tool.hpp"
#include "cli/failures.hpp"
#include "cli/jopt.hpp"
#include "cli/reset_offsets.hpp"
#include "cli/streams_reset_parts.hpp"
#include "cli/tool_list.hpp"
#include "cli/usage.hpp"
#include "kafka/admin_groups.hpp"
#include "kafka/admin_partitions.hpp"
#include "kafka/admin_topics.hpp"
#include "kafka/group_admin.hpp"
#include "kafka/java_text.hpp"
#include "kafka/java_time.hpp"

namespace stoker::cli {
namespace {

using jopt::Option;
using kafka::KafkaException;
using kafka::TopicPartition;
using kafka::value_or_throw;

constexpr std::string_view about =
    "Makes a Kafka Streams application start over: resets its offsets and deletes its internal "
    "topics.\nStop all of its instances before, and clean their local state (state.dir) "
    "afterwards.\nWhat it does cannot be undone: look at --dry-run first.";
constexpr kafka::CallOptions describe_timeout{.timeout_ms = 10'000};
constexpr kafka::CallOptions delete_timeout{.timeout_ms = 30'000};
constexpr int remove_retries = 3;

struct Options {
    jopt::Parser parser;
    const Option& application_id =
        parser.accepts("application-id", "REQUIRED: the application.id of the application.")
            .with_required_arg("id")
            .required();
    const Option& bootstrap_server =
        parser.accepts("bootstrap-server",
                       "The servers to connect to first. (default: localhost:9092)")
            .with_required_arg("server to connect to");
    const Option& input_topics =
        parser.accepts("input-topics",
                       "Topics of users, separated by commas: their offsets go to the start, or "
                       "where one of the other options says.")
            .with_required_arg("list")
            .separated_by(',');
    const Option& intermediate_topics =
        parser.accepts("intermediate-topics",
                       "(DEPRECATED) Topics that the application both writes and reads: their "
                       "offsets go to the end.")
            .with_required_arg("list")
            .separated_by(',');
    const Option& internal_topics =
        parser.accepts("internal-topics",
                       "Which of the internal topics to delete; all that --dry-run shows without "
                       "it.")
            .with_required_arg("list")
            .separated_by(',');
    const Option& to_offset = parser.accepts("to-offset", "Reset to this offset.")
                                  .with_required_arg({}, jopt::Type::int64);
    const Option& to_datetime =
        parser.accepts("to-datetime", "Reset to the first record from YYYY-MM-DDThh:mm:ss.sss on.")
            .with_required_arg();
    const Option& by_duration =
        parser.accepts("by-duration", "Reset to the first record of the last PnDTnHnMnS.")
            .with_required_arg();
    const Option& to_earliest = parser.accepts("to-earliest", "Reset to the start.");
    const Option& to_latest = parser.accepts("to-latest", "Reset to the end.");
    const Option& from_file =
        parser.accepts("from-file", "Reset to the offsets in a CSV file of TOPIC,PARTITION,OFFSET.")
            .with_required_arg();
    const Option& shift_by =
        parser.accepts("shift-by", "Move what is committed by so many offsets.")
            .with_required_arg("number-of-offsets", jopt::Type::int64);
    const Option& config_file =
        parser.accepts("config-file", "(DEPRECATED) As --command-config, which to use instead.")
            .with_required_arg("file name");
    const Option& command_config =
        parser.accepts("command-config", "A properties file with settings of the clients.")
            .with_required_arg("file name");
    const Option& force = parser.accepts(
        "force", "Makes members leave that the group still has; stop the application first.");
    const Option& dry_run = parser.accepts("dry-run", "Only shows what would be done.");
};

jopt::OptionSet parse(Streams& io, const Options& o, const Args& args) {
    jopt::OptionSet given;
    try {
        given = o.parser.parse(args);
    } catch (const KafkaException& wrong) {
        print_usage_and_exit(io, o.parser, wrong.failure().text());
    }
    print_help_or_version(io, o.parser, given, about);
    const OptionList positions = {&o.to_offset, &o.to_datetime, &o.by_duration, &o.to_earliest,
                                  &o.to_latest, &o.from_file,   &o.shift_by};
    for (const Option* position : positions) {
        OptionList others = positions;
        std::erase(others, position);
        check_invalid_args(io, o.parser, given, *position, others);
    }
    check_invalid_args(io, o.parser, given, o.config_file, {&o.command_config});
    return given;
}

class StreamsReset {
public:
    StreamsReset(Streams& io, const Options& o, const jopt::OptionSet& given, kafka::Admin& admin,
                 const kafka::ClientProperties& properties)
        : io_(io),
          o_(o),
          given_(given),
          admin_(admin),
          group_(given.text_or_empty(o.application_id)),
          from_start_(properties.get_or("auto.offset.reset", "latest") == "earliest"),
          offsets_(io, admin, {}) {}

    int run() {
        remove_members();
        std::vector<std::string> names;
        for (auto& topic : get_or_throw(kafka::list_topics(admin_, false))) {
            names.push_back(std::move(topic.name));
        }
        topics_ = in_grown_map_order(std::move(names));
        if (given_.has(o_.dry_run)) {
            io_.out.line("----Dry run displays the actions which will be performed when running "
                         "Streams Reset Tool----");
        }
        const int status = reset_offsets();
        delete_internal_topics();
        return status;
    }

private:
    void remove_members() {
        for (int attempt = 0;; ++attempt) {
            auto described =
                kafka::describe_consumer_groups(admin_, {group_}, describe_timeout).at(group_);
            if (!described && described.error().code == ErrorCode::group_id_not_found) return;
            const kafka::GroupDescription group = get_or_throw(std::move(described));
            if (group.members.empty()) return;
            if (!given_.has(o_.force)) throw_active(group);
            io_.out.line("Force deleting all active members in the group: " + group_);
            auto removed = kafka::remove_members(admin_, group_, group.members);
            if (removed) return;
            // It has left by itself, maybe: look again.
            const auto& cause = removed.error().cause;
            const bool was_gone = cause && cause->code == ErrorCode::unknown_member_id;
            if (!was_gone || attempt == remove_retries) return get_or_throw(std::move(removed));
        }
    }

    [[noreturn]] void throw_active(const kafka::GroupDescription& group) const {
        std::vector<std::string> members;
        for (const auto& member : group.members) {
            members.push_back(member_text(member, group.epoch.has_value()));
        }
        throw_java("java.lang.IllegalStateException",
                   "Consumer group '" + group_ + "' is still active and has following members: " +
                       kafka::java_list(members) +
                       ". Make sure to stop all running application instances before running the "
                       "reset tool. You can use option '--force' to remove active members from "
                       "the group.");
    }

    int reset_offsets() {
        const std::vector<std::string> input = given_.texts(o_.input_topics);
        if (given_.has(o_.intermediate_topics)) {
            io_.out.line("WARN: `--intermediate-topics` is deprecated and will be removed in a "
                         "future release");
        }
        const std::vector<std::string> intermediate = given_.texts(o_.intermediate_topics);
        if (input.empty() && intermediate.empty()) {
            io_.out.line("No input or intermediate topics specified. Skipping seek.");
            return 0;
        }
        if (!input.empty()) {
            io_.out.line("Reset-offsets for input topics " + kafka::java_list(input));
        }
        if (!intermediate.empty()) {
            io_.out.line("Seek-to-end for intermediate topics " + kafka::java_list(intermediate));
        }
        std::set<std::string> there;
        int status = take_existing(input, there, "input", "Topic: ");
        status |= take_existing(intermediate, there, "intermediate", "Topic:");
        if (there.empty()) return status;
        try {
            reset(there, {input.begin(), input.end()});
        } catch (const KafkaException& thrown) {
            const std::string& what = thrown.failure().exception;
            if (what.starts_with("java.io.") || what.starts_with("java.nio.") ||
                what == "java.text.ParseException") {
                io_.err.line("ERROR: Resetting offsets failed.");
            }
            throw;
        }
        io_.out.line("Done.");
        return status;
    }

    /// Adds those that exist; 1 when some do not.
    int take_existing(const std::vector<std::string>& wanted, std::set<std::string>& there,
                      std::string_view kind, std::string_view prefix) {
        std::vector<std::string> missing;
        for (const std::string& topic : wanted) {
            if (std::ranges::find(topics_, topic) != topics_.end()) there.insert(topic);
            else missing.push_back(topic);
        }
        if (missing.empty()) return 0;
        io_.out.line("Following " + std::string(kind) + " topics are not found, skipping them");
        for (const std::string& topic : missing) io_.out.line(std::string(prefix) + topic);
        return 1;
    }

    void reset(const std::set<std::string>& topics, const std::set<std::string>& input) {
        Partitions to_reset;
        Partitions to_end;
        for (TopicPartition& where : offsets_.partitions_of({topics.begin(), topics.end()})) {
            (input.contains(where.topic) ? to_reset : to_end).push_back(std::move(where));
        }
        std::map<TopicPartition, kafka::CommittedOffset> to_commit;
        if (!to_reset.empty()) {
            to_reset = in_grown_map_order(std::move(to_reset));
            io_.out.line("Following input topics offsets will be reset to (for consumer group " +
                         group_ + ")");
            const std::map<TopicPartition, int64_t> targets = targets_of(to_reset);
            for (const TopicPartition& where : to_reset) {
                const int64_t offset = targets.at(where);
                io_.out.line("Topic: " + where.topic +
                             " Partition: " + std::to_string(where.partition) +
                             " Offset: " + std::to_string(offset));
                to_commit[where] = {.offset = offset, .metadata = {}};
            }
        }
        if (!to_end.empty()) {
            to_end = in_grown_map_order(std::move(to_end));
            io_.out.line("Following intermediate topics offsets will be reset to end (for consumer "
                         "group " +
                         group_ + ")");
            for (const TopicPartition& where : to_end) io_.out.line("Topic: " + where.topic);
            for (const auto& [where, offset] : offsets_.offsets_at(to_end, kafka::latest_offset)) {
                to_commit[where] = {.offset = offset, .metadata = {}};
            }
        }
        if (given_.has(o_.dry_run)) return;
        for (auto& [where, done] :
             value_or_throw(kafka::alter_group_offsets(admin_, group_, to_commit))) {
            value_or_throw(std::move(done));
        }
    }

    std::map<TopicPartition, int64_t> targets_of(const Partitions& partitions) {
        OffsetPlan wanted;
        if (given_.has(o_.to_offset)) {
            for (const TopicPartition& where : partitions) {
                wanted.emplace_back(where, *given_.number(o_.to_offset));
            }
            return within_range(std::move(wanted), partitions);
        }
        if (given_.has(o_.to_latest)) {
            return offsets_.offsets_at(partitions, kafka::latest_offset);
        }
        if (given_.has(o_.shift_by)) {
            for (const auto& [where, offset] : positions_of(partitions)) {
                wanted.emplace_back(where, offset + *given_.number(o_.shift_by));
            }
            return within_range(std::move(wanted), partitions);
        }
        if (given_.has(o_.to_datetime)) {
            const auto when = kafka::parse_date_time(given_.text_or_empty(o_.to_datetime));
            return at_time(partitions, value_or_throw(when));
        }
        if (given_.has(o_.by_duration)) {
            const int64_t ago_ms =
                value_or_throw(kafka::parse_duration_ms(given_.text_or_empty(o_.by_duration)));
            return at_time(partitions, io_.clock.wall_ms() - ago_ms);
        }
        if (given_.has(o_.from_file)) {
            return within_range(
                parse_reset_plan(read_file_or_throw(given_.text_or_empty(o_.from_file))),
                partitions);
        }
        return offsets_.offsets_at(partitions, kafka::earliest_offset);
    }

    /// What is committed, else where a consumer of these properties would begin.
    std::map<TopicPartition, int64_t> positions_of(const Partitions& partitions) {
        const auto committed = value_or_throw(kafka::list_group_offsets(admin_, group_));
        std::map<TopicPartition, int64_t> positions = offsets_.offsets_at(
            partitions, from_start_ ? kafka::earliest_offset : kafka::latest_offset);
        for (auto& [where, offset] : positions) {
            if (const auto found = committed.find(where); found != committed.end()) {
                offset = found->second.offset;
            }
        }
        return positions;
    }

    std::map<TopicPartition, int64_t> within_range(OffsetPlan wanted,
                                                   const Partitions& partitions) {
        const auto starts = offsets_.offsets_at(partitions, kafka::earliest_offset);
        const auto ends = offsets_.offsets_at(partitions, kafka::latest_offset);
        std::map<TopicPartition, int64_t> targets;
        for (const auto& [where, offset] : in_plan_order(std::move(wanted))) {
            // A plan's line for a partition that is none of the input's is passed over; upstream
            // ends in a NullPointerException.
            if (!ends.contains(where)) continue;
            int64_t& target = targets[where];
            target = offset;
            if (offset >= ends.at(where)) {
                target = told(offset, "higher than latest", ends.at(where));
            } else if (offset <= starts.at(where)) {
                target = told(offset, "lower than earliest", starts.at(where));
            }
        }
        for (const TopicPartition& where : partitions) {
            if (targets.contains(where)) continue;
            throw_illegal_argument("The reset plan has no offset for partition " +
                                   to_string(where));
        }
        return targets;
    }

    int64_t told(int64_t offset, std::string_view how, int64_t target) {
        io_.out.line("New offset (" + std::to_string(offset) + ") is " + std::string(how) +
                     " offset. Value will be set to " + std::to_string(target));
        return target;
    }

    std::map<TopicPartition, int64_t> at_time(const Partitions& partitions, int64_t wall_ms) {
        auto targets = offsets_.offsets_at(partitions, wall_ms);
        const auto ends = offsets_.offsets_at(partitions, kafka::latest_offset);
        for (const TopicPartition& where : partitions) {
            int64_t& target = targets[where];
            if (target >= 0) continue;
            target = ends.at(where);
            io_.out.line("Partition " + std::to_string(where.partition) + " from topic " +
                         where.topic +
                         " is empty, without a committed record. Falling back to latest known "
                         "offset.");
        }
        return targets;
    }

    bool is_inferred_internal(const std::string& topic) const {
        const auto is_in = [&](const Option& option) {
            const std::vector<std::string> words = given_.texts(option);
            return std::ranges::find(words, topic) != words.end();
        };
        return topic.starts_with(group_ + "-") && is_streams_internal_topic(topic) &&
               !is_in(o_.input_topics) && !is_in(o_.intermediate_topics);
    }

    void delete_internal_topics() {
        std::vector<std::string> inferred;
        for (const std::string& topic : topics_) {
            if (is_inferred_internal(topic)) inferred.push_back(topic);
        }
        std::vector<std::string> doomed = given_.texts(o_.internal_topics);
        const bool specified = !doomed.empty();
        for (const std::string& topic : doomed) {
            if (std::ranges::find(inferred, topic) != inferred.end()) continue;
            throw_illegal_argument(
                "Invalid topic specified in the --internal-topics option. Ensure that the topics "
                "specified are all internal topics. Do a dry run without the --internal-topics "
                "option to see the list of all internal topics that can be deleted.");
        }
        if (!specified) doomed = std::move(inferred);
        io_.out.line(std::string("Deleting ") + (specified ? "specified" : "inferred") +
                     " internal topics " + kafka::java_list(doomed));
        if (!given_.has(o_.dry_run)) delete_topics(std::move(doomed));
        io_.out.line("Done.");
    }

    void delete_topics(std::vector<std::string> doomed) {
        bool failed = false;
        for (const std::string& topic : in_grown_map_order(std::move(doomed))) {
            const auto deleted = kafka::delete_topics(admin_, {topic}, delete_timeout);
            if (deleted) continue;
            failed = true;
            io_.err.line("ERROR: deleting topic " + topic);
            io_.err.write(stack_trace(execution_failure(deleted.error())));
        }
        if (failed) {
            throw_java("java.lang.RuntimeException",
                       "Encountered an error deleting one or more topics");
        }
    }

    Streams& io_;
    const Options& o_;
    const jopt::OptionSet& given_;
    kafka::Admin& admin_;
    std::string group_;
    bool from_start_;
    ResetOffsets offsets_;
    /// All but internal ones, in the order of the client's map of them.
    std::vector<std::string> topics_;
};

int execute(Streams& io, const Options& o, const jopt::OptionSet& given) {
    const bool is_old = given.has(o.config_file);
    if (is_old) {
        io.out.line("Option --config-file has been deprecated and will be removed in a future "
                    "version. Use --command-config instead.");
    }
    kafka::ClientProperties properties =
        load_properties_or_throw(given.text(is_old ? o.config_file : o.command_config));
    properties.set("bootstrap.servers",
                   given.text(o.bootstrap_server).value_or("localhost:9092"));
    const auto admin = make_admin(io, properties);
    return StreamsReset(io, o, given, *admin, properties).run();
}

}  // namespace

int run_streams_application_reset(const Args& args, Streams& io) {
    const Options o;
    const jopt::OptionSet given = parse(io, o, args);
    try {
        return execute(io, o, given);
    } catch (const KafkaException& thrown) {
        io.err.line("ERROR: " + thrown.failure().to_string());
        io.err.write(stack_trace(thrown.failure()));
        return 1;
    }
}

}  // namespace stoker::cli
