#include "bench/versus/subject.hpp"

#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <thread>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "bench/measure/server_process.hpp"
#include "bench/wire/kafka_wire.hpp"

namespace stoker::bench {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::seconds answer_wait_max(30);
constexpr auto cluster_id = "c3Rva2VyLWJlbmNoLTAwMQ";
/// The release's defaults (bin/kafka-run-class.sh) but for the heap.
constexpr std::array jvm_flags{"-server",
                               "-XX:+UseG1GC",
                               "-XX:MaxGCPauseMillis=20",
                               "-XX:InitiatingHeapOccupancyPercent=35",
                               "-XX:+ExplicitGCInvokesConcurrent",
                               "-XX:MaxInlineLevel=15"};
/// What differs from everybody's defaults, for Stoker and Apache Kafka alike: groups need not wait
/// for more members when they form, which is not measured, and deleted topics go soon.
constexpr std::array common_settings{"group.initial.rebalance.delay.ms=0",
                                     "log.segment.delete.delay.ms=1000"};

constexpr auto logging = R"(status = error
appender.out.type = Console
appender.out.name = out
appender.out.layout.type = PatternLayout
appender.out.layout.pattern = %d %p %m (%c)%n
rootLogger.level = warn
rootLogger.appenderRef.out.ref = out
)";

/// A port that was free just now.
uint16_t free_port() {
    const int probe = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    const bool found =
        ::bind(probe, generic, size) == 0 && ::getsockname(probe, generic, &size) == 0;
    ::close(probe);
    if (!found) throw std::runtime_error("no port is free");
    return ntohs(address.sin_port);
}

void write_file(const fs::path& path, const std::string& text) {
    std::ofstream file(path, std::ios::trunc);
    file << text;
    if (!file.flush()) throw std::runtime_error("cannot write " + path.string());
}

fs::path java() {
    if (const char* home = std::getenv("JAVA_HOME")) return fs::path(home) / "bin/java";
    const char* path = std::getenv("PATH");
    std::string folders = path ? path : "/usr/bin";
    for (size_t begin = 0; begin <= folders.size();) {
        const size_t end = std::min(folders.find(':', begin), folders.size());
        const fs::path program = fs::path(folders.substr(begin, end - begin)) / "java";
        if (::access(program.c_str(), X_OK) == 0) return program;
        begin = end + 1;
    }
    throw std::runtime_error("there is no java");
}

std::vector<std::string> java_command(const ApacheKafka& kafka) {
    std::vector<std::string> command{java().string(), "-Xmx" + kafka.heap, "-Xms" + kafka.heap};
    command.insert(command.end(), jvm_flags.begin(), jvm_flags.end());
    const fs::path log4j = kafka.folder / "log4j2.properties";
    command.push_back("-Dlog4j2.configurationFile=" + log4j.string());
    command.insert(command.end(), {"-cp", (kafka.libs / "*").string()});
    return command;
}

/// Runs a program to its end with its output in `output`.
void run_program(const std::vector<std::string>& arguments, const fs::path& output) {
    const pid_t process = ::fork();
    if (process < 0) throw std::runtime_error("cannot fork");
    if (process == 0) {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (!std::freopen(output.c_str(), "w", stdout)) ::_exit(127);
        ::dup2(STDOUT_FILENO, STDERR_FILENO);
        std::vector<char*> raw;
        for (const auto& argument : arguments) raw.push_back(const_cast<char*>(argument.c_str()));
        raw.push_back(nullptr);
        ::execv(raw[0], raw.data());
        ::_exit(127);
    }
    int status = 0;
    ::waitpid(process, &status, 0);
    if (status == 0) return;
    std::ifstream file(output);
    const std::string said{std::istreambuf_iterator<char>(file), {}};
    throw std::runtime_error(fmt::format("{} failed:\n{}", fmt::join(arguments, " "), said));
}

/// The controller's port is part of what is formatted, so it is the same at every start.
void format(const ApacheKafka& kafka, uint16_t controller_port) {
    fs::create_directories(kafka.folder);
    write_file(kafka.folder / "log4j2.properties", logging);
    const fs::path properties = kafka.folder / "server.properties";
    write_file(properties,
               kafka_properties(kafka.folder / "data", free_port(), controller_port));
    auto command = java_command(kafka);
    command.insert(command.end(), {"kafka.tools.StorageTool", "format", "--standalone", "-t",
                                   cluster_id, "-c", properties.string()});
    run_program(command, kafka.folder / "format.log");
}

