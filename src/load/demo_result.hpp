// DemoResult: what the demonstration says at the end, made from the last lines of the two bombers.
#pragma once

#include <cstdint>
#include <string>

#include "load/json.hpp"

namespace stoker::load {

struct DemoResult {
    int64_t sent = 0;  ///< handed to the client library
    int64_t acknowledged = 0;
    int64_t failed = 0;      ///< of the producer and the consumer
    int64_t consumed = 0;    ///< of this run, each once
    int64_t duplicated = 0;  ///< of this run
    double mb_per_second = 0;
    double messages_per_second = 0;
    Json ack_ms;
    Json end_to_end_ms;

    int64_t lost() const { return acknowledged > consumed ? acknowledged - consumed : 0; }
    bool holds() const { return acknowledged > 0 && lost() == 0 && duplicated == 0 && failed == 0; }
};

/// Both may be null (a program that died): everything then counts as failed or lost.
DemoResult demo_result(const Json& producer, const Json& consumer);
/// The table, and a sentence below it.
std::string demo_table(const DemoResult& result);

}  // namespace stoker::load
