#include "broker/group/consumer/target.hpp"

#include <cstddef>
#include <string_view>

namespace stoker::broker {

namespace {

/// FNV-1a in 64 bits: it must only be the same from one start to the next. Apache Kafka hashes
/// otherwise; a group that changes hands between the two computes its target once more.
class Hash {
public:
    void add(std::string_view bytes) {
        for (const char byte : bytes) {
            value_ ^= static_cast<unsigned char>(byte);
            value_ *= 0x100000001b3;
        }
    }
    void add(uint64_t number) {
        for (int shift = 0; shift < 64; shift += 8) {
            const char byte = static_cast<char>(number >> shift & 0xff);
            add(std::string_view(&byte, 1));
        }
    }
    int64_t value() const { return static_cast<int64_t>(value_); }

private:
    uint64_t value_ = 0xcbf29ce484222325;
};

}  // namespace

int64_t metadata_hash(const ConsumerGroup& group, const TopicImage& topics) {
    Hash hash;
    bool has_any = false;
    for (const auto& [name, subscribers] : group.subscribed_topics()) {
        const GroupTopic* topic = topics.find(name);
        if (topic == nullptr) continue;
        has_any = true;
        hash.add(name.size());
        hash.add(name);
        hash.add({reinterpret_cast<const char*>(topic->id.bytes.data()), topic->id.bytes.size()});
        hash.add(static_cast<uint64_t>(topic->partitions));
    }
    return has_any ? hash.value() : 0;
}

std::set<Uuid> subscribed_ids(const ConsumerGroup& group, const MemberMetadata& member,
                              const TopicImage& topics) {
    std::set<Uuid> ids;
    for (const auto& name : group.topics_of(member)) {
        if (const GroupTopic* topic = topics.find(name)) ids.insert(topic->id);
    }
    return ids;
}

std::vector<AssignorMember> assignor_members(const ConsumerGroup& group, const TopicImage& topics) {
    std::vector<AssignorMember> members;
    members.reserve(group.members().size());
    for (const auto& [id, member] : group.members()) {
        const auto ids = subscribed_ids(group, member.metadata, topics);
        members.push_back({.id = id,
                           .instance_id = member.metadata.instance_id,
                           .topics = {ids.begin(), ids.end()},
                           .previous = group.target(id)});
    }
    return members;
}

}  // namespace stoker::broker
