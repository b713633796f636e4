// Our own client's copier (transactional_copy.py): reads a topic as a member of a group and writes
// each record to the same partition of another, records and offsets in one transaction, until it is
// killed or told to stop. A tenth of the transactions it aborts.
#include <csignal>
#include <iostream>
#include <random>
#include <stdexcept>
#include <string>

#include "kafka/consume_transform_produce.hpp"

namespace {

using stoker::kafka::ClientProperties;
using stoker::kafka::ConsumerRecord;
using stoker::kafka::ConsumeTransformProduce;

constexpr int abort_one_in = 10;
constexpr int64_t poll_ms = 500;

struct AbortedOnPurpose : std::runtime_error {
    AbortedOnPurpose() : std::runtime_error("one that is aborted on purpose") {}
};

stoker::kafka::Wakeup wakeup;

extern "C" void stop(int) {
    wakeup.raise();
}

ConsumeTransformProduce::Properties properties(const std::string& bootstrap,
                                               const std::string& transactional_id,
                                               const std::string& protocol) {
    ConsumeTransformProduce::Properties made;
    made.consumer.set("bootstrap.servers", bootstrap);
    made.consumer.set("group.id", "copy");
    made.consumer.set("auto.offset.reset", "earliest");
    made.consumer.set("group.protocol", protocol);
    if (protocol == "classic") made.consumer.set("session.timeout.ms", "6000");
    made.producer.set("bootstrap.servers", bootstrap);
    made.producer.set("transactional.id", transactional_id);
    // Much of a transaction is to be at the broker when it is aborted.
    made.producer.set("batch.size", "256");
    made.producer.set("linger.ms", "0");
    return made;
}

void copy(const std::vector<std::string>& arguments) {
    std::mt19937 dice{std::random_device{}()};
    size_t copied = 0;
    const ConsumeTransformProduce::Options options{.records_max = std::stoul(arguments.at(3))};
    const auto transform = [&](const ConsumerRecord& record,
                               const ConsumeTransformProduce::Send& send) {
        send({.topic = "copy-out",
              .partition = record.where->partition,
              .key = record.view.key,
              .value = record.view.value});
        // Somewhere in every tenth transaction.
        if (dice() % (options.records_max * abort_one_in) == 0) throw AbortedOnPurpose();
    };
    const stoker::SystemClock clock;
    const stoker::kafka::Log log(clock, [](std::string_view line) { std::cerr << line << "\n"; });
    const auto loop = value_or_throw(ConsumeTransformProduce::create(
        properties(arguments.at(1), arguments.at(2), arguments.at(4)), options, transform, log,
        clock, &wakeup));
    loop->subscribe({"copy-in"});
    while (!wakeup.raised()) {
        try {
            copied += loop->poll(poll_ms);
        } catch (const AbortedOnPurpose& thrown) {
            std::cerr << "aborts: " << thrown.what() << "\n";
        }
    }
    loop->close();
    std::cerr << "stopped after " << copied << " records\n";
}

}  // namespace

int main(int count, char** words) {
    std::signal(SIGTERM, stop);
    try {
        copy({words, words + count});
    } catch (const std::exception& error) {
        std::cerr << "ends: " << error.what() << "\n";
        return 1;
    }
    return 0;
}
