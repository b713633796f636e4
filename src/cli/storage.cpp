// kafka-storage: prepares data directories and tells what is in them. `format` makes what `stoker
// broker` makes by itself on its first start, under the cluster id that is given.
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/random.hpp"
#include "cli/admin_tool.hpp"
#include "cli/argparse.hpp"
#include "cli/feature_levels.hpp"
#include "cli/tool_list.hpp"
#include "cli/usage.hpp"
#include "storage/meta_properties.hpp"
#include "storage/posix_disk.hpp"

namespace stoker::cli {
namespace {

namespace fs = std::filesystem;
using kafka::ClientProperties;

/// What ends the tool with a message and status 1.
struct TerseFailure {
    std::string message;
};

struct Arguments {
    argparse::Parser parser{"kafka-storage"};
    argparse::Parser& info = parser.add_command("info", "Tells what is in the data directories.");
    const argparse::Argument& info_config = config_of(info);
    argparse::Parser& format = parser.add_command("format", "Prepares the data directories.");
    const argparse::Argument& format_config = config_of(format);
    const argparse::Argument& cluster_id =
        format.add({"--cluster-id", "-t"}, "The id of the cluster.").required();
    const argparse::Argument& add_scram =
        format.add({"--add-scram", "-S"}, "Not served: add users with kafka-configs.").append();
    const argparse::Argument& ignore_formatted =
        format.add({"--ignore-formatted", "-g"}, "Leave formatted directories as they are.")
            .store_true();
    const argparse::Argument& release_version =
        format.add({"--release-version", "-r"},
                   "The metadata version: 4.3-IV0, which is all "
                   "that a Stoker broker starts with.");
    const argparse::Argument& feature =
        format.add({"--feature", "-f"}, "A level of a feature, if it is that of the release.")
            .append();
    argparse::Group& quorum = format.add_group(false);
    const argparse::Argument& standalone =
        quorum.add({"--standalone", "-s"}, "The node is all of the quorum.").store_true();
    const argparse::Argument& no_initial_controllers =
        quorum.add({"--no-initial-controllers", "-N"}, "The quorum is told otherwise.")
            .store_true();
    const argparse::Argument& initial_controllers =
        quorum.add({"--initial-controllers", "-I"},
                   "The quorum: id@host:port:directory, only "
                   "that of this node.");
    argparse::Parser& version_mapping =
        parser.add_command("version-mapping", "Tells the features of a metadata version.");
    const argparse::Argument& mapping_release =
        version_mapping.add({"--release-version", "-r"}, "The metadata version.");
    argparse::Parser& dependencies = parser.add_command(
        "feature-dependencies", "Tells which features a level of a feature needs.");
    const argparse::Argument& dependencies_feature =
        dependencies.add({"--feature", "-f"}, "feature=level.").append().required();
    argparse::Parser& random_uuid = parser.add_command("random-uuid", "Prints a random id.");

