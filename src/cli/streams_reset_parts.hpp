// The pure parts of kafka-streams-application-reset.
#pragma once

#include <string>
#include <string_view>

#include "cli/reset_offsets.hpp"
#include "kafka/group_admin.hpp"

namespace stoker::cli {

/// Whether Kafka Streams names its own topics so: changelogs, repartitions, foreign-key joins.
bool is_streams_internal_topic(std::string_view name);

/// Lines of TOPIC,PARTITION,OFFSET. Throws KafkaException for what is none.
OffsetPlan parse_reset_plan(const std::string& csv);

/// As Java's MemberDescription prints itself; a target assignment is of the new protocol.
std::string member_text(const kafka::MemberDescription& member, bool is_new_protocol);

}  // namespace stoker::cli
