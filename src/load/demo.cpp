#include "load/demo.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include <deque>
#include <filesystem>

#include "load/child_process.hpp"
#include "load/demo_result.hpp"
#include "load/signals.hpp"

namespace stoker::load {

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr seconds broker_ready_max{20};
constexpr seconds consumers_ready_max{40};
constexpr seconds without_progress_max{15};
constexpr seconds stop_max{45};
constexpr size_t tail_max = 20;
/// Fits, like the lines below it, into 80 columns.
constexpr const char* live_heading =
    "                                                    p99, milliseconds\n"
    "  time       sent  acknowledged   consumed    MB/s       ack  end to end\n";
constexpr std::string_view ready_words = "stoker broker ready at ";

/// A child with what it said last and the last JSON objects among that.
struct Part {
    const char* name;
    std::unique_ptr<ChildProcess> process;
    std::deque<std::string> tail;
    Json progress;  ///< the last object with a "t"
    Json result;    ///< the last object without

    void take(std::string line) {
        Json json = line.starts_with("{") ? Json::parse(line, nullptr, false) : Json();
        if (json.is_object()) {
            (json.contains("t") ? progress : result) = std::move(json);
            return;
        }
        tail.push_back(std::move(line));
        if (tail.size() > tail_max) tail.pop_front();
    }
    int64_t figure(const char* key) const {
        return progress.is_object() ? progress.value(key, int64_t(0)) : 0;
    }
};

std::filesystem::path own_folder() {
    return std::filesystem::read_symlink("/proc/self/exe").parent_path();
}

/// Beside us as in a build folder, or in bin/ as seen from libexec/stoker/.
std::filesystem::path sibling(const char* name) {
    auto beside = own_folder() / name;
    return std::filesystem::exists(beside) ? beside
                                           : (own_folder() / "../../bin" / name).lexically_normal();
}

class Demo {
public:
    Demo(const DemoOptions& options, Streams streams)
        : options_(options), streams_(streams), terminal_(isatty(fileno(streams.out)) != 0) {}

    ~Demo() {
        stop(consumer_);
        stop(broker_);
        std::error_code ignored;
        if (!temporary_.empty()) std::filesystem::remove_all(temporary_, ignored);
    }

    int run() {
        if (!start_broker() || !prepare_topics() || !start_consumer() || !start_producer())
            return 1;
        follow_producer();
        drain();
        bool stopped = stop(consumer_) == 0;
        stopped &= broker_.process == nullptr || stop(broker_) == 0;
        auto result = demo_result(producer_.result, consumer_.result);
        say(demo_table(result));
        bool ended_well = producer_.process->exit_code() == 0 && stopped;
        if (!ended_well) show_tails();
        return result.holds() && ended_well ? 0 : 1;
    }

private:
    bool start_broker() {
        bootstrap_ = options_.bootstrap_servers;
        if (!bootstrap_.empty()) return true;
        std::string data = options_.data_dir;
        if (data.empty()) {
            temporary_ = (std::filesystem::temp_directory_path() / "stoker-demo-XXXXXX").string();
            if (!mkdtemp(temporary_.data())) return fail("no temporary directory can be made");
            data = temporary_;
        }
        if (!start(broker_, "stoker",
                   {"up", "--port", "0", "--exporter-port", "none", "--metrics-port", "none",
                    "--data-dir", data}))
            return false;
        auto begin = Clock::now();
        while (Clock::now() - begin < broker_ready_max) {
            pump();
            for (auto& line : broker_.tail) {
                size_t at = line.find(ready_words);
                size_t address = at == std::string::npos ? at : line.find("://", at);
                if (address == std::string::npos) continue;
                bootstrap_ = line.substr(address + 3);
                bootstrap_.erase(bootstrap_.find_last_not_of(" \r") + 1);
                say(line.substr(at) + "\n");
                return true;
            }
            if (interrupted_ || broker_.process->exit_code()) break;
        }
        return fail("the broker did not get ready");
    }

