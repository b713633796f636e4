#include "cli/quorum_change.hpp"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <map>

#include "cli/admin_tool.hpp"
#include "cli/java_number.hpp"
#include "cli/java_uuid.hpp"
#include "storage/meta_properties.hpp"
#include "storage/posix_disk.hpp"

namespace stoker::cli {
namespace {

using kafka::ClientProperties;
using kafka::VoterEndpoint;

constexpr std::string_view is_this_valid = ". Is this a valid controller configuration file?";

[[noreturn]] void throw_invalid(const std::string& what) {
    throw_terse(what + std::string(is_this_valid));
}

int32_t controller_id(const ClientProperties& properties) {
    const auto text = properties.get("node.id");
    if (!text) throw_invalid("node.id not found in configuration file");
    const int32_t id = parse_int_or_throw(*text);
    if (id < 0) throw_invalid("node.id was negative in configuration file");
    if (properties.get_or("process.roles", "").find("controller") == std::string::npos) {
        throw_invalid("process.roles did not contain 'controller' in configuration file");
    }
    return id;
}

std::string metadata_directory(const ClientProperties& properties) {
    if (const auto folder = properties.get("metadata.log.dir")) return *folder;
    const std::vector<std::string> folders = properties.get_list("log.dirs");
    if (folders.empty()) throw_invalid("Neither metadata.log.dir nor log.dirs were found");
    return folders.front();
}

Uuid directory_id_in(const std::string& folder) {
    storage::PosixDisk disk;
    const auto path = std::filesystem::path(folder) / storage::meta_properties_file_name;
    const auto meta = storage::read_meta_properties(disk, path.string());
    if (!meta) throw_terse("Unable to read meta.properties from " + folder);
    if (!meta->directory_id) throw_terse("No directory id found in " + folder);
    return *meta->directory_id;
}

std::string in_capitals(std::string name) {
    std::ranges::transform(name, name.begin(), [](unsigned char c) { return std::toupper(c); });
    return name;
}

/// "CONTROLLER://host:9093"; without a host it is this one.
VoterEndpoint parse_listener(const std::string& text) {
    const size_t name_end = text.find("://");
    const size_t colon = text.rfind(':');
    const auto port = parse_java_int(text.substr(colon + 1));
    if (name_end == std::string::npos || colon <= name_end || !port || *port < 0 ||
        *port > UINT16_MAX) {
        throw_illegal_argument("Unable to parse a broker endpoint: " + text);
    }
    std::string host = text.substr(name_end + 3, colon - name_end - 3);
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    return {.name = in_capitals(text.substr(0, name_end)),
            .host = host.empty() ? "localhost" : host,
            .port = static_cast<uint16_t>(*port)};
}

std::vector<VoterEndpoint> controller_endpoints(const ClientProperties& properties) {
    std::map<std::string, VoterEndpoint> listeners;
    for (const char* setting : {"listeners", "advertised.listeners"}) {
        for (const std::string& text : properties.get_list(setting)) {
            const VoterEndpoint listener = parse_listener(text);
            listeners[listener.name] = listener;
        }
    }
    if (!properties.has("controller.listener.names")) {
        throw_invalid("controller.listener.names was not found");
    }
    std::vector<VoterEndpoint> endpoints;
    for (const std::string& listed : properties.get_list("controller.listener.names")) {
        const auto found = listeners.find(in_capitals(listed));
        if (found == listeners.end()) {
            throw_terse("Cannot find information about controller listener name: " +
                        in_capitals(listed));
        }
        endpoints.push_back(found->second);
    }
    return endpoints;
}

std::string to_text(const VoterEndpoint& endpoint) {
    const bool is_v6 = endpoint.host.find(':') != std::string::npos;
    return endpoint.name + "://" + (is_v6 ? "[" + endpoint.host + "]" : endpoint.host) + ":" +
           std::to_string(endpoint.port);
}

}  // namespace

NewVoter::NewVoter(const ClientProperties& controller)
    : id(controller_id(controller)),
      directory_id(directory_id_in(metadata_directory(controller))),
      endpoints(controller_endpoints(controller)) {}

void add_controller(Streams& io, kafka::Admin& admin, const NewVoter& voter, bool dry_run) {
    if (!dry_run) {
        get_or_throw(
            kafka::add_raft_voter(admin, voter.id, voter.directory_id, voter.endpoints));
    }
    std::string endpoints;
    for (const VoterEndpoint& endpoint : voter.endpoints) {
        endpoints += (endpoints.empty() ? "" : ", ") + to_text(endpoint);
    }
    io.out.line(std::string(dry_run ? "DRY RUN of adding" : "Added") + " controller " +
                std::to_string(voter.id) + " with directory id " + to_string(voter.directory_id) +
                " and endpoints: " + endpoints);
}

void remove_controller(Streams& io, kafka::Admin& admin, int32_t id,
                       const std::string& directory_id, bool dry_run) {
    if (id < 0) throw_terse("Invalid negative --controller-id: " + std::to_string(id));
    const auto directory = parse_java_uuid(directory_id);
    if (!directory) {
        throw_terse("Failed to parse --controller-directory-id: " + directory.error().text());
    }
    if (!dry_run) get_or_throw(kafka::remove_raft_voter(admin, id, *directory));
    // Upstream's two blanks.
    io.out.line(std::string(dry_run ? "DRY RUN of removing " : "Removed ") +
                " KRaft controller " + std::to_string(id) + " with directory id " +
                to_string(*directory));
}

}  // namespace stoker::cli
