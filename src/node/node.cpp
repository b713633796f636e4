#include "node/node.hpp"

#include <algorithm>
#include <chrono>
#include <fstream>
#include <map>
#include <optional>
#include <utility>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "broker/authentication/sasl_settings.hpp"
#include "broker/broker.hpp"
#include "broker/config/config_value.hpp"
#include "broker/config/listeners.hpp"
#include "broker/metrics/broker_metrics.hpp"
#include "broker/topic_settings.hpp"
#include "http/metrics_endpoint.hpp"
#include "net/address.hpp"
#include "net/server.hpp"
#include "net/ticker.hpp"
#include "node/tls_listeners.hpp"
#include "storage/cleaner_threads.hpp"
#include "storage/log_cleaner.hpp"
#include "storage/log_manager.hpp"
#include "storage/posix_disk.hpp"
#include "storage/storage_threads.hpp"

namespace stoker::node {

using broker::Broker;
using broker::ConfigStore;

namespace {

/// How late a time-out may fire. Long polls that find data do not wait for it.
constexpr std::chrono::milliseconds broker_tick{10};
/// How soon changed key stores are seen.
constexpr std::chrono::milliseconds tls_look{500};
constexpr const char* creation_rate = "max.connection.creation.rate";
constexpr unsigned storage_threads = 2;

/// What a listener lacks for being reachable from other machines; nothing when it has it.
std::optional<std::string> lacks(const ConfigStore& configs, const broker::Listener& listener) {
    const bool tls = security::uses_tls(listener.protocol);
    bool asks = security::uses_sasl(listener.protocol);
    if (listener.protocol == security::SecurityProtocol::ssl)
        asks = tls_settings(configs, listener).client_auth == security::ClientAuth::required;
    if (tls && asks) return std::nullopt;
    if (tls) return "TLS but no authentication (ssl.client.auth=required, or SASL_SSL)";
    return asks ? "authentication but no TLS" : "no TLS and no authentication";
}

/// The page of figures asks nobody who he is, and has no TLS.
std::optional<std::string> unsafe_metrics(const ConfigStore& configs) {
    if (!configs.text_or_null("metrics.port")) return std::nullopt;
    const std::string host = configs.text("metrics.host");
    if (net::is_loopback(host)) return std::nullopt;
    return "metrics.host is " + (host.empty() ? std::string("empty: all addresses") : host) +
           ", and /metrics has no TLS and no authentication: leave it at 127.0.0.1 (a proxy in "
           "front of it can ask for both), or say --insecure if everybody who can reach it may "
           "read names of topics and figures.";
}

std::optional<std::string> unsafe(const ConfigStore& configs, const broker::Listeners& listeners,
                                  bool insecure) {
    if (insecure) return std::nullopt;
    for (const auto& listener : listeners.opened) {
        if (net::is_loopback(listener.host)) continue;
        if (const auto what = lacks(configs, listener))
            return "Listener " + listener.name + " at " +
                   (listener.host.empty() ? std::string("all addresses") : listener.host) +
                   " has " + *what +
                   ": listen on 127.0.0.1, or make it SASL_SSL (`stoker tls init DIR` writes a "
                   "configuration), or say --insecure if everybody who can reach it may read and "
                   "write everything.";
    }
    return unsafe_metrics(configs);
}

std::expected<std::string, std::string> data_folder(const ConfigStore& configs) {
    std::vector<std::string> folders = configs.list("log.dirs");
    if (folders.size() == 1) return folders.front();
    return std::unexpected(
        "log.dirs names " + std::to_string(folders.size()) +
        " folders; this broker keeps its data in one: name one, on a volume that spans the disks.");
}

/// Empty where there is none: then every crash counts as one of the machine.
std::string boot_id() {
    std::ifstream file("/proc/sys/kernel/random/boot_id");
    std::string id;
    std::getline(file, id);
    return id;
}

storage::LogManager::Options log_options(const ConfigStore& configs, std::string folder) {
    return {.folder = std::move(folder),
            .node_id = configs.int32("node.id"),
            .boot_id = boot_id(),
            .defaults = broker::topic_settings(configs, {}).log,
            .retention_check_interval_ms = configs.int64("log.retention.check.interval.ms"),
            .checkpoint_interval_ms = configs.int32("log.flush.offset.checkpoint.interval.ms"),
            .producer_id_expiration_ms = configs.int32("producer.id.expiration.ms"),
            .recovery_threads = unsigned(configs.int32("num.recovery.threads.per.data.dir"))};
}

storage::LogCleaner::Options cleaner_options(const ConfigStore& configs) {
    return {.threads = unsigned(configs.int32("log.cleaner.threads")),
            .dedupe_buffer_size = configs.int64("log.cleaner.dedupe.buffer.size"),
            .io_buffer_load_factor = configs.real("log.cleaner.io.buffer.load.factor"),
            .io_buffer_size = configs.int32("log.cleaner.io.buffer.size"),
            .io_max_bytes_per_second = configs.real("log.cleaner.io.max.bytes.per.second"),
            .backoff_ms = configs.int64("log.cleaner.backoff.ms")};
}

/// max.connections.per.ip.overrides: host:count, separated by commas. Names are not looked up.
std::map<std::string, size_t> limits_of_addresses(const ConfigStore& configs) {
    std::map<std::string, size_t> limits;
    std::string text = configs.text("max.connections.per.ip.overrides");
    for (const std::string& entry : broker::split_list(text)) {
        size_t colon = entry.rfind(':');
        std::string_view number = std::string_view(entry).substr(std::min(colon, entry.size()));
        if (!number.empty()) number.remove_prefix(1);
        auto count = broker::parse_integer<int32_t>(number);
        if (!count || *count < 0) continue;
        std::string host = broker::canonical_host(broker::trimmed(entry.substr(0, colon)));
        limits[host == "localhost" ? "127.0.0.1" : host] = size_t(*count);
    }
    return limits;
}

net::ServerOptions server_options(const ConfigStore& configs, const broker::Listeners& listeners,
                                  const TlsListeners& tls) {
    net::ServerOptions options;
    for (const auto& listener : listeners.opened) {
        auto& opened = options.listeners.emplace_back();
        opened.name = listener.name;
        opened.host = listener.host;
        opened.port = listener.port;
        opened.protocol = listener.protocol;
        opened.tls = tls.slot(listener.name);
        if (auto own = configs.only_listener_text(listener.name, "max.connections"))
            opened.connections_max = size_t(broker::parse_integer<int32_t>(*own).value_or(0));
    }
    options.io_threads = size_t(configs.int32("num.network.threads"));
    options.frame_size_max = size_t(configs.int32("socket.request.max.bytes"));
    auto limit = [&](const char* name) { return size_t(configs.int32(name)); };
    options.connections_max = std::min(options.connections_max, limit("max.connections"));
    options.connections_max_per_ip =
        std::min(options.connections_max_per_ip, limit("max.connections.per.ip"));
    options.connections_max_of_ip = limits_of_addresses(configs);
    options.idle_ms = configs.int64("connections.max.idle.ms");
    // Its default is larger than what a stranger may send here; who sets it has large tokens.
    constexpr const char* token_size = "sasl.server.max.receive.size";
    if (configs.given_at_start(token_size))
        options.before_authentication.frame_size_max = limit(token_size);
    options.listeners_option = "--override listeners=PLAINTEXT://127.0.0.1:9093";
    return options;
}

}  // namespace

/// In the order of construction; destroyed in the reverse.
struct Node::Parts {
    explicit Parts(ConfigStore store) : configs(std::move(store)) {}

