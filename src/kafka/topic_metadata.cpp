#include "kafka/topic_metadata.hpp"

#include <algorithm>

namespace stoker::kafka {
namespace {

using protocol::MetadataRequest;
using protocol::MetadataResponse;

constexpr std::string_view network_logger = "org.apache.kafka.clients.NetworkClient";
constexpr std::string_view metadata_logger = "org.apache.kafka.clients.Metadata";
/// How long a wait for a broker that cannot be reached lasts before the next look at the back-off.
constexpr int64_t wait_slice_ms = 20;
/// A partition number that a broker claims is believed up to this.
constexpr int32_t partition_count_max = 1'000'000;

TopicInfo topic_info(const MetadataResponse::MetadataResponseTopic& topic) {
    TopicInfo info{.id = topic.topic_id, .is_internal = topic.is_internal, .partitions = {}};
    for (const auto& partition : topic.partitions) {
        const int32_t index = raw(partition.partition_index);
        if (index < 0 || index >= partition_count_max) continue;
        if (info.partitions.size() <= size_t(index)) info.partitions.resize(size_t(index) + 1);
        info.partitions[size_t(index)] = {.leader = partition.leader_id,
                                          .leader_epoch = partition.leader_epoch};
    }
    return info;
}

std::string joined_names(const std::vector<std::string>& names) {
    std::string text = "[";
    for (const std::string& name : names) text += (text.size() > 1 ? ", " : "") + name;
    return text + "]";
}

}  // namespace

const TopicInfo* TopicMetadata::find(const std::string& topic) const {
    const auto found = topics_.find(topic);
    return found == topics_.end() ? nullptr : &found->second;
}

std::string TopicMetadata::name_of(const Uuid& id) const {
    const auto found =
        std::ranges::find_if(topics_, [&](const auto& topic) { return topic.second.id == id; });
    return found == topics_.end() ? std::string() : found->first;
}

Outcome<MetadataResponse> TopicMetadata::ask(const MetadataRequest& request, Deadline deadline) {
    for (int attempts = 0;; ++attempts) {
        if (wakeup_ != nullptr && wakeup_->raised()) return failed(woken());
        Outcome<Connection*> to =
            cluster_.try_any(deadline.within(cluster_.settings().connection_setup_timeout_ms));
        if (to) {
            auto answer = (*to)->call<MetadataResponse>(
                request, deadline.within(cluster_.settings().request_timeout_ms));
            if (answer) return answer;
            if (!is_retriable(answer.error())) return answer;
        } else if (is_authentication_failure(to.error())) {
            return failed(to.error());
        }
        if (deadline.passed()) {
            return failed(client_failure("TimeoutException", "Failed to update metadata"));
        }
        wait_readable({}, wakeup_, std::min(wait_slice_ms, deadline.left_ms()));
    }
}

Outcome<MetadataNews> TopicMetadata::refresh(std::optional<std::vector<std::string>> topics,
                                             bool allow_auto_creation, Deadline deadline) {
    MetadataRequest request{.allow_auto_topic_creation = allow_auto_creation};
    if (topics) {
        request.topics.emplace();
        for (std::string& name : *topics) request.topics->push_back({.name = std::move(name)});
    } else {
        request.topics.reset();
    }
    auto answer = ask(request, deadline);
    if (!answer) return failed(answer.error());
    cluster_.learn(*answer);
    refreshed_at_ms_ = cluster_.clock().monotonic_ms();
    return learn(*answer, ++asked_);
}

MetadataNews TopicMetadata::learn(const MetadataResponse& answer, int32_t correlation_id) {
    MetadataNews news;
    std::string errors;
    std::vector<std::string> invalid;
    std::vector<std::string> unauthorized;
    for (const auto& topic : answer.topics) {
        const std::string name = topic.name.value_or(std::string());
        if (topic.error_code == ErrorCode::none) {
            TopicInfo info = topic_info(topic);
            for (const PartitionInfo& partition : info.partitions) {
                if (partition.leader < 0) news.try_again = true;
            }
            topics_.insert_or_assign(name, std::move(info));
            continue;
        }
        topics_.erase(name);
        std::string code(stoker::name(topic.error_code));
        errors += (errors.empty() ? "" : ", ") + name + "=" + code;
        if (topic.error_code == ErrorCode::invalid_topic_exception) {
            invalid.push_back(name);
        } else if (topic.error_code == ErrorCode::topic_authorization_failed) {
            unauthorized.push_back(name);
        } else {
            news.try_again = true;
        }
    }
    const std::string prefix = "[" + name_ + "] ";
    if (!errors.empty()) {
        cluster_.log().warn(prefix +
                                "The metadata response from the cluster reported a recoverable "
                                "issue with correlation id " +
                                std::to_string(correlation_id) + " : {" + errors + "}",
                            network_logger);
    }
    if (!invalid.empty()) {
        const std::string names = joined_names(invalid);
        cluster_.log().error(prefix + "Metadata response reported invalid topics " + names,
                             metadata_logger);
        news.refused = failure_of(ErrorCode::invalid_topic_exception, "Invalid topics: " + names);
    }
    if (!unauthorized.empty()) {
        const std::string names = joined_names(unauthorized);
        cluster_.log().error(prefix + "Topic authorization failed for topics " + names,
                             metadata_logger);
        news.refused = failure_of(ErrorCode::topic_authorization_failed,
                                  "Not authorized to access topics: " + names);
    }
    return news;
}

}  // namespace stoker::kafka
