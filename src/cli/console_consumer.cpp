// kafka-console-consumer: prints the records of topics as they come.
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <string>

#include "cli/client_tool.hpp"
#include "cli/console_consumer_options.hpp"
#include "cli/interrupt.hpp"
#include "cli/tool_list.hpp"
#include "cli/topic_filter.hpp"
#include "kafka/consumer.hpp"

namespace stoker::cli {
namespace {

using kafka::Failure;
using kafka::KafkaException;

constexpr std::string_view logger = "org.apache.kafka.tools.consumer.ConsoleConsumer";
/// How often a waiting consumer looks whether anybody still reads its output.
constexpr int64_t reader_check_ms = 200;
/// What may be printed before the output is flushed although more has arrived.
constexpr int records_per_flush = 10'000;

class Session {
public:
    Session(ConsoleConsumerOptions options, Streams& io)
        : io_(io), options_(std::move(options)), watches_reader_(is_pipe(STDOUT_FILENO)) {
        io.out.keep_on_when_broken();
    }

    /// What upstream's run() throws is told by the caller.
    int run() {
        consumer_ = kafka::value_or_throw(
            kafka::Consumer::create(options_.consumer, io_.log, io_.clock, &interrupt_.wakeup()));
        tell_of_new_protocol();
        subscribe();
        try {
            process();
        } catch (...) {
            finish();
            throw;
        }
        finish();
        return interrupt_.status_or(has_failed_ ? lenient_exit() : 0);
    }

private:
    static bool is_pipe(int fd) {
        struct stat about {};
        return ::fstat(fd, &about) == 0 && (S_ISFIFO(about.st_mode) || S_ISSOCK(about.st_mode));
    }

    void tell_of_new_protocol() {
        if (options_.partition || consumer_->settings().consumer_protocol) return;
        io_.err.line("The consumer rebalance protocol (KIP-848) is production-ready! Set "
                     "group.protocol=consumer to try it out. See "
                     "https://kafka.apache.org/documentation/#consumer_rebalance_protocol");
    }

    void subscribe() {
        if (options_.include) {
            filter_ = std::make_unique<TopicFilter>(*options_.include);
            consumer_->subscribe(
                [this](const std::string& topic) { return filter_->allows(topic, false); });
        } else if (options_.partition) {
            const kafka::TopicPartition where{*options_.topic, *options_.partition};
            consumer_->assign({where});
            if (options_.offset >= 0) consumer_->seek(where, Offset{options_.offset});
            else consumer_->seek_to(where, options_.offset);
        } else {
            consumer_->subscribe({*options_.topic});
        }
    }

    void process() {
        int unflushed = 0;
        while (options_.max_messages < 0 || count_ < options_.max_messages) {
            const kafka::ConsumerRecord* record = next();
            if (record == nullptr) return;
            ++count_;
            try {
                options_.formatter->write(*record, io_.out);
            } catch (const KafkaException& thrown) {
                if (!options_.skips_on_error) throw;
                log_failure(io_, "Error processing message, skipping this message: ", logger,
                            thrown.failure());
            }
            if (++unflushed >= records_per_flush) {
                unflushed = 0;
                io_.out.flush();
                if (interrupt_.raised()) return;
            }
            if (io_.out.broken()) return tell_of_broken_output();
        }
    }

    /// The next record; null at the end of it all, of which the reason was told.
    const kafka::ConsumerRecord* next() {
        try {
            if (const auto* record = consumer_->next()) return record;
            io_.out.flush();
            const int64_t start_ms = io_.clock.monotonic_ms();
            for (;;) {
                if (reader_is_gone()) {
                    tell_of_broken_output();
                    return nullptr;
                }
                const int64_t waited_ms = io_.clock.monotonic_ms() - start_ms;
                const int64_t left_ms = options_.timeout_ms - waited_ms;
                const int64_t slice_ms =
                    watches_reader_ ? std::min(left_ms, reader_check_ms) : left_ms;
                const auto polled = consumer_->poll(std::max<int64_t>(slice_ms, 0));
                if (!polled) throw KafkaException(polled.error());
                if (const auto* record = consumer_->next()) return record;
                if (io_.clock.monotonic_ms() - start_ms > options_.timeout_ms) {
                    throw KafkaException({.exception =
                                              "org.apache.kafka.common.errors.TimeoutException",
                                          .message = {}});
                }
            }
        } catch (const KafkaException& thrown) {
            if (thrown.failure().is("WakeupException")) return nullptr;
            io_.out.flush();
            log_failure(io_, "Error processing message, terminating consumer process: ", logger,
                        thrown.failure());
            // To end after --timeout-ms is what was asked for, though it is told like an error.
            has_failed_ = thrown.failure().message.has_value();
            return nullptr;
        }
    }

    bool reader_is_gone() const {
        if (io_.out.broken()) return true;
        if (!watches_reader_) return false;
        pollfd output{.fd = STDOUT_FILENO, .events = 0, .revents = 0};
        return ::poll(&output, 1, 0) > 0 && (output.revents & (POLLERR | POLLHUP)) != 0;
    }

    void tell_of_broken_output() {
        io_.err.line("Unable to write to standard out, closing consumer.");
    }

    void finish() {
        consumer_->forget_epochs();
        consumer_->close();
        io_.err.line("Processed a total of " + std::to_string(count_) + " messages");
        if (options_.systest_events) io_.out.line("shutdown_complete");
        io_.out.flush();
    }

    Streams& io_;
    ConsoleConsumerOptions options_;
    bool watches_reader_;
    Interrupt interrupt_;
    std::unique_ptr<TopicFilter> filter_;
    std::unique_ptr<kafka::Consumer> consumer_;
    int64_t count_ = 0;
    bool has_failed_ = false;
};

}  // namespace

int run_console_consumer(const Args& args, Streams& io) {
    ConsoleConsumerOptions options = read_console_consumer_options(args, io);
    Session session(std::move(options), io);
    try {
        return session.run();
    } catch (const KafkaException& thrown) {
        const bool unauthenticated = thrown.failure().is("SaslAuthenticationException") ||
                                     thrown.failure().is("SslAuthenticationException");
        log_failure(io,
                    unauthenticated ? "Authentication failed: terminating consumer process"
                                    : "Unknown error when running consumer: ",
                    logger, thrown.failure());
        return 1;
    }
}

}  // namespace stoker::cli