    std::vector<std::string> common() const {
        return {"--bootstrap-servers", bootstrap_,
                "--security-protocol", "PLAINTEXT",
                "--topic-prefix",      "stoker-demo",
                "--num-topics",        std::to_string(options_.topics),
                "--env-file",          "/dev/null"};
    }

    /// A producer that sends nothing still makes the broker create the topics.
    bool prepare_topics() {
        Part creator{.name = "producer-bomber"};
        auto arguments = common();
        arguments.insert(arguments.end(), {"--duration-seconds", "0", "--num-threads", "1"});
        if (!start(creator, creator.name, arguments)) return false;
        auto begin = Clock::now();
        while (!creator.process->exit_code() && !interrupted_ && Clock::now() - begin < stop_max) {
            pump();
            read(creator);
        }
        read(creator);
        if (creator.process->exit_code() == 0) return true;
        producer_ = std::move(creator);
        return fail("the topics could not be created");
    }

    /// Waits until the group has settled: latencies are those of a running system.
    bool start_consumer() {
        auto arguments = common();
        arguments.insert(arguments.end(), {"--consumer-group", "stoker-demo", "--num-consumers",
                                           std::to_string(options_.consumers),
                                           "--processing-delay-ms", "0", "--duration-minutes",
                                           "100000", "--verify", "--json", "--progress", "json"});
        if (!start(consumer_, "consumer-bomber", arguments)) return false;
        auto begin = Clock::now();
        int64_t wanted = std::min(options_.consumers, options_.topics);
        while (consumer_.figure("consumers_assigned") < wanted) {
            pump();
            bool late = Clock::now() - begin > consumers_ready_max;
            if (interrupted_ || late || consumer_.process->exit_code())
                return fail("the consumers got no partitions");
        }
        say(fmt::format("{} consumers share {} partitions\n",
                        consumer_.figure("consumers_assigned"),
                        consumer_.figure("partitions_assigned")));
        return true;
    }

    bool start_producer() {
        auto arguments = common();
        arguments.insert(
            arguments.end(),
            {"--messages-per-second", std::to_string(options_.rate), "--num-threads",
             std::to_string(options_.threads), "--duration-seconds",
             fmt::format("{}", options_.seconds), "--verify", "--json", "--progress", "json"});
        return start(producer_, "producer-bomber", arguments);
    }

    void follow_producer() {
        bool told = false;
        while (!producer_.process->exit_code()) {
            pump();
            if (interrupted_ && !told) producer_.process->send(SIGTERM);
            told = interrupted_;
            if (producer_.figure("t") > shown_s_) show_live();
        }
        read(producer_);
        if (terminal_) say("\n");
    }

    void show_live() {
        shown_s_ = producer_.figure("t");
        int64_t bytes = producer_.figure("bytes");
        auto p99 = [](const Part& part) {
            return part.progress.is_object() ? part.progress.value("p99_ms", 0.0) : 0.0;
        };
        if (shown_bytes_ == 0) say(live_heading);
        say(fmt::format("{}{:>4} s {:>10} {:>13} {:>10} {:>7.2f} {:>9.1f} {:>11.1f}{}",
                        terminal_ ? "\r" : "", shown_s_, producer_.figure("sent"),
                        producer_.figure("acked"), consumed(), double(bytes - shown_bytes_) / 1e6,
                        p99(producer_), p99(consumer_), terminal_ ? "" : "\n"));
        shown_bytes_ = bytes;
    }

    /// Distinct messages of this run.
    int64_t consumed() const {
        const Json& from = producer_.result.is_object() ? producer_.result : producer_.progress;
        if (!from.is_object() || !consumer_.progress.is_object()) return 0;
        auto runs = consumer_.progress.find("distinct_by_run");
        if (runs == consumer_.progress.end()) return 0;
        return runs->value(from.value("run_id", ""), int64_t(0));
    }

    void drain() {
        if (!producer_.result.is_object()) return;
        int64_t wanted = producer_.result.value("messages_sent", int64_t(0));
        int64_t last = consumed();
        auto since = Clock::now();
        while (last < wanted && Clock::now() - since < without_progress_max &&
               !consumer_.process->exit_code()) {
            pump();
            if (consumed() > last) since = Clock::now();
            last = consumed();
        }
    }

