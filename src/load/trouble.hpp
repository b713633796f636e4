// What a person can do about a cluster that cannot be used, in one line, whichever client found it.
#pragma once

#include <string>

#include "client/error.hpp"
#include "kafka/failure.hpp"

namespace stoker::load {

client::Cause cause_of(const kafka::Failure& failure);
inline bool is_refusal(const kafka::Failure& failure) {
    return client::is_refusal(cause_of(failure));
}
/// A setting that cannot be: nobody was asked yet.
bool is_setting(const kafka::Failure& failure);
/// The failure's own words, with those of what caused it.
std::string words_of(const kafka::Failure& failure);

/// "kafka1:9092: the broker refused the user or the password (…): check --username, …".
std::string explain(const std::string& bootstrap_servers, const client::Error& error);
std::string explain(const std::string& bootstrap_servers, const kafka::Failure& failure);

}  // namespace stoker::load
