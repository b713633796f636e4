// A `stoker broker` beside the tests, on a free port, with data that goes when it goes. What a
// consumer does with a group is seen by a real broker better than by librdkafka's mock.
#pragma once

#include <poll.h>

#include <csignal>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>

#include "load/child_process.hpp"

namespace stoker::load {

class TestBroker {
public:
    TestBroker() {
        std::string folder =
            (std::filesystem::temp_directory_path() / "stoker-load-test-XXXXXX").string();
        if (mkdtemp(folder.data()) == nullptr) throw std::runtime_error("no temporary folder");
        folder_ = folder;
        auto started = ChildProcess::start(
            STOKER_PROGRAM, {"broker", "--override", "log.dirs=" + folder, "--override",
                             "listeners=PLAINTEXT://127.0.0.1:0", "--override",
                             "num.partitions=4", "--override",
                             "group.initial.rebalance.delay.ms=0", "--log-level", "error"});
        if (!started) throw std::runtime_error(started.error());
        process_ = std::move(*started);
        while (servers_.empty() && !process_->output_ended()) read_servers();
        if (servers_.empty()) throw std::runtime_error("the broker did not get ready");
    }
    ~TestBroker() {
        process_->send(SIGTERM);
        process_->wait(std::chrono::seconds(20));
        std::error_code ignored;
        std::filesystem::remove_all(folder_, ignored);
    }
    TestBroker(const TestBroker&) = delete;
    TestBroker& operator=(const TestBroker&) = delete;

    const std::string& bootstrap_servers() const { return servers_; }

private:
    void read_servers() {
        pollfd output{.fd = process_->output(), .events = POLLIN, .revents = 0};
        ::poll(&output, 1, -1);
        for (const std::string& line : process_->read_lines()) {
            const size_t at = line.find("://");
            if (line.starts_with("stoker broker ready at ")) servers_ = line.substr(at + 3);
        }
    }

    std::filesystem::path folder_;
    std::unique_ptr<ChildProcess> process_;
    std::string servers_;
};

}  // namespace stoker::load