    /// Reads what the children say; waits for that or for a signal a tenth of a second at most.
    void pump() {
        std::vector<pollfd> waiting;
        for (Part* part : {&broker_, &consumer_, &producer_})
            if (part->process && !part->process->output_ended())
                waiting.push_back({.fd = part->process->output(), .events = POLLIN, .revents = 0});
        poll(waiting.data(), waiting.size(), 50);
        for (Part* part : {&broker_, &consumer_, &producer_}) read(*part);
        interrupted_ |= signals_.wait_for(milliseconds(interrupted_ ? 50 : 0));
    }

    void read(Part& part) {
        if (!part.process) return;
        for (auto& line : part.process->read_lines()) part.take(std::move(line));
    }

    bool start(Part& part, const char* program, const std::vector<std::string>& arguments) {
        auto process = ChildProcess::start(sibling(program), arguments);
        if (!process) return fail(process.error() + ": build the programs first (make build)");
        part.process = std::move(*process);
        return true;
    }

    /// Asks the child to end and returns its exit code, -1 when it did not.
    int stop(Part& part) {
        if (!part.process) return 0;
        part.process->send(SIGTERM);
        auto begin = Clock::now();
        while (!part.process->exit_code() && Clock::now() - begin < stop_max) {
            part.process->wait(milliseconds(20));
            read(part);
        }
        read(part);
        return part.process->exit_code().value_or(-1);
    }

    bool fail(const std::string& why) {
        std::fflush(streams_.out);
        if (interrupted_) return false;
        fmt::print(streams_.error, "stoker-demo: {}\n", why);
        show_tails();
        return false;
    }

    void show_tails() {
        for (Part* part : {&broker_, &consumer_, &producer_}) {
            if (part->process) read(*part);
            for (auto& line : part->tail)
                fmt::print(streams_.error, "  {}: {}\n", part->name, line);
        }
    }

    void say(const std::string& text) {
        std::fputs(text.c_str(), streams_.out);
        std::fflush(streams_.out);
    }

    DemoOptions options_;
    Streams streams_;
    bool terminal_;
    Signals signals_;
    bool interrupted_ = false;
    std::string temporary_;
    std::string bootstrap_;
    int64_t shown_s_ = 0;
    int64_t shown_bytes_ = 0;
    Part broker_{.name = "stoker up"};
    Part consumer_{.name = "consumer-bomber"};
    Part producer_{.name = "producer-bomber"};
};

}  // namespace

std::expected<DemoOptions, EarlyExit> parse_demo_options(int argc, const char* const* argv) {
    LayeredOptions options("stoker-demo",
                           "Sends a load through a broker and accounts for every message.");
    options.declare({"--seconds", "", "How long the load lasts", "60"});
    options.declare({"--rate", "", "Messages a second", "5000"});
    options.declare({"--topics", "", "Number of topics", "10"});
    options.declare({"--threads", "", "Number of producers", "2"});
    options.declare({"--consumers", "", "Number of consumers", "3"});
    options.declare({"--bootstrap-servers,--bootstrap-server", "",
                     "Use this cluster (PLAINTEXT) and start no broker", ""});
    options.declare({"--data-dir", "", "Keep the broker's data here", ""});
    if (auto exit = options.parse(argc, argv, [](const char*) { return nullptr; }))
        return std::unexpected(*exit);
    try {
        return DemoOptions{.seconds = options.decimal("--seconds", 1, 86'400),
                           .rate = options.whole("--rate", 1, 10'000'000),
                           .topics = options.whole("--topics", 1, 1'000),
                           .threads = options.whole("--threads", 1, 256),
                           .consumers = options.whole("--consumers", 1, 256),
                           .bootstrap_servers = options.text("--bootstrap-servers"),
                           .data_dir = options.text("--data-dir")};
    } catch (const UsageError& error) {
        return std::unexpected(
            EarlyExit{.code = 2, .error = fmt::format("stoker-demo: {}\n", error.what())});
    }
}

int run_demo(const DemoOptions& options, Streams streams) {
    return Demo(options, streams).run();
}

}  // namespace stoker::load
