// Bombers of tests: small, quick, and the same in every run.
#pragma once

#include <chrono>
#include <string>

#include "load/consumer_bomber.hpp"
#include "load/producer_bomber.hpp"

namespace stoker::load {

template <class Options>
Options small_options(const std::string& servers, int num_topics) {
    Options options;
    options.config = specified_config();
    options.config.retry.first_delay = std::chrono::milliseconds(1);
    options.config.consumer_startup_delay = std::chrono::milliseconds(1);
    options.bootstrap_servers = servers;
    options.topic_prefix = "t";
    options.num_topics = num_topics;
    options.seed = 1;
    return options;
}

/// Two threads send at this rate.
inline ProducerOptions small_producer(const std::string& servers, int num_topics,
                                     int64_t rate, std::chrono::nanoseconds duration) {
    auto options = small_options<ProducerOptions>(servers, num_topics);
    options.messages_per_second = rate;
    options.num_threads = 2;
    options.duration = duration;
    return options;
}

/// One member reads everything, without processing.
inline ConsumerOptions small_consumer(const std::string& servers, int num_topics) {
    auto options = small_options<ConsumerOptions>(servers, num_topics);
    options.consumer_group = "g";
    options.num_consumers = 1;
    options.auto_offset_reset = "earliest";
    options.processing_delay = std::chrono::milliseconds(0);
    return options;
}

}  // namespace stoker::load