    ConfigStore configs;
    std::unique_ptr<TlsListeners> tls;
    SystemClock clock;
    Random random;
    storage::PosixDisk disk;
    std::unique_ptr<storage::LogManager> logs;
    std::unique_ptr<Broker> broker;
    std::unique_ptr<storage::StorageThreads> threads;
    std::unique_ptr<storage::LogCleaner> cleaner;
    std::unique_ptr<storage::CleanerThreads> cleaner_threads;
    std::unique_ptr<net::Server> server;
    std::unique_ptr<broker::BrokerMetrics> metrics;      // null without metrics.port
    std::unique_ptr<http::Server> metrics_server;        // and so is this
    std::unique_ptr<net::Ticker> broker_ticker;
    std::unique_ptr<net::Ticker> tls_ticker;  // none without TLS
    bool stopped = false;
    bool stopped_clean = false;

    Broker::Options broker_options(const broker::Listeners& listeners) {
        Broker::Options options{
            .node_id = configs.int32("node.id"),
            .advertised = {},
            .disk_thread =
                [parts = this](std::function<void()> task) {
                    return parts->threads->post(std::move(task));
                },
            .check_configs = [parts = this](
                                 const ConfigStore& configs) { return parts->tls->check(configs); },
            .measures_requests = serves_metrics(),
            .configs_changed =
                [parts = this] {
                    parts->tls->refresh();
                    parts->take_cleaner_options();
                }};
        for (const auto& advertised : listeners.advertised)
            options.advertised.push_back({advertised.name, advertised.host, advertised.port});
        return options;
    }
    bool serves_metrics() const { return configs.text_or_null("metrics.port").has_value(); }
    std::expected<void, std::string> serve_metrics() {
        if (!serves_metrics()) return {};
        metrics = std::make_unique<broker::BrokerMetrics>(*broker, *server);
        auto started = http::serve_metrics({.host = configs.text("metrics.host"),
                                            .port = uint16_t(configs.int32("metrics.port")),
                                            .option = "--override metrics.port=…"},
                                           [told = metrics.get()] {
                                               return std::make_shared<const std::string>(
                                                   told->text());
                                           });
        if (!started) return std::unexpected(started.error());
        metrics_server = std::move(*started);
        return {};
    }
    void take_cleaner_options() {
        if (cleaner_threads == nullptr) return;
        cleaner->set_options(cleaner_options(configs));
        cleaner_threads->options_changed();
    }
};

Node::Node(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Node::~Node() {
    stop();
}

std::expected<std::unique_ptr<Node>, std::string> Node::start(NodeOptions options) {
    auto listeners = broker::Listeners::parse(options.configs);
    if (!listeners) return std::unexpected(listeners.error());
    auto sasl = broker::read_sasl(options.configs, *listeners);
    if (!sasl) return std::unexpected(sasl.error());
    if (auto why = unsafe(options.configs, *listeners, options.insecure))
        return std::unexpected(*why);
    auto readable = broker::sends_secrets_readable(*sasl);
    if (readable && !options.insecure) return std::unexpected(*readable);

    auto folder = data_folder(options.configs);
    if (!folder) return std::unexpected(folder.error());

    auto parts = std::make_unique<Parts>(std::move(options.configs));
    auto tls = TlsListeners::open(parts->configs, *listeners);
    if (!tls) return std::unexpected(tls.error());
    parts->tls = std::move(*tls);
    auto logs = storage::LogManager::open(parts->disk, parts->clock, parts->random,
                                          log_options(parts->configs, *folder));
    if (!logs) return std::unexpected(logs.error());
    parts->logs = std::move(*logs);

    auto broker = Broker::open(*parts->logs, parts->configs, parts->clock, parts->random,
                               parts->broker_options(*listeners));
    if (!broker) return std::unexpected(broker.error());
    parts->broker = std::move(*broker);
    parts->threads = std::make_unique<storage::StorageThreads>(*parts->logs, storage_threads);

    if (parts->configs.boolean("log.cleaner.enable")) {
        parts->cleaner = std::make_unique<storage::LogCleaner>(
            *parts->logs, parts->clock, parts->random, cleaner_options(parts->configs));
        parts->cleaner_threads = std::make_unique<storage::CleanerThreads>(*parts->cleaner);
    }

    net::ServerOptions server = server_options(parts->configs, *listeners, *parts->tls);
    server.storage_executor = [threads = parts->threads.get()](std::function<void()> task) {
        threads->post(std::move(task));
    };
    server.admits = [broker = parts->broker.get()](const std::string& address) {
        return broker->connection_rates().admits(address);
    };
    server.accept_pause_ms = [parts = parts.get()] {
        return parts->broker->connection_rates().pause_ms("", parts->configs.int32(creation_rate));
    };
    for (net::ListenerOptions& listener : server.listeners)
        listener.accept_pause_ms = [parts = parts.get(), name = listener.name]() -> int64_t {
            const auto own = parts->configs.only_listener_text(name, creation_rate);
            const auto rate = own ? broker::parse_integer<int32_t>(*own) : std::nullopt;
            return rate ? parts->broker->connection_rates().pause_ms(name, *rate) : 0;
        };
    auto handler = [broker = parts->broker.get()](const net::Peer& peer, MutableByteView frame,
                                                  net::Responder responder) {
        return broker->handle(peer, frame, std::move(responder));
    };
    auto on_close = [broker = parts->broker.get()](uint64_t session) {
        broker->session_closed(session);
    };
    if (broker::RequestMetrics* requests = parts->broker->request_metrics())
        server.observe = [requests] { return requests->make_observer(); };
    auto started = net::Server::start(std::move(server), handler, on_close);
    if (!started) return std::unexpected(started.error());
    parts->server = std::move(*started);
    if (auto served = parts->serve_metrics(); !served) return std::unexpected(served.error());
    parts->broker_ticker = std::make_unique<net::Ticker>(
        broker_tick, [broker = parts->broker.get()] { broker->tick(); });
    const auto encrypted = [](const auto& one) { return security::uses_tls(one.protocol); };
    if (std::ranges::any_of(listeners->opened, encrypted))
        parts->tls_ticker = std::make_unique<net::Ticker>(
            tls_look, [tls = parts->tls.get()] { tls->refresh(); });
    return std::unique_ptr<Node>(new Node(std::move(parts)));
}

std::vector<std::string> Node::addresses() const {
    std::vector<std::string> addresses;
    for (const net::BoundListener& bound : parts_->server->bound()) {
        bool ipv6 = bound.address.find(':') != std::string::npos;
        addresses.push_back(bound.name + "://" +
                            (ipv6 ? "[" + bound.address + "]" : bound.address) + ":" +
                            std::to_string(bound.port));
    }
    return addresses;
}

std::vector<std::string> Node::metrics_addresses() const {
    if (!parts_->metrics_server) return {};
    return http::metrics_addresses(*parts_->metrics_server);
}

bool Node::stop() {
    if (std::exchange(parts_->stopped, true)) return parts_->stopped_clean;
    if (parts_->metrics_server) parts_->metrics_server->stop();
    parts_->broker_ticker->stop();
    if (parts_->tls_ticker) parts_->tls_ticker->stop();
    parts_->server->stop();
    if (parts_->cleaner_threads) parts_->cleaner_threads->stop();
    parts_->threads->stop();
    return parts_->stopped_clean = parts_->logs->stop();
}

}  // namespace stoker::node
