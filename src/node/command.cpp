#include "node/command.hpp"

#include <arpa/inet.h>
#include <malloc.h>
#include <netinet/in.h>
#include <signal.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>
#include <sys/socket.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "node/configuration.hpp"
#include "node/exporter_process.hpp"
#include "node/external_command.hpp"
#include "node/node.hpp"
#include "node/tls_init.hpp"

namespace stoker::node {
namespace {

constexpr int failure = 1;
constexpr int wrong_usage = 2;

struct BrokerArguments {
    std::string config_file;
    std::vector<std::string> overrides;
    bool insecure = false;
    std::string log_level = "info";
};

struct UpArguments : BrokerArguments {
    uint16_t port = 9092;
    std::string data_dir;
    std::string exporter_port = "9308";
    std::string metrics_port = "9404";
    bool metrics_port_given = false;
};
constexpr const char* no_port = "none";

int complain(const std::string& sentence, int status) {
    std::fprintf(stderr, "stoker: %s\n", sentence.c_str());
    return status;
}

/// What was asked for (--help, --version), or one sentence about what was typed.
int answer_parse_error(const CLI::App& app, const CLI::ParseError& error) {
    if (error.get_exit_code() == EXIT_SUCCESS) return app.exit(error);
    const auto commands = app.get_subcommands();
    const auto left_over = app.remaining(true);
    std::string why = error.what();
    if (commands.empty() && !left_over.empty())
        why = "there is no command or option '" + left_over.front() + "'";
    while (why.ends_with('.') || why.ends_with('\n')) why.pop_back();
    const std::string help = commands.empty() ? "stoker --help"
                                              : "stoker " + commands[0]->get_name() + " --help";
    return complain(why + ": see " + help + ".", wrong_usage);
}

void add_broker_options(CLI::App& app, BrokerArguments& arguments) {
    app.add_option("--config", arguments.config_file,
                   "A server.properties with Apache Kafka's names");
    app.add_option("--override", arguments.overrides,
                   "One setting, name=value; wins over the file; may be repeated")
        ->allow_extra_args(false);
    app.add_flag("--insecure", arguments.insecure,
                 "Listen, or serve metrics, beyond the loopback without TLS and authentication");
    app.add_option("--log-level", arguments.log_level, "trace, debug, info, warn or error")
        ->check(CLI::IsMember({"trace", "debug", "info", "warn", "error"}))
        ->capture_default_str();
}

/// Lines go to standard error; standard output is for the one line that says "ready".
void set_up_logging(const std::string& level) {
    auto logger = spdlog::stderr_color_mt("stoker");
    logger->set_pattern("%Y-%m-%dT%H:%M:%S.%e %^%l%$ %v");
    logger->set_level(spdlog::level::from_str(level));
    spdlog::set_default_logger(logger);
}

/// Blocked in this thread, so that every thread started later leaves them to wait_for_signal.
sigset_t block_signals() {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGCHLD);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    signal(SIGPIPE, SIG_IGN);
    return signals;
}

/// `exporter` may be null.
void wait_for_signal(const sigset_t& signals, ExporterProcess* exporter) {
    for (int number = SIGCHLD; number == SIGCHLD;) {
        sigwait(&signals, &number);
        if (number != SIGCHLD || exporter == nullptr) continue;
        if (const auto status = exporter->ended())
            spdlog::warn("The exporter has ended with status {}; the broker goes on without it. "
                         "--exporter-port chooses another port, `stoker exporter` starts one.",
                         *status);
    }
    // A second one ends the process wherever it is.
    signal(SIGTERM, [](int) { _exit(failure); });
    signal(SIGINT, [](int) { _exit(failure); });
    pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
}

/// Null when there is none to be, or when it cannot be: that is said.
std::unique_ptr<ExporterProcess> start_exporter(const Node& node,
                                                const std::optional<uint16_t>& port) {
    if (!port) return nullptr;
    constexpr std::string_view plaintext = "PLAINTEXT://";
    for (const std::string& address : node.addresses()) {
        if (!address.starts_with(plaintext)) continue;
        auto exporter = ExporterProcess::start(address.substr(plaintext.size()), *port);
        if (exporter) return std::move(*exporter);
        spdlog::warn("No exporter: {}.", exporter.error());
        return nullptr;
    }
    spdlog::info("No exporter: it would need a password. `stoker exporter --command-config` "
                 "starts one.");
    return nullptr;
}

/// `exporter_port`: where an exporter beside it serves; nothing: there is none.
int serve(NodeOptions options, std::optional<uint16_t> exporter_port = std::nullopt) {
    sigset_t signals = block_signals();
    auto node = Node::start(std::move(options));
    if (!node) return complain(node.error(), failure);
    for (const std::string& address : (*node)->addresses())
        std::printf("stoker broker ready at %s\n", address.c_str());
    for (const std::string& address : (*node)->metrics_addresses())
        std::printf("metrics at %s\n", address.c_str());
    std::fflush(stdout);
    const auto exporter = start_exporter(**node, exporter_port);
    wait_for_signal(signals, exporter.get());
    if (exporter) exporter->stop();
    return (*node)->stop() ? EXIT_SUCCESS : failure;
}

/// Large buffers go back to the system when they are freed instead of growing the heap for good,
/// and io threads share few arenas: a broker at rest is as small as one that has done nothing.
void keep_memory_small() {
    constexpr int large_buffer = 128 << 10;
    constexpr int arenas = 4;
    mallopt(M_MMAP_THRESHOLD, large_buffer);
    mallopt(M_TRIM_THRESHOLD, large_buffer);
    mallopt(M_ARENA_MAX, arenas);
}

/// Everything that was said, in the order of who wins: the programs' own defaults, the file, the
/// overrides.
std::expected<NodeOptions, std::string> options_of(const BrokerArguments& arguments,
                                                   broker::ConfigMap own_defaults) {
    auto configs =
        read_configs(arguments.config_file, arguments.overrides, std::move(own_defaults));
    if (!configs) return std::unexpected(configs.error());
    return NodeOptions{.configs = std::move(*configs), .insecure = arguments.insecure};
}

int run_broker(const BrokerArguments& arguments) {
    set_up_logging(arguments.log_level);
    auto options = options_of(arguments, {{"log.dirs", default_data_folder("broker")}});
    if (!options) return complain(options.error(), wrong_usage);
    return serve(std::move(*options));
}

/// Nothing for "none"; what else it may be was checked.
std::optional<uint16_t> port_of(const std::string& text) {
    if (text == no_port) return std::nullopt;
    return uint16_t(std::stoul(text));
}

std::string check_port(const std::string& text) {
    const bool digits = !text.empty() && text.size() <= 5 &&
                        text.find_first_not_of("0123456789") == std::string::npos;
    if (text == no_port || (digits && std::stoul(text) <= UINT16_MAX)) return "";
    return "give a port, 0 for any, or none";
}

bool is_free_on_loopback(uint16_t port) {
    const int probe = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int yes = 1;
    ::setsockopt(probe, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    const sockaddr_in where{.sin_family = AF_INET,
                            .sin_port = htons(port),
                            .sin_addr = {htonl(INADDR_LOOPBACK)},
                            .sin_zero = {}};
    const bool is_free =
        ::bind(probe, reinterpret_cast<const sockaddr*>(&where), sizeof where) == 0;
    ::close(probe);
    return is_free;
}

int run_up(const UpArguments& arguments) {
    set_up_logging(arguments.log_level);
    std::string folder =
        arguments.data_dir.empty() ? default_data_folder("up") : arguments.data_dir + "/broker";
    broker::ConfigMap defaults{
        {"log.dirs", folder},
        {"listeners", "PLAINTEXT://localhost:" + std::to_string(arguments.port)},
        // A group of one, as on a laptop, does not wait for more members.
        {"group.initial.rebalance.delay.ms", "0"}};
    // A port that nobody asked for is not worth a broker that does not start.
    const auto metrics_port = port_of(arguments.metrics_port);
    const bool serves_metrics = metrics_port && (arguments.metrics_port_given ||
                                                 is_free_on_loopback(*metrics_port));
    if (serves_metrics) defaults["metrics.port"] = arguments.metrics_port;
    auto options = options_of(arguments, std::move(defaults));
    if (!options) return complain(options.error(), wrong_usage);
    if (metrics_port && !options->configs.text_or_null("metrics.port"))
        spdlog::warn("No metrics: port {} is taken. --metrics-port chooses another one.",
                     *metrics_port);
    return serve(std::move(*options), port_of(arguments.exporter_port));
}

int run_tls_init(const std::string& folder) {
    const SystemClock clock;
    const auto written = write_tls_folder(folder, clock);
    if (!written) return complain(written.error(), failure);
    std::fputs(written->c_str(), stdout);
    return EXIT_SUCCESS;
}

}  // namespace

int run_command(int argc, char** argv) {
    become_program(argc, argv);
    CLI::App app("Stoker: a Kafka stack on one machine.", "stoker");
    app.set_version_flag("--version", "stoker " STOKER_VERSION);
    app.require_subcommand(1);

    BrokerArguments broker_arguments;
    CLI::App* broker = app.add_subcommand("broker", "The broker alone, with Kafka's settings");
    add_broker_options(*broker, broker_arguments);

    UpArguments up_arguments;
    CLI::App* up = app.add_subcommand("up", "Everything that this machine needs, with defaults");
    add_broker_options(*up, up_arguments);
    up->add_option("--port", up_arguments.port, "The broker's port; 0: any")->capture_default_str();
    up->add_option("--data-dir", up_arguments.data_dir,
                   "Where state is kept; by default a folder under $XDG_DATA_HOME/stoker");
    up->add_option("--exporter-port", up_arguments.exporter_port,
                   "Where an exporter of consumer lag serves Prometheus; 0: any; none")
        ->check(check_port)
        ->capture_default_str();
    const CLI::Option* metrics_port =
        up->add_option("--metrics-port", up_arguments.metrics_port,
                       "Where the broker's own figures are served to Prometheus; 0: any; none")
            ->check(check_port)
            ->capture_default_str();
    CLI::App* tls = app.add_subcommand("tls", "Certificates for TLS");
    tls->require_subcommand(1);
    CLI::App* tls_init = tls->add_subcommand(
        "init", "Writes certificates, server.properties and client.properties into a folder");
    std::string tls_folder;
    tls_init->add_option("DIR", tls_folder, "The folder; made when it is not there")->required();
    std::string programs;
    for (const std::string& name : program_names(program_folders())) programs += "\n  " + name;
    if (!programs.empty())
        app.footer("Programs of their own (stoker NAME --help says more):" + programs);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return answer_parse_error(app, error);
    }
    up_arguments.metrics_port_given = metrics_port->count() > 0;
    keep_memory_small();
    try {
        if (tls_init->parsed()) return run_tls_init(tls_folder);
        return broker->parsed() ? run_broker(broker_arguments) : run_up(up_arguments);
    } catch (const std::exception& error) {
        return complain(error.what(), failure);
    }
}

}  // namespace stoker::node