    static argparse::Argument& config_of(argparse::Parser& command) {
        return command.add({"--config", "-c"}, "The server.properties of the broker.").required();
    }
};

/// What of a server.properties says where the data is and whose it is.
struct ServerConfig {
    std::vector<std::string> directories;
    std::string metadata_directory;
    int32_t node_id = 1;
    bool is_controller = true;
    bool has_static_voters = false;
};

ServerConfig read_config(const std::string& path) {
    const ClientProperties properties = value_or_throw(load_properties(path));
    ServerConfig config;
    config.directories = properties.get_list("log.dirs");
    if (config.directories.empty()) config.directories = properties.get_list("log.dir");
    if (config.directories.empty()) config.directories = {"/tmp/kafka-logs"};
    config.metadata_directory = properties.get_or("metadata.log.dir", config.directories.front());
    config.directories.push_back(config.metadata_directory);
    std::ranges::sort(config.directories);
    const auto same = std::ranges::unique(config.directories);
    config.directories.erase(same.begin(), same.end());
    config.node_id = value_or_throw(properties.get_int("node.id", 1));
    const std::vector<std::string> roles = properties.get_list("process.roles");
    config.is_controller = roles.empty() || std::ranges::find(roles, "controller") != roles.end();
    config.has_static_voters = !properties.get_list("controller.quorum.voters").empty();
    return config;
}

std::optional<storage::MetaProperties> read_meta(storage::Disk& disk, const std::string& folder) {
    const std::string path = (fs::path(folder) / storage::meta_properties_file_name).string();
    const auto meta = storage::read_meta_properties(disk, path);
    if (meta) return *meta;
    if (meta.error().not_found()) return std::nullopt;
    throw TerseFailure{"Error loading " + path + ": " + meta.error().what};
}

int info(Streams& io, const ServerConfig& config) {
    storage::PosixDisk disk;
    std::vector<std::string> problems;
    std::vector<std::string> found;
    std::optional<storage::MetaProperties> first;
    for (const std::string& folder : config.directories) {
        if (!fs::is_directory(folder)) {
            problems.push_back(folder +
                               (fs::exists(folder) ? " is not a directory" : " does not exist"));
            continue;
        }
        found.push_back(folder);
        std::optional<storage::MetaProperties> meta;
        try {
            meta = read_meta(disk, folder);
        } catch (const TerseFailure& failure) {
            problems.push_back(failure.message);
            continue;
        }
        if (!meta) {
            problems.push_back(folder + " is not formatted.");
        } else if (!first) {
            first = meta;
        } else if (first->cluster_id != meta->cluster_id) {
            problems.emplace_back("Mismatched cluster IDs between storage directories.");
        } else if (first->node_id != meta->node_id) {
            problems.emplace_back("Mismatched node IDs between storage directories.");
        }
    }
    const auto print = [&](std::string_view one, std::string_view many,
                           const std::vector<std::string>& lines) {
        if (lines.empty()) return;
        io.out.line(lines.size() == 1 ? one : many);
        for (const std::string& line : lines) io.out.line("  " + line);
        io.out.line();
    };
    print("Found log directory:", "Found log directories:", found);
    if (first) {
        io.out.line("Found metadata: {cluster.id=" + first->cluster_id +
                    (first->directory_id ? ", directory.id=" + to_string(*first->directory_id)
                                         : std::string()) +
                    ", node.id=" + std::to_string(first->node_id) + ", version=1}");
        io.out.line();
    }
    print("Found problem:", "Found problems:", problems);
    return problems.empty() ? 0 : 1;
}

/// Ours are the levels of the latest release, and no others.
void check_features(const Arguments& a, const argparse::Namespace& given) {
    const MetadataVersion* latest = find_metadata_version(latest_production);
    if (const auto release = given.text(a.release_version)) {
        const MetadataVersion* version = find_metadata_version(*release);
        if (version == nullptr) throw TerseFailure{unknown_metadata_version(*release)};
        if (version->level != latest->level) {
            throw TerseFailure{"A Stoker broker starts a cluster at metadata.version " +
                               std::string(latest_production) + " only."};
        }
    }
    for (const std::string& word : given.texts(a.feature)) {
        const size_t equals = word.find('=');
        const std::string name = word.substr(0, equals);
        const std::string level = equals == std::string::npos ? "" : word.substr(equals + 1);
        const auto known = std::ranges::find(features, name, &FeatureLevels::name);
        const bool is_version = name == "metadata.version";
        if (!is_version && known == features.end()) {
            throw TerseFailure{"Unsupported feature: " + name +
                               ". Supported features are: eligible.leader.replicas.version, "
                               "group.version, kraft.version, share.version, streams.version, "
                               "transaction.version"};
        }
        const int16_t starts_at = is_version ? latest->level : default_level(*known, latest->level);
        if (level == std::to_string(starts_at)) continue;
        throw TerseFailure{"A Stoker broker starts a cluster at " + name + "=" +
                           std::to_string(starts_at) + " only."};
    }
}

/// BootstrapMetadata.toString(): the levels in the order of their names.
std::string bootstrap_text() {
    const MetadataVersion* latest = find_metadata_version(latest_production);
    std::map<std::string, int16_t> levels;
    for (const FeatureLevels& feature : features) {
        if (feature.name == "kraft.version") continue;
        levels[std::string(feature.name)] = default_level(feature, latest->level);
    }
    const auto record = [](const std::string& name, int16_t level) {
        return "ApiMessageAndVersion(FeatureLevelRecord(name='" + name +
               "', featureLevel=" + std::to_string(level) + ") at version 0)";
    };
    std::string text = "BootstrapMetadata(records=[" + record("metadata.version", latest->level);
    for (const auto& [name, level] : levels) {
        if (level > 0) text += ", " + record(name, level);
    }
    return text + "], metadataVersionLevel=" + std::to_string(latest->level) +
           ", source=format command)";
}

std::string kind_of(const ServerConfig& config, const std::string& folder, bool is_voter,
                    bool has_voters) {
    if (folder != config.metadata_directory) return "data directory";
    if (!has_voters) return "metadata directory";
    return is_voter ? "dynamic metadata voter directory" : "dynamic metadata directory";
}

int format(Streams& io, const Arguments& a, const argparse::Namespace& given) {
    const ServerConfig config = read_config(*given.text(a.format_config));
    const bool standalone = given.given(a.standalone);
    const auto controllers = given.text(a.initial_controllers);
    if (config.has_static_voters && (standalone || controllers)) {
        throw TerseFailure{
            "You cannot specify controller.quorum.voters and format the node with "
            "--initial-controllers or --standalone. If you want to use dynamic quorum, please "
            "remove controller.quorum.voters and specify controller.quorum.bootstrap.servers "
            "instead."};
    }
    if (standalone && !config.is_controller) {
        throw TerseFailure{"You can only use --standalone on a controller."};
    }
    if (!standalone && !controllers && !given.given(a.no_initial_controllers) &&
        config.is_controller && !config.has_static_voters) {
        throw TerseFailure{
            "Because controller.quorum.voters is not set on this controller, you must specify one "
            "of the following: --standalone, --initial-controllers, or --no-initial-controllers."};
    }
    if (given.given(a.add_scram)) {
        throw TerseFailure{
            "--add-scram is not served: add the user with kafka-configs once the broker runs."};
    }
    check_features(a, given);
    storage::PosixDisk disk;
    std::vector<std::string> empty;
    for (const std::string& folder : config.directories) {
        const auto meta = read_meta(disk, folder);
        if (!meta) {
            empty.push_back(folder);
        } else if (!given.given(a.ignore_formatted)) {
            throw TerseFailure{"Log directory " + folder +
                               " is already formatted. Use --ignore-formatted to ignore this "
                               "directory and format the others."};
        }
    }
    if (empty.empty()) {
        io.out.line("All of the log directories are already formatted.");
        return 0;
    }
    io.out.line("Bootstrap metadata: " + bootstrap_text());
    const std::string node = std::to_string(config.node_id) + "@";
    const bool is_voter =
        standalone || (controllers && ("," + *controllers).find("," + node) != std::string::npos);
    Random random;
    for (const std::string& folder : empty) {
        io.out.line("Formatting " + kind_of(config, folder, is_voter, standalone || controllers) +
                    " " + folder + " with metadata.version " + std::string(latest_production) +
                    ".");
        const auto made = storage::take_up_data_folder(
            disk,
            {.path = folder, .node_id = config.node_id, .cluster_id = given.text(a.cluster_id)},
            random, io.clock);
        if (made) continue;
        throw TerseFailure{"Error while writing meta.properties file " + folder + ": " +
                           made.error().what};
    }
    return 0;
}

int run(Streams& io, const Arguments& a, const argparse::Namespace& given) {
    if (given.chose(a.random_uuid)) {
        io.out.line(to_string(Random().uuid()));
        return 0;
    }
    if (given.chose(a.info)) return info(io, read_config(*given.text(a.info_config)));
    if (given.chose(a.format)) return format(io, a, given);
    // The same tables as kafka-features shows without asking a broker.
    if (given.chose(a.version_mapping)) {
        const auto release = given.text(a.mapping_release);
        return run_features(release ? Args{"version-mapping", "--release-version", *release}
                                    : Args{"version-mapping"},
                            io);
    }
    for (const std::string& feature : given.texts(a.dependencies_feature)) {
        const int status = run_features({"feature-dependencies", "--feature", feature}, io);
        if (status != 0) return status;
    }
    return 0;
}

}  // namespace

int run_storage(const Args& args, Streams& io) {
    const Arguments a;
    const argparse::Namespace given = [&] {
        try {
            return a.parser.parse(args, io);
        } catch (const argparse::ParseError& error) {
            argparse::Parser::print_error(io, error);
            throw Exit{error.help_shown ? 0 : 1};
        }
    }();
    try {
        return run(io, a, given);
    } catch (const TerseFailure& failure) {
        io.err.line(failure.message);
        return 1;
    }
}

}  // namespace stoker::cli
