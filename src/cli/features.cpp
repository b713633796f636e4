// kafka-features: shows and changes the feature levels of a cluster, and looks levels up.
#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "broker/config/config_value.hpp"
#include "cli/admin_tool.hpp"
#include "cli/argparse.hpp"
#include "cli/feature_levels.hpp"
#include "cli/tool_list.hpp"
#include "cli/usage.hpp"
#include "kafka/admin_cluster.hpp"
#include "kafka/java_text.hpp"

namespace stoker::cli {

const MetadataVersion* find_metadata_version(std::string_view name) {
    const MetadataVersion* found = nullptr;
    for (const MetadataVersion& version : metadata_versions) {
        bool of_release = version.name.starts_with(name) &&
                          version.name.substr(name.size()).starts_with("-IV");
        if (version.name == name || of_release) found = &version;
    }
    return found;
}

const MetadataVersion* find_metadata_version(int16_t level) {
    for (const MetadataVersion& version : metadata_versions) {
        if (version.level == level) return &version;
    }
    return nullptr;
}

std::string unknown_metadata_version(std::string_view name) {
    std::string text = "Unknown metadata.version '" + std::string(name) +
                       "'. Supported metadata.version are: ";
    std::string_view comma;
    for (const MetadataVersion& version : metadata_versions) {
        text.append(comma).append(version.name);
        comma = ", ";
    }
    return text;
}

namespace {

constexpr std::string_view metadata_feature = "metadata.version";

/// FeatureUpdate.UpgradeType's numbers.
enum class UpgradeType : int8_t { upgrade = 1, safe_downgrade = 2, unsafe_downgrade = 3 };

struct Change {
    argparse::Parser& parser;
    const argparse::Argument& metadata;
    const argparse::Argument& release_version;
    const argparse::Argument& feature;
    const argparse::Argument* unsafe;
    const argparse::Argument& dry_run;
};

Change add_change(argparse::Parser& parent, const std::string& name, std::string help,
                  bool down) {
    argparse::Parser& parser = parent.add_command(name, std::move(help));
    const auto& metadata =
        parser.add({"--metadata"}, "Deprecated: the metadata version, such as 3.3-IV3.");
    const auto& release = parser.add(
        {"--release-version"},
        "Sets every feature to what it is in that release; see the command version-mapping.");
    const auto& feature =
        parser.add({"--feature"}, "A feature and its level: metadata.version=5.").append();
    const argparse::Argument* unsafe = nullptr;
    if (down) {
        unsafe = &parser.add({"--unsafe"}, "Even when metadata is lost for good.").store_true();
    }
    const auto& dry_run =
        parser.add({"--dry-run"}, "Only says whether it could be done.").store_true();
    return {parser, metadata, release, feature, unsafe, dry_run};
}

struct Arguments {
    argparse::Parser parser{"kafka-features"};
    argparse::Group& bootstrap =
        parser.description("This tool manages feature flags in Kafka.").add_group(false);
    const argparse::Argument& server =
        bootstrap.add({"--bootstrap-server"}, "The servers to connect to first.");
    const argparse::Argument& controller =
        bootstrap.add({"--bootstrap-controller"}, "The controllers to connect to first.");
    const argparse::Argument& command_config = parser.add(
        {"--command-config"}, "A properties file with settings of the admin client.");
    argparse::Parser& describe =
        parser.add_command("describe", "Describes the current active feature flags.");
    const argparse::Argument& node =
        describe.add({"--node-id"}, "The node to ask; any without it.")
            .type(argparse::Type::int32);
    const argparse::Argument& output = add_output_argument(describe);
    Change upgrade = add_change(parser, "upgrade", "Upgrade one or more feature flags.", false);
    Change downgrade =
        add_change(parser, "downgrade", "Downgrade one or more feature flags.", true);
    argparse::Parser& disable =
        parser.add_command("disable", "Disable features: downgrade them to level 0.");
    const argparse::Argument& disable_feature =
        disable.add({"--feature"}, "A feature flag to disable.").append();
    const argparse::Argument& disable_unsafe =
        disable.add({"--unsafe"}, "Even when metadata is lost for good.").store_true();
    const argparse::Argument& disable_dry_run =
        disable.add({"--dry-run"}, "Only says whether it could be done.").store_true();
    argparse::Parser& mapping = parser.add_command(
        "version-mapping", "Shows the features of a release; of the latest without a version.");
    const argparse::Argument& mapping_release =
        mapping.add({"--release-version"}, "The release, from 3.3-IV3 on.");
    argparse::Parser& dependencies = parser.add_command(
        "feature-dependencies", "Shows which features a level of a feature needs.");
    const argparse::Argument& dependencies_feature =
        dependencies.add({"--feature"}, "The feature and its level: metadata.version=5.")
            .append()
            .required();
};

std::string level_text(const std::string& feature, int16_t level) {
    if (feature != metadata_feature) return std::to_string(level);
    const MetadataVersion* version = find_metadata_version(level);
    return version == nullptr ? "UNKNOWN " + std::to_string(level) : std::string(version->name);
}

void describe_as(Streams& io, OutputFormat format,
                 const protocol::ApiVersionsResponse& versions) {
    Listing listing{.columns = {"feature", "supported_min_version", "supported_max_version",
                                "finalized_version_level"},
                    .rows = {}};
    for (const auto& feature : versions.supported_features) {
        Cell finalized;
        for (const auto& one : versions.finalized_features) {
            if (one.name == feature.name) finalized = int64_t(one.max_version_level);
        }
        listing.rows.push_back({feature.name, int64_t(feature.min_version),
                                int64_t(feature.max_version), finalized});
    }
    print_listing(io.out, format, listing);
}

void describe(Streams& io, kafka::Admin& admin, std::optional<int64_t> node,
              std::optional<OutputFormat> format) {
    if (node && *node < 0) {
        throw_illegal_argument("Invalid node id " + std::to_string(*node) +
                               ": must be non-negative.");
    }
    auto target = node ? kafka::Target::of_node(int32_t(*node)) : kafka::Target::any();
    auto versions = get_or_throw(kafka::describe_versions(admin, target));
    std::ranges::sort(versions.supported_features, {},
                      &protocol::ApiVersionsResponse::SupportedFeatureKey::name);
    if (format) return describe_as(io, *format, versions);
    std::string epoch = versions.finalized_features_epoch < 0
                            ? "-"
                            : std::to_string(versions.finalized_features_epoch);
    for (const auto& feature : versions.supported_features) {
        int16_t finalized = 0;
        for (const auto& one : versions.finalized_features) {
            if (one.name == feature.name) finalized = one.max_version_level;
        }
        io.out.write(kafka::java_format(
            "Feature: %-40s  SupportedMinVersion: %-15s  SupportedMaxVersion: %-15s  "
            "FinalizedVersionLevel: %-15s  Epoch: %s%n",
            {feature.name, level_text(feature.name, feature.min_version),
             level_text(feature.name, feature.max_version), level_text(feature.name, finalized),
             epoch}));
    }
}

std::pair<std::string, int16_t> parse_name_and_level(const std::string& input) {
    const auto trim = [](std::string_view text) { return std::string(broker::trimmed(text)); };
    std::string problem = "Can't parse feature=level string " + input + ": ";
    size_t equals = input.find('=');
    if (equals == std::string::npos) {
        throw_java("java.lang.RuntimeException", problem + "equals sign not found.");
    }
    std::string digits = trim(input.substr(equals + 1));
    int16_t level = 0;
    const char* begin = digits.data() + (digits.starts_with('+') ? 1 : 0);
    auto [end, error] = std::from_chars(begin, digits.data() + digits.size(), level);
    if (error != std::errc() || end != digits.data() + digits.size()) {
        throw_java("java.lang.RuntimeException",
                   problem + "unable to parse " + digits + " as a short.");
    }
    return {trim(input.substr(0, equals)), level};
}

using Levels = std::map<std::string, int16_t>;

void add_level(Levels& levels, const std::string& feature, int16_t level) {
    if (levels.emplace(feature, level).second) return;
    throw_java("java.lang.RuntimeException",
               "Feature " + feature + " was specified more than once.");
}

const MetadataVersion& metadata_version_or_throw(const std::string& name) {
    const MetadataVersion* version = find_metadata_version(name);
    if (version == nullptr) throw_terse(unknown_metadata_version(name));
    return *version;
}

Levels wanted_levels(Streams& io, const Change& change, const argparse::Namespace& given,
                     bool up) {
    std::optional<std::string> metadata = given.text(change.metadata);
    std::vector<std::string> words = given.texts(change.feature);
    Levels levels;
    if (std::optional<std::string> release = given.text(change.release_version)) {
        if (metadata || !words.empty()) {
            throw_terse("Can not specify `release-version` with other feature flags.");
        }
        const MetadataVersion& version = metadata_version_or_throw(*release);
        levels[std::string(metadata_feature)] = version.level;
        for (const FeatureLevels& feature : features) {
            int16_t level = default_level(feature, version.level);
            if (!up || level > 0) levels[std::string(feature.name)] = level;
        }
        return levels;
    }
    if (metadata) {
        io.out.line(" `metadata` flag is deprecated and may be removed in a future release.");
        levels[std::string(metadata_feature)] = metadata_version_or_throw(*metadata).level;
    }
    for (const std::string& word : words) {
        auto [feature, level] = parse_name_and_level(word);
        add_level(levels, feature, level);
    }
    return levels;
}

void update(Streams& io, kafka::Admin& admin, const std::string& op, const Levels& levels,
            UpgradeType type, bool dry_run) {
    if (levels.empty()) throw_terse("You must specify at least one feature to " + op);
    std::vector<protocol::UpdateFeaturesRequest::FeatureUpdateKey> updates;
    for (const auto& [feature, level] : levels) {
        updates.push_back({.feature = feature,
                           .max_version_level = level,
                           .upgrade_type = int8_t(type)});
    }
    auto results = kafka::update_features(admin, updates, dry_run);
    size_t failures = 0;
    for (size_t i = 0; i < updates.size(); ++i) {
        const std::string& feature = updates[i].feature;
        std::string level = std::to_string(updates[i].max_version_level);
        bool disables = op == "disable";
        if (results && (*results)[i]) {
            io.out.line(feature + (dry_run ? " can be " : " was ") +
                        (disables ? "disabled." : op + "d to " + level + "."));
            continue;
        }
        const kafka::Failure& why = results ? (*results)[i].error() : results.error();
        io.out.line((dry_run ? "Can not " : "Could not ") + op + " " + feature +
                    (disables ? "" : " to " + level) + ". " + why.text());
        ++failures;
    }
    if (failures == 0) return;
    throw_terse(std::to_string(failures) + " out of " + std::to_string(updates.size()) +
                " operation(s) failed.");
}

void print_mapping(Streams& io, const std::string& release) {
    const MetadataVersion& version = metadata_version_or_throw(release);
    io.out.line("metadata.version=" + std::to_string(version.level) + " (" + release + ")");
    for (const FeatureLevels& feature : features) {
        io.out.line(std::string(feature.name) + "=" +
                    std::to_string(default_level(feature, version.level)));
    }
}

void print_dependencies(Streams& io, const std::string& word) {
    auto [name, level] = parse_name_and_level(word);
    std::string shown = name + "=" + std::to_string(level);
    if (name == metadata_feature) {
        const MetadataVersion* version = find_metadata_version(level);
        if (version == nullptr) throw_terse("Unknown metadata.version " + std::to_string(level));
        io.out.line(shown + " (" + std::string(version->name) + ") has no dependencies.");
        return;
    }
    auto feature = std::ranges::find(features, name, &FeatureLevels::name);
    if (feature == features.end()) throw_terse("Unknown feature: " + name);
    if (level < 0 || level > feature->highest) {
        throw_illegal_argument("No feature:" + name + " with feature level " +
                               std::to_string(level));
    }
    if (level != feature->highest || feature->needs_metadata == 0) {
        io.out.line(shown + " has no dependencies.");
        return;
    }
    io.out.line(shown + " requires:");
    io.out.line("    metadata.version=" + std::to_string(feature->needs_metadata) + " (" +
                std::string(find_metadata_version(feature->needs_metadata)->name) + ")");
}

void ask_cluster(Streams& io, const Arguments& a, const argparse::Namespace& given) {
    kafka::ClientProperties properties = load_properties_or_throw(given.text(a.command_config));
    if (!given.given(a.server) && !given.given(a.controller)) {
        throw argparse::ParseError{
            &a.parser, "You must specify either --bootstrap-controller or --bootstrap-server."};
    }
    set_bootstrap(properties, given.text(a.server), given.text(a.controller));
    auto admin = make_admin(io, properties);
    if (given.chose(a.describe)) {
        return describe(io, *admin, given.number(a.node), output_format(given, a.output));
    }
    if (given.chose(a.upgrade.parser)) {
        return update(io, *admin, "upgrade", wanted_levels(io, a.upgrade, given, true),
                      UpgradeType::upgrade, given.given(a.upgrade.dry_run));
    }
    auto down = [](bool unsafe) {
        return unsafe ? UpgradeType::unsafe_downgrade : UpgradeType::safe_downgrade;
    };
    if (given.chose(a.downgrade.parser)) {
        return update(io, *admin, "downgrade", wanted_levels(io, a.downgrade, given, false),
                      down(given.given(*a.downgrade.unsafe)), given.given(a.downgrade.dry_run));
    }
    Levels levels;
    for (const std::string& feature : given.texts(a.disable_feature)) {
        add_level(levels, feature, 0);
    }
    update(io, *admin, "disable", levels, down(given.given(a.disable_unsafe)),
           given.given(a.disable_dry_run));
}

}  // namespace

int run_features(const Args& args, Streams& io) {
    Arguments a;
    try {
        argparse::Namespace given = a.parser.parse(args, io);
        if (given.chose(a.mapping)) {
            print_mapping(io, given.text(a.mapping_release).value_or(
                                  std::string(latest_production)));
        } else if (given.chose(a.dependencies)) {
            for (const auto& word : given.texts(a.dependencies_feature)) {
                print_dependencies(io, word);
            }
        } else {
            ask_cluster(io, a, given);
        }
        return 0;
    } catch (const argparse::ParseError& wrong) {
        if (wrong.help_shown) return 0;
        io.err.write("Command line error: " + wrong.message + ". Type --help for help.");
        return 1;
    } catch (const kafka::KafkaException& thrown) {
        io.err.line(thrown.failure().text());
        return 1;
    }
}

}  // namespace stoker::cli
