// kafka-acls: lists, adds and removes access control lists.
#include <unistd.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "broker/config/config_value.hpp"
#include "cli/acl_options.hpp"
#include "cli/admin_tool.hpp"
#include "cli/failures.hpp"
#include "cli/listing.hpp"
#include "cli/tool_list.hpp"
#include "cli/usage.hpp"
#include "kafka/acl.hpp"

namespace stoker::cli {
namespace {

using Entries = std::set<kafka::AclEntry>;

std::string entries_text(const Entries& entries) {
    std::string text;
    for (const kafka::AclEntry& entry : entries) {
        text += (text.empty() ? "\t" : "\n\t") + to_string(entry);
    }
    return text;
}

void add(Streams& io, kafka::Admin& admin, const AclTargets& targets) {
    for (const auto& [pattern, entries] : targets) {
        auto listed = get_or_throw(kafka::describe_acls(admin, pattern));
        std::set<kafka::AclBinding> existing(listed.begin(), listed.end());
        std::vector<kafka::AclBinding> bindings;
        Entries added;
        for (const kafka::AclEntry& entry : entries) {
            kafka::AclBinding binding{pattern, entry};
            if (existing.contains(binding)) {
                io.out.line("Acl (pattern=" + to_string(pattern) + ", entry=" + to_string(entry) +
                            ") already exists.");
            } else {
                bindings.push_back(std::move(binding));
                added.insert(entry);
            }
        }
        if (bindings.empty()) continue;
        io.out.line("Adding ACLs for resource `" + to_string(pattern) + "`: \n " +
                    entries_text(added) + "\n");
        get_or_throw(kafka::create_acls(admin, bindings));
    }
}

/// The answer of the terminal; upstream asks none where standard input is no terminal, and fails.
bool confirmed(Streams& io, bool force, const std::string& question) {
    if (force) return true;
    io.out.line(question);
    io.out.flush();
    if (io.in < 0 || ::isatty(io.in) == 0) {
        throw_java("java.lang.NullPointerException",
                   "Cannot invoke \"java.io.Console.readLine()\" because the return value of "
                   "\"java.lang.System.console()\" is null");
    }
    std::string answer;
    for (char c = 0; ::read(io.in, &c, 1) == 1 && c != '\n';) answer += c;
    return answer == "y" || answer == "Y";
}

void remove(Streams& io, kafka::Admin& admin, const AclTargets& targets, bool force) {
    for (const auto& [filter, entries] : targets) {
        std::string question =
            "Are you sure you want to delete all ACLs for resource filter `" +
            to_string(filter) + "`? (y/n)";
        if (!entries.empty()) {
            question = "Are you sure you want to remove ACLs: \n " + entries_text(entries) +
                       "\n from resource filter `" + to_string(filter) + "`? (y/n)";
        }
        if (!confirmed(io, force, question)) continue;
        get_or_throw(kafka::delete_acls(admin, filter, {entries.begin(), entries.end()}));
    }
}

void print(Streams& io, const std::map<kafka::ResourcePattern, Entries>& acls) {
    for (const auto& [pattern, entries] : acls) {
        io.out.line("Current ACLs for resource `" + to_string(pattern) + "`:\n" +
                    entries_text(entries) + "\n");
    }
}

void print_as(Streams& io, OutputFormat format,
              const std::map<kafka::ResourcePattern, Entries>& acls) {
    Listing listing{.columns = {"resource_type", "resource_name", "pattern_type", "principal",
                                "host", "operation", "permission"},
                    .rows = {}};
    for (const auto& [pattern, entries] : acls) {
        for (const auto& entry : entries) {
            listing.rows.push_back({std::string(to_string(pattern.type)), cell_of(pattern.name),
                                    std::string(to_string(pattern.pattern)), entry.principal,
                                    entry.host, std::string(to_string(entry.operation)),
                                    std::string(to_string(entry.permission))});
        }
    }
    print_listing(io.out, format, listing);
}

void list(Streams& io, kafka::Admin& admin, const AclListing& asked) {
    std::vector<kafka::AclBinding> bindings;
    std::set<kafka::ResourcePattern> filters = asked.filters;
    if (filters.empty()) filters.insert(kafka::ResourcePattern{});
    for (const auto& filter : filters) {
        for (auto& one : get_or_throw(kafka::describe_acls(admin, filter))) {
            bindings.push_back(std::move(one));
        }
    }
    auto of = [&](const std::optional<std::string>& principal) {
        std::map<kafka::ResourcePattern, Entries> acls;
        for (const auto& [pattern, entry] : bindings) {
            if (!principal || entry.principal == *principal) acls[pattern].insert(entry);
        }
        return acls;
    };
    if (asked.format) return print_as(io, *asked.format, of(std::nullopt));
    if (asked.principals.empty()) return print(io, of(std::nullopt));
    for (const std::string& principal : asked.principals) {
        io.out.line("ACLs for principal `" + principal + "`");
        print(io, of(principal));
    }
}

}  // namespace

int run_acls(const Args& args, Streams& io) {
    AclOptions o;
    jopt::OptionSet given = parse_acl_options(io, o, args);
    try {
        kafka::ClientProperties properties =
            load_properties_or_throw(given.text(o.command_config));
        if (given.has(o.bootstrap_server)) {
            properties.set("bootstrap.servers", given.text_or_empty(o.bootstrap_server));
        } else {
            properties.set("bootstrap.controllers", given.text_or_empty(o.bootstrap_controller));
        }
        auto admin = make_admin(io, properties);
        if (given.has(o.add)) add(io, *admin, acls_to_add(io, o, given));
        else if (given.has(o.remove)) remove(io, *admin, acls_of(io, o, given), given.has(o.force));
        else list(io, *admin, acls_to_list(io, o, given));
        return 0;
    } catch (const kafka::KafkaException& thrown) {
        io.out.line("Error while executing ACL command: " + thrown.failure().text());
        io.out.line(stack_trace(thrown.failure()));
        return 1;
    }
}

}  // namespace stoker::cli
