// kafka-consumer-groups --describe: the tables.
#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "cli/admin_tool.hpp"
#include "cli/consumer_groups.hpp"
#include "cli/failures.hpp"
#include "cli/group_words.hpp"
#include "kafka/admin_partitions.hpp"
#include "kafka/admin_topics.hpp"
#include "kafka/group_admin.hpp"
#include "kafka/java_text.hpp"

namespace stoker::cli {
namespace {

using kafka::GroupDescription;
using kafka::java_format;
using kafka::java_length;
using kafka::KafkaException;
using kafka::MemberDescription;
using kafka::TopicPartition;

constexpr std::string_view missing = "-";

std::string text_of(const std::optional<int32_t>& number) {
    return number ? std::to_string(*number) : std::string(missing);
}

/// One line of the offsets: a partition that somebody reads or has committed.
struct OffsetRow {
    TopicPartition where;
    std::optional<int64_t> committed{};
    std::optional<int32_t> leader_epoch{};
    std::optional<int64_t> end{};
    std::string member{missing};
    std::string host{missing};
    std::string client{missing};

    std::optional<int64_t> lag() const {
        if (!committed || *committed == -1 || !end) return std::nullopt;
        return *end - *committed;
    }
};

std::vector<OffsetRow> rows_of(const ConsumerGroupRun& run, const GroupDescription& group) {
    const auto committed = committed_offsets(run, group.id);
    if (!committed) throw KafkaException(runtime_failure(execution_failure(committed.error())));
    std::vector<OffsetRow> rows;
    std::set<TopicPartition> assigned;
    const auto add = [&](Partitions partitions, const MemberDescription* member) {
        std::ranges::sort(partitions);
        for (const TopicPartition& where : partitions) {
            OffsetRow row{.where = where};
            if (const auto found = committed->find(where); found != committed->end()) {
                row.committed = found->second.offset;
                if (found->second.leader_epoch >= 0) row.leader_epoch = found->second.leader_epoch;
            }
            if (member != nullptr) {
                row.member = member->id;
                row.host = member->host;
                row.client = member->client_id;
            }
            rows.push_back(std::move(row));
            assigned.insert(where);
        }
    };
    std::vector<const MemberDescription*> members;
    for (const MemberDescription& member : group.members) members.push_back(&member);
    std::ranges::stable_sort(members, std::ranges::greater(), [](const MemberDescription* member) {
        return member->assignment.size();
    });
    for (const MemberDescription* member : members) add(member->assignment, member);
    Partitions rest;
    for (const auto& [where, offset] : *committed) {
        if (!assigned.contains(where)) rest.push_back(where);
    }
    add(rest, nullptr);
    return rows;
}

/// Where the logs end. Of a topic that is gone, and of a partition without a leader, nothing.
void add_ends(const ConsumerGroupRun& run, std::vector<OffsetRow>& rows) {
    std::map<TopicPartition, int64_t> wanted;
    for (const OffsetRow& row : rows) wanted[row.where] = kafka::latest_offset;
    if (wanted.empty()) return;
    const auto ends = kafka::list_offsets(run.admin, wanted, false, run.call);
    for (OffsetRow& row : rows) {
        const auto& end = ends.at(row.where);
        if (end) {
            row.end = end->offset;
        } else if (end.error().code != ErrorCode::leader_not_available) {
            throw KafkaException(runtime_failure(execution_failure(end.error())));
        }
    }
}

/// Says what there is to say of the group's state; whether a table follows.
bool print_state_line(Streams& io, const std::string& group, const std::string& state,
                      size_t rows) {
    if (state == "Dead") {
        print_group_error(io, "Consumer group '" + group + "' does not exist.");
    } else if (state == "Empty") {
        io.err.line("\nConsumer group '" + group + "' has no active members.");
    } else if (state == "PreparingRebalance" || state == "CompletingRebalance" ||
               state == "Assigning" || state == "Reconciling") {
        io.err.line("\nWarning: Consumer group '" + group + "' is rebalancing.");
    } else if (state != "Stable") {
        throw KafkaException(kafka::kafka_exception(
            "Expected a valid consumer group state, but found '" + known(state) + "'."));
    }
    return state != "Dead" && rows > 0;
}

std::string text_of(const std::optional<int64_t>& number) {
    return number ? std::to_string(*number) : std::string(missing);
}

void print_offsets(const ConsumerGroupRun& run, const GroupDescription& group,
                   const std::vector<OffsetRow>& rows) {
    if (!print_state_line(run.io, group.id, group.state, rows.size())) return;
    size_t topic = 15;
    size_t member = 15;
    size_t host = 15;
    for (const OffsetRow& row : rows) {
        topic = std::max(topic, java_length(row.where.topic));
        member = std::max(member, java_length(row.member));
        host = std::max(host, java_length(row.host));
    }
    const bool verbose = run.options.has(run.from.verbose);
    const std::string format = "\n" + column(std::max<size_t>(15, java_length(group.id))) + " " +
                               column(topic) + " %-10s " + (verbose ? "%-15s " : "") +
                               "%-15s %-15s %-15s " + column(member) + " " + column(host) + " %s";
    const auto print = [&](std::vector<std::string> values) {
        if (!verbose) values.erase(values.begin() + 3);
        run.io.out.write(java_format(format, values));
    };
    print({"GROUP", "TOPIC", "PARTITION", "LEADER-EPOCH", "CURRENT-OFFSET", "LOG-END-OFFSET", "LAG",
           "CONSUMER-ID", "HOST", "CLIENT-ID"});
    for (const OffsetRow& row : rows) {
        print({group.id, row.where.topic, std::to_string(row.where.partition),
               text_of(row.leader_epoch), text_of(row.committed), text_of(row.end),
               text_of(row.lag()), row.member, row.host, row.client});
    }
    run.io.out.line();
}

/// "t1:0,1;t2:2", or "-".
std::string assignment_text(const Partitions& partitions) {
    std::map<std::string, std::set<int32_t>> by_topic;
    for (const TopicPartition& where : partitions) by_topic[where.topic].insert(where.partition);
    std::vector<std::string> parts;
    for (const auto& [topic, numbers] : by_topic) {
        parts.push_back(topic + ":" + joined_numbers({numbers.begin(), numbers.end()}));
    }
    std::ranges::sort(parts);
    return parts.empty() ? std::string(missing) : kafka::joined(parts, ";");
}

void print_members(const ConsumerGroupRun& run, const GroupDescription& group) {
    print_state_line(run.io, group.id, group.state, group.members.size());
    struct Widths {
        size_t member = 15, instance = 17, host = 15, client = 15, current = 20, target = 20;
    } width;
    bool instances = false;
    bool old_member = false;
    bool new_member = false;
    for (const MemberDescription& m : group.members) {
        width.member = std::max(width.member, java_length(m.id));
        width.instance = std::max(width.instance, java_length(m.instance_id.value_or("")));
        width.host = std::max(width.host, java_length(m.host));
        width.client = std::max(width.client, java_length(m.client_id));
        width.current = std::max(width.current, assignment_text(m.assignment).size());
        width.target = std::max(width.target, assignment_text(m.target_assignment).size());
        instances = instances || !m.instance_id.value_or("").empty();
        old_member = old_member || m.upgraded == false;
        new_member = new_member || m.upgraded == true;
    }
    const bool verbose = run.options.has(run.from.verbose);
    const bool mixed = old_member && new_member;
    const auto print = [&](const std::vector<std::string>& v) {
        std::string line = java_format(
            column(std::max<size_t>(15, java_length(group.id))) + " " + column(width.member) + " ",
            {v[0], v[1]});
        if (instances) line += java_format(column(width.instance) + " ", {v[2]});
        line += java_format(column(width.host) + " " + column(width.client) + " %-15s ",
                            {v[3], v[4], v[5]});
        if (verbose) {
            line += java_format("%-15s " + column(width.current) + " %-15s " + column(width.target),
                                {v[6], v[7], v[8], v[9]});
            if (mixed) line += " " + v[10];
        }
        run.io.out.line(line);
    };
    run.io.out.line();
    print({"GROUP", "CONSUMER-ID", "GROUP-INSTANCE-ID", "HOST", "CLIENT-ID", "#PARTITIONS",
           "CURRENT-EPOCH", "CURRENT-ASSIGNMENT", "TARGET-EPOCH", "TARGET-ASSIGNMENT", "UPGRADED"});
    for (const MemberDescription& m : group.members) {
        print({group.id, m.id, m.instance_id.value_or(""), m.host, m.client_id,
               std::to_string(m.assignment.size()), text_of(m.epoch), assignment_text(m.assignment),
               text_of(group.target_assignment_epoch), assignment_text(m.target_assignment),
               !m.upgraded   ? std::string(missing)
               : *m.upgraded ? "true"
                             : "false"});
    }
}

void print_state(const ConsumerGroupRun& run, const GroupDescription& group) {
    if (!print_state_line(run.io, group.id, group.state, 1)) return;
    const std::string coordinator = group.coordinator.host + ":" +
                                    std::to_string(group.coordinator.port) + "  (" +
                                    std::to_string(group.coordinator.id) + ")";
    const bool verbose = run.options.has(run.from.verbose);
    const std::string format = "\n" + column(std::max<size_t>(15, java_length(group.id))) + " " +
                               column(std::max<size_t>(25, coordinator.size())) + " %-20s %-20s " +
                               (verbose ? "%-15s %-25s " : "") + "%s";
    const auto print = [&](std::vector<std::string> values) {
        if (!verbose) values.erase(values.begin() + 4, values.begin() + 6);
        run.io.out.write(java_format(format, values));
    };
    print({"GROUP", "COORDINATOR (ID)", "ASSIGNMENT-STRATEGY", "STATE", "GROUP-EPOCH",
           "TARGET-ASSIGNMENT-EPOCH", "#MEMBERS"});
    print({group.id, coordinator, group.assignor.empty() ? std::string(missing) : group.assignor,
           group.state, text_of(group.epoch), text_of(group.target_assignment_epoch),
           std::to_string(group.members.size())});
    run.io.out.line();
}

Listing members_listing(const std::map<std::string, GroupDescription>& groups) {
    Listing listing{.columns = {"group", "consumer_id", "group_instance_id", "host", "client_id",
                                "partitions", "assignment"},
                    .rows = {}};
    for (const auto& [id, group] : groups) {
        for (const MemberDescription& m : group.members) {
            listing.rows.push_back({id, m.id, cell_of(m.instance_id), m.host, m.client_id,
                                    int64_t(m.assignment.size()), assignment_text(m.assignment)});
        }
    }
    return listing;
}

Listing states_listing(const std::map<std::string, GroupDescription>& groups) {
    Listing listing{.columns = {"group", "coordinator", "coordinator_id", "assignment_strategy",
                                "state", "members"},
                    .rows = {}};
    for (const auto& [id, group] : groups) {
        listing.rows.push_back(
            {id, group.coordinator.host + ":" + std::to_string(group.coordinator.port),
             int64_t(group.coordinator.id), group.assignor.empty() ? Cell() : Cell(group.assignor),
             group.state, int64_t(group.members.size())});
    }
    return listing;
}

void add_offsets(Listing& listing, const std::string& group, const std::vector<OffsetRow>& rows) {
    const auto told = [](const std::string& text) { return text == missing ? Cell() : Cell(text); };
    for (const OffsetRow& row : rows) {
        listing.rows.push_back({group, row.where.topic, int64_t(row.where.partition),
                                cell_of(row.committed), cell_of(row.end), cell_of(row.lag()),
                                told(row.member), told(row.host), told(row.client)});
    }
}

}  // namespace

void describe_groups(ConsumerGroupRun& run) {
    const auto format = output_format(run.options, run.from.output);
    const bool members = run.options.has(run.from.members);
    const bool states = run.options.has(run.from.state);
    std::map<std::string, GroupDescription> groups;
    for (auto& [id, outcome] : kafka::describe_consumer_groups(run.admin, run.groups(), run.call)) {
        if (!outcome) throw KafkaException(execution_failure(outcome.error()));
        groups.emplace(id, std::move(*outcome));
    }
    if (format && (members || states)) {
        print_listing(run.io.out, *format,
                      members ? members_listing(groups) : states_listing(groups));
        return;
    }
    std::map<std::string, std::vector<OffsetRow>> rows;
    for (const auto& [id, group] : groups) {
        if (members || states) break;
        rows[id] = rows_of(run, group);
        add_ends(run, rows[id]);
    }
    Listing listing{.columns = {"group", "topic", "partition", "current_offset", "log_end_offset",
                                "lag", "consumer_id", "host", "client_id"},
                    .rows = {}};
    for (const auto& [id, group] : groups) {
        if (members) {
            print_members(run, group);
        } else if (states) {
            print_state(run, group);
        } else if (format) {
            add_offsets(listing, id, rows[id]);
        } else {
            print_offsets(run, group, rows[id]);
        }
    }
    if (format) print_listing(run.io.out, *format, listing);
}

}  // namespace stoker::cli
