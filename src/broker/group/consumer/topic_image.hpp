// TopicImage: what the topics of this broker were at one moment, as the coordinator needs it to
// compute assignments: names, ids, counts of partitions.
//
// It never changes, so the broker builds one when its topics have changed and hands the same one
// to everybody until they change again; a shard reads it under its own lock without taking the
// metadata's. Any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/uuid.hpp"

namespace stoker::broker {

struct GroupTopic {
    std::string name;
    Uuid id;
    int32_t partitions = 0;
};

class TopicImage {
public:
    /// No topics at all.
    TopicImage() = default;
    /// `version` rises with every change of a topic, over restarts too (it is stored with what
    /// regular expressions match): an offset of the metadata journal. Names and ids are unique.
    TopicImage(int64_t version, std::vector<GroupTopic> topics);

    int64_t version() const { return version_; }
    const GroupTopic* find(std::string_view name) const;
    const GroupTopic* find(const Uuid& id) const;
    /// By name.
    const std::vector<GroupTopic>& topics() const { return topics_; }

private:
    int64_t version_ = 0;
    std::vector<GroupTopic> topics_;
    std::unordered_map<Uuid, size_t> by_id_;
};

/// The topics as they are now. Called before a shard's lock is taken, so it may take others; called
/// for every request of a member, so it should be cheap as long as nothing changes.
using TopicImageSource = std::function<std::shared_ptr<const TopicImage>()>;

}  // namespace stoker::broker