Server start_kafka(const ApacheKafka& kafka, uint16_t controller_port, const fs::path& folder) {
    const fs::path data = folder / "data", properties = folder / "server.properties";
    fs::copy(kafka.folder / "data", data, fs::copy_options::recursive);
    const uint16_t port = free_port();
    write_file(properties, kafka_properties(data, port, controller_port));
    auto command = java_command(kafka);
    command.insert(command.end(), {"kafka.Kafka", properties.string()});
    return Server(ServerCommand{.arguments = std::move(command),
                                .ready = "",
                                .core = {},
                                .port = port,
                                .output = folder / "kafka.log"});
}

}  // namespace

std::string kafka_version(const fs::path& libs) {
    std::error_code none;
    for (const auto& entry : fs::directory_iterator(libs, none)) {
        const std::string name = entry.path().filename();
        const std::string before = "kafka-clients-", after = ".jar";
        if (!name.starts_with(before) || !name.ends_with(after)) continue;
        return name.substr(before.size(), name.size() - before.size() - after.size());
    }
    return "";
}

std::string kafka_properties(const fs::path& data, uint16_t port, uint16_t controller_port) {
    const std::string broker = fmt::format("PLAINTEXT://127.0.0.1:{}", port);
    const std::string controller = fmt::format("CONTROLLER://127.0.0.1:{}", controller_port);
    std::string text = fmt::format(
        "process.roles=broker,controller\n"
        "node.id=1\n"
        "controller.quorum.bootstrap.servers=127.0.0.1:{}\n"
        "listeners={},{}\n"
        "advertised.listeners={},{}\n"
        "inter.broker.listener.name=PLAINTEXT\n"
        "controller.listener.names=CONTROLLER\n"
        "log.dirs={}\n",
        controller_port, broker, controller, broker, controller, data.string());
    text +=
        "listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT\n"
        "num.network.threads=3\n"
        "num.io.threads=8\n"
        "socket.send.buffer.bytes=102400\n"
        "socket.receive.buffer.bytes=102400\n"
        "socket.request.max.bytes=104857600\n"
        "num.partitions=1\n"
        "num.recovery.threads.per.data.dir=2\n"
        "offsets.topic.replication.factor=1\n"
        "share.coordinator.state.topic.replication.factor=1\n"
        "share.coordinator.state.topic.min.isr=1\n"
        "transaction.state.log.replication.factor=1\n"
        "transaction.state.log.min.isr=1\n"
        "log.retention.hours=168\n"
        "log.segment.bytes=1073741824\n"
        "log.retention.check.interval.ms=300000\n";
    for (const char* setting : common_settings) text += fmt::format("{}\n", setting);
    return text;
}

void await_first_answer(uint16_t port) {
    const auto deadline = std::chrono::steady_clock::now() + answer_wait_max;
    while (true) {
        try {
            if (ask_brokers(port) > 0) return;
        } catch (const std::runtime_error&) {
            // A server that is on its way up may close connections.
            if (std::chrono::steady_clock::now() > deadline) throw;
        }
        if (std::chrono::steady_clock::now() > deadline) {
            throw std::runtime_error("no broker answers");
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
}

Subject stoker_subject(const fs::path& binary) {
    const std::vector<std::string> settings(common_settings.begin(), common_settings.end());
    Servers servers;
    servers.broker = binary;
    return {.name = stoker_name,
            .description = fmt::format("broker, defaults, {}", fmt::join(settings, ", ")),
            .start = [=](const fs::path& folder) {
                return start_broker(servers, folder / "data", settings);
            }};
}

Subject apache_kafka_subject(const ApacheKafka& kafka) {
    const std::string version = kafka_version(kafka.libs);
    if (version.empty()) {
        throw std::runtime_error("no jars of Apache Kafka in " + kafka.libs.string());
    }
    const uint16_t controller_port = free_port();
    format(kafka, controller_port);
    return {.name = apache_kafka_name,
            .description = fmt::format(
                "{}, one node (broker and controller), the release's server.properties, {}; JVM: "
                "-Xmx{} -Xms{} {}",
                version, fmt::join(common_settings, ", "), kafka.heap, kafka.heap,
                fmt::join(jvm_flags, " ")),
            .start = [=](const fs::path& folder) {
                return start_kafka(kafka, controller_port, folder);
            }};
}

Subject kfake_subject(const fs::path& binary) {
    const auto start = [=](std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), binary.string());
        return Server(ServerCommand{
            .arguments = std::move(arguments), .ready = "kfake ready at ", .core = {}});
    };
    return {.name = kfake_name,
            .description = "franz-go's kfake in memory; the durable class with files, synced at "
                           "every batch",
            .start = [=](const fs::path&) { return start({}); },
            .start_durable =
                [=](const fs::path& folder) {
                    return start({"-data-dir", (folder / "durable").string()});
                },
            .knows_topic_configs = false};
}

}  // namespace stoker::bench
