// The headers of requests and replies, as Spring Kafka's ReplyingKafkaTemplate has them, so that
// either side may be a Java service.
#pragma once

#include <string_view>

namespace stoker::exchange {

/// 16 bytes, a random UUID; other clients may send text. The reply has the request's.
inline constexpr std::string_view correlation_id_header = "kafka_correlationId";
/// UTF-8.
inline constexpr std::string_view reply_topic_header = "kafka_replyTopic";
/// Four bytes, big-endian; any partition when it is missing.
inline constexpr std::string_view reply_partition_header = "kafka_replyPartition";
/// Ours: why the responder's command failed, in words. The reply's value is what it printed.
inline constexpr std::string_view failure_header = "stoker_failure";

}  // namespace stoker::exchange
