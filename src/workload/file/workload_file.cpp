#include "workload/file/workload_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "workload/file/load_section.hpp"
#include "workload/file/mapping.hpp"

namespace stoker::workload {
namespace {

using namespace std::chrono_literals;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::duration_cast;

constexpr Range<double> share{0, 1};
constexpr int64_t keys_max = 1'000'000'000'000;
constexpr size_t groups_max = 100;
constexpr int workers_max = 64;
/// Of the headers of a message librdkafka's engine takes so many, beside the seal.
constexpr size_t rdkafka_headers_max = 3;

/// What may stand in a topic's name.
bool is_plain(const std::string& name) {
    return !name.empty() && name.size() <= 100 &&
           std::ranges::all_of(name, [](unsigned char c) {
               return std::isalnum(c) || c == '-' || c == '_' || c == '.';
           });
}

TopicPlan read_topics(Mapping& file) {
    Mapping from(file.node("topics").value_or(YAML::Node()), "topics");
    TopicPlan plan;
    plan.prefix = from.text("prefix").value_or("");
    if (!plan.prefix.empty() && !is_plain(plan.prefix))
        from.complain("prefix", "has at most 100 letters, digits, '-', '_' and '.'");
    plan.count = int32_t(from.whole("count", {1, 10'000}).value_or(plan.count));
    plan.partitions = int32_t(from.whole("partitions", {1, 100'000}).value_or(plan.partitions));
    if (int64_t(plan.count) * plan.partitions > TopicPlan::partitions_max)
        from.complain("partitions", "makes more than 100000 of them with all topics");
    if (const auto factor = from.whole("replication_factor", {1, 32'767}))
        plan.replication_factor = int16_t(*factor);
    plan.configs = from.settings("configs");
    plan.keep = from.truth("keep").value_or(false);
    from.finish();
    return plan;
}

ProducerPlan read_producers(Mapping& file) {
    Mapping from(file.node("producers").value_or(YAML::Node()), "producers");
    ProducerPlan plan;
    plan.count = int(from.whole("count", {1, ProducerPlan::count_max}).value_or(plan.count));
    constexpr const char* acks[] = {"all", "1", "0"};
    plan.acks = acks[from.choice("acks", {"all", "1", "0"}).value_or(0)];
    plan.idempotent = from.truth("idempotent").value_or(plan.acks == "all");
    if (plan.idempotent && plan.acks != "all")
        from.complain("idempotent", "needs acks: all");
    if (const auto node = from.node("transactions")) {
        Mapping inner(*node, "transactions");
        TransactionPlan transactions;
        transactions.every = duration_cast<milliseconds>(
            inner.time("every", {1ms, 60s}).value_or(transactions.every));
        transactions.aborts = inner.number("aborts", share).value_or(0);
        inner.finish();
        if (!plan.idempotent) inner.complain("they need an idempotent producer");
        plan.transactions = transactions;
    }
    plan.settings = from.settings("settings");
    from.finish();
    return plan;
}

KeyPlan read_keys(Mapping& file) {
    Mapping from(file.node("keys").value_or(YAML::Node()), "keys");
    KeyPlan plan;
    plan.kind = KeyPlan::Kind(
        from.choice("distribution", {"none", "uniform", "zipf", "hot_set", "sequential"})
            .value_or(size_t(plan.kind)));
    plan.count = from.whole("count", {1, keys_max}).value_or(plan.count);
    if (plan.kind == KeyPlan::Kind::zipf) {
        plan.exponent = from.number("exponent", {0, 10}).value_or(plan.exponent);
        if (plan.count > KeyPlan::zipf_count_max)
            from.complain("count", "is at most 10000000 for zipf");
    }
    if (plan.kind == KeyPlan::Kind::hot_set) {
        plan.hot_keys = from.whole("hot_keys", {1, keys_max}).value_or(plan.hot_keys);
        plan.hot_share = from.number("hot_share", share).value_or(plan.hot_share);
    }
    from.finish();
    return plan;
}

void read_values(Mapping& file, ContentPlan& content) {
    Mapping from(file.node("values").value_or(YAML::Node()), "values");
    ValuePlan& plan = content.values;
    plan.size = ValuePlan::Size(from.choice("distribution", {"fixed", "lognormal"}).value_or(0));
    plan.bytes = from.bytes("size", {0, ValuePlan::size_limit}).value_or(plan.bytes);
    if (plan.size == ValuePlan::Size::lognormal) {
        plan.sigma = from.number("sigma", {0, 5}).value_or(plan.sigma);
        plan.bytes_max = from.bytes("max", {1, ValuePlan::size_limit}).value_or(plan.bytes_max);
    }
    plan.compressibility =
        from.number("compressibility", share).value_or(plan.compressibility);
    plan.tombstones = from.number("tombstones", share).value_or(0);
    if (plan.tombstones > 0 && content.keys.kind == KeyPlan::Kind::none)
        from.complain("tombstones", "need keys");
    if (const auto text = from.text("template")) {
        const auto compiled = Template::compile(*text);
        if (!compiled) from.complain("template", compiled.error());
        content.text = *text;
    }
    from.finish();
}

void read_start(Mapping& from, GroupPlan& plan) {
    const auto text = from.text("start");
    if (!text || *text == "at_once") return;
    if (*text == "after_load") {
        plan.after_load = true;
        return;
    }
    const auto time = parse_time(*text);
    if (!time)
        from.complain("start", "'" + *text + "': allowed are at_once, after_load and a time after "
                                             "the begin of the load (10s)");
    plan.start_after = duration_cast<milliseconds>(*time);
}

GroupPlan read_group(const YAML::Node& node) {
    Mapping from(node, "groups");
    GroupPlan plan;
    plan.consumers =
        int(from.whole("consumers", {1, GroupPlan::consumers_max}).value_or(plan.consumers));
    read_start(from, plan);
    if (const auto slow = from.node("slow")) {
        Mapping inner(*slow, "slow");
        plan.slow_consumers = int(inner.whole("consumers", {1, plan.consumers}).value_or(1));
        plan.slow_delay = duration_cast<microseconds>(
            inner.time("delay", {0us, 60s}).value_or(1ms));
        inner.finish();
    }
    if (const auto churn = from.node("churn")) {
        Mapping inner(*churn, "churn");
        plan.churn_every =
            duration_cast<milliseconds>(inner.time("every", {100ms, 3600s}).value_or(5s));
        plan.churn_crashes = inner.choice("how", {"leave", "crash"}).value_or(0) == 1;
        inner.finish();
    }
    plan.read_committed =
        from.choice("isolation", {"read_uncommitted", "read_committed"}).value_or(0) == 1;
    plan.settings = from.settings("settings");
    from.finish();
    return plan;
}

std::vector<GroupPlan> read_groups(Mapping& file) {
    const auto node = file.node("groups");
    if (!node) return {GroupPlan{}};
    if (!node->IsSequence() || node->size() > groups_max)
        throw Complaint(*node, "groups: give a list of at most 100 groups; [] for none");
    std::vector<GroupPlan> all;
    for (const auto& one : *node) all.push_back(read_group(one));
    return all;
}

Limits read_limits(Mapping& file) {
    Mapping from(file.node("limits").value_or(YAML::Node()), "limits");
    Limits limits;
    limits.slip_p99 = duration_cast<microseconds>(
        from.time("slip_p99", {1us, 3600s}).value_or(limits.slip_p99));
    limits.times_optional = from.choice("times", {"required", "optional"}).value_or(0) == 1;
    limits.catch_up = duration_cast<milliseconds>(
        from.time("catch_up", {0ms, 3600s}).value_or(limits.catch_up));
    limits.patience = duration_cast<milliseconds>(
        from.time("patience", {1s, 3600s}).value_or(limits.patience));
    from.finish();
    return limits;
}

void read_workers(Workload& workload, Mapping& file) {
    const auto workers = file.whole("workers", {1, workers_max});
    if (!workers) return;
    if (const auto why = wrong_workers(workload, *workers)) file.complain("workers", *why);
    workload.workers = int(*workers);
}

/// What only the whole can show.
void check(const Workload& workload, Mapping& file) {
    const bool raw = workload.engine == EngineKind::raw;
    if (!raw && workload.producers.transactions)
        file.complain("engine", "librdkafka has no transactions here; use raw");
    const size_t headers_max = raw ? ContentPlan::headers_max : rdkafka_headers_max;
    if (workload.content.headers.size() > headers_max)
        file.complain("headers", fmt::format("are at most {}", headers_max));
    const auto accounts = int64_t(workload.partitions()) * workload.producers.count *
                          int64_t(workload.groups.size() + 1);
    if (accounts > Workload::accounts_max)
        file.complain("producers",
                      fmt::format("times partitions of all topics times groups and one are {}: at "
                                  "most {} can be accounted for",
                                  accounts, Workload::accounts_max));
    if (workload.content.values.tombstones > 0 && workload.content.keys.kind == KeyPlan::Kind::none)
        file.complain("values", "tombstones need keys");
}

Workload read_all(const YAML::Node& root, const std::string& folder) {
    Mapping file(root, "the workload");
    Workload workload;
    workload.name = file.text("name").value_or(workload.name);
    if (!is_plain(workload.name))
        file.complain("name", "has at most 100 letters, digits, '-', '_' and '.'");
    workload.description = file.text("description").value_or("");
    workload.engine = EngineKind(file.choice("engine", {"raw", "librdkafka"}).value_or(0));
    workload.phases = read_phases(file, folder);
    workload.topics = read_topics(file);
    workload.producers = read_producers(file);
    read_workers(workload, file);
    workload.content.keys = read_keys(file);
    read_values(file, workload.content);
    workload.content.headers = file.settings("headers");
    workload.groups = read_groups(file);
    workload.limits = read_limits(file);
    file.finish();
    check(workload, file);
    return workload;
}

}  // namespace

std::expected<Workload, std::string> parse_workload(std::string_view text, const std::string& name,
                                                    const std::string& folder) {
    if (text.size() > workload_file_max) return std::unexpected(name + ": more than 1 MiB");
    try {
        return read_all(YAML::Load(std::string(text)), folder);
    } catch (const Complaint& complaint) {
        return std::unexpected(name + ":" + complaint.what());
    } catch (const YAML::Exception& error) {
        return std::unexpected(fmt::format("{}:{}:{}: no YAML: {}", name, error.mark.line + 1,
                                           error.mark.column + 1, error.msg));
    }
}

std::expected<Workload, std::string> read_workload(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::string text(std::istreambuf_iterator<char>(file), {});
    if (!file.is_open() || file.bad())
        return std::unexpected("The file " + path + " cannot be read.");
    return parse_workload(text, path, std::filesystem::path(path).parent_path().string());
}

std::expected<Workload, std::string> preset_workload(std::string_view name) {
    std::string names;
    for (const Preset& preset : presets()) {
        if (preset.name == name) return parse_workload(preset.text, std::string(name));
        if (!names.empty()) names += ", ";
        names += preset.name;
    }
    return std::unexpected(fmt::format("There is no preset '{}'; there are {}.", name, names));
}

std::optional<std::string> wrong_workers(const Workload& workload, int64_t workers) {
    if (workers >= 1 && workers <= std::min(workload.producers.count, workers_max))
        return std::nullopt;
    return fmt::format("{} workers: give 1 to {}, and no more than there are producers ({})",
                       workers, workers_max, workload.producers.count);
}

void stretch(Workload& workload, double seconds) {
    const double planned = workload.duration_s();
    for (Phase& phase : workload.phases) {
        phase.duration_s *= seconds / planned;
        for (double& time : phase.times_s) time *= seconds / planned;
    }
}

}  // namespace stoker::workload
