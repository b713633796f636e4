// Regular expressions that consumers subscribe with (KIP-848). Kafka's are RE2's, matched against
// the whole name of a topic; so are these: no back references, no look-around, linear time.
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "broker/group/consumer/topic_image.hpp"

namespace stoker::broker {

/// What is wrong with it, in Apache Kafka's words; nothing: it is one.
std::optional<std::string> regex_error(std::string_view regex);

/// Whether it matches the whole of a text. What is no regular expression matches nothing.
std::function<bool(std::string_view)> whole_match(std::string_view regex);

/// Names of the topics that match. None when it is not a regular expression (an older broker took
/// it for one).
std::set<std::string> matching_topics(std::string_view regex, const TopicImage& topics);

}  // namespace stoker::broker
