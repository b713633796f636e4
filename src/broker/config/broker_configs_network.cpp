// The broker's configs of listeners, connections and requests.
#include <array>

#include "broker/config/broker_configs.hpp"

namespace stoker::broker {
namespace {

using enum ConfigType;
using enum Mutability;
using rules::any;
using rules::at_least;
using rules::non_empty_list;
using rules::none;
using rules::plain_list;

constexpr auto table = std::to_array<ConfigDeclaration>({
    {"advertised.listeners", list, none, read_only, non_empty_list,
     "The addresses told to clients; unset, each client is told the address that it reached."},
    {"background.threads", int32, "10", cluster_wide, at_least(1)},
    {"connection.failed.authentication.delay.ms", int32, "100", read_only, at_least(0),
     "How late a failed authentication is answered, before the connection is closed."},
    {"connections.max.idle.ms", int64, "600000", read_only, any,
     "After how long without a request a connection is closed."},
    {"connections.max.reauth.ms", int64, "0", read_only, any,
     "How long a session of SASL lasts until it must authenticate again; 0: as long as it likes."},
    {"controller.listener.names", list, none, read_only, non_empty_list,
     "Listeners of the KRaft controller: accepted and not opened, since Stoker has no quorum."},
    {"delete.records.purgatory.purge.interval.requests", int32, "1", read_only},
    {"early.start.listeners", list, none, read_only, plain_list},
    {"fetch.max.bytes", int32, "57671680", read_only, at_least(1024),
     "The most bytes that one Fetch answer carries."},
    {"fetch.purgatory.purge.interval.requests", int32, "1000", read_only},
    {"inter.broker.listener.name", string, none, read_only, any,
     "The listener for other brokers; a single node has none to talk to."},
    {"listener.security.protocol.map", string,
     "SASL_SSL:SASL_SSL,PLAINTEXT:PLAINTEXT,SSL:SSL,SASL_PLAINTEXT:SASL_PLAINTEXT",
     per_broker, any,
     "Which security protocol each listener name stands for."},
    {"listeners", list, "PLAINTEXT://127.0.0.1:9092", per_broker, non_empty_list,
     "Where the broker listens: NAME://host:port, separated by commas; port 0 takes a free one. "
     "Stoker's default is the loopback, Apache Kafka's is every interface."},
    {"max.connection.creation.rate", int32, "2147483647", cluster_wide, at_least(0),
     "How many new connections a second are taken."},
    {"max.connections", int32, "2147483647", cluster_wide, at_least(0),
     "How many connections the broker takes in all."},
    {"max.connections.per.ip", int32, "2147483647", cluster_wide, at_least(0),
     "How many connections it takes from one address."},
    {"max.connections.per.ip.overrides", string, "", cluster_wide, any,
     "Other limits for single addresses: host:count, separated by commas."},
    {"max.incremental.fetch.session.cache.slots", int32, "1000", read_only, at_least(0),
     "How many fetch sessions are kept."},
    {"max.request.partition.size.limit", int32, "2000", read_only, at_least(1),
     "The most partitions that one request for partitions of topics may name."},
    {"num.io.threads", int32, "8", cluster_wide, at_least(1),
     "Apache Kafka's pool of request handlers; Stoker handles a request on the thread that read "
     "it, so this has no effect."},
    {"num.network.threads", int32, "3", cluster_wide, at_least(1),
     "The number of io threads, each of which owns its connections. Stoker's default is the "
     "number of cores."},
    {"producer.purgatory.purge.interval.requests", int32, "1000", read_only},
    {"queued.max.request.bytes", int64, "-1", read_only},
    {"queued.max.requests", int32, "500", read_only, at_least(1)},
    {"request.timeout.ms", int32, "30000", read_only, any,
     "How long the broker waits for an answer to a request of its own."},
    {"socket.connection.setup.timeout.max.ms", int64, "30000", read_only},
    {"socket.connection.setup.timeout.ms", int64, "10000", read_only},
    {"socket.listen.backlog.size", int32, "50", read_only, at_least(1),
     "How many connections may wait to be accepted."},
    {"socket.receive.buffer.bytes", int32, "102400", read_only, any,
     "The kernel's receive buffer of a connection; -1 leaves it to the system."},
    {"socket.request.max.bytes", int32, "104857600", read_only, at_least(1),
     "The largest request; a connection that announces a larger one is closed."},
    {"socket.send.buffer.bytes", int32, "102400", read_only, any,
     "The kernel's send buffer of a connection; -1 leaves it to the system."},
});

}  // namespace

std::span<const ConfigDeclaration> network_configs() { return table; }

}  // namespace stoker::broker
