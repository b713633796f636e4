#include "broker/group/consumer/topic_image.hpp"

#include <algorithm>
#include <utility>

namespace stoker::broker {

TopicImage::TopicImage(int64_t version, std::vector<GroupTopic> topics)
    : version_(version), topics_(std::move(topics)) {
    std::ranges::sort(topics_, {}, &GroupTopic::name);
    by_id_.reserve(topics_.size());
    for (size_t i = 0; i < topics_.size(); ++i) by_id_.emplace(topics_[i].id, i);
}

const GroupTopic* TopicImage::find(std::string_view name) const {
    const auto name_of = [](const GroupTopic& topic) -> std::string_view { return topic.name; };
    const auto found = std::ranges::lower_bound(topics_, name, {}, name_of);
    return found != topics_.end() && found->name == name ? &*found : nullptr;
}

const GroupTopic* TopicImage::find(const Uuid& id) const {
    const auto found = by_id_.find(id);
    return found == by_id_.end() ? nullptr : &topics_[found->second];
}

}  // namespace stoker::broker
