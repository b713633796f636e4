// OffsetFetch (9), versions 1 to 10.
//
// Behaviour: the offsets that a group committed; -1 where it committed none. Needs DESCRIBE of the
// group, and of each topic: those without it are refused when they are named, and left out when all
// are asked for.
// Version notes: null topics (all) from 2, several groups from 8, topic ids in 10.
#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

#include "broker/broker.hpp"
#include "broker/handlers/handlers.hpp"
#include "broker/security/access.hpp"

namespace stoker::broker {

using protocol::OffsetFetchRequest;
using protocol::OffsetFetchResponse;

namespace {

constexpr int16_t first_version_with_group_error = 2;
constexpr int16_t first_version_with_groups = 8;
constexpr int16_t first_version_with_topic_ids = 10;

/// Of one group, in the shape of either generation of the request: what it answers apart from what
/// is asked of the coordinator.
template <class Topics, class Answers>
class Guarding {
public:
    Guarding(Broker& broker, const Access& access, int16_t version)
        : broker_(broker), access_(access), version_(version) {}

    void refuse_all(const std::optional<Topics>& topics, Answers& answers, ErrorCode error) const {
        if (!topics) return;
        for (const auto& topic : *topics) refuse(topic, answers, error);
    }
    /// Takes the topics out that the sender may not see.
    Answers take_denied(std::optional<Topics>& topics) const {
        Answers denied;
        if (!topics) return denied;
        std::vector<std::string> names;
        for (const auto& topic : *topics)
            if (auto name = name_of(topic); !name.empty()) names.push_back(std::move(name));
        auto seen = access_.filter(Right::offset_fetch_topic, names, std::identity{});
        std::erase_if(*topics, [&](const auto& topic) {
            std::string name = name_of(topic);
            if (name.empty() || seen.contains(name)) return false;
            refuse(topic, denied, ErrorCode::topic_authorization_failed);
            return true;
        });
        return denied;
    }
    /// Leaves out of an answer about all topics those that the sender may not see.
    void hide(Answers& answers) const {
        auto seen = access_.filter(Right::offset_fetch_all_topics, answers,
                                   [&](const auto& topic) { return name_of(topic); });
        std::erase_if(answers,
                      [&](const auto& topic) { return !seen.contains(name_of(topic)); });
    }

private:
    /// Empty: nobody knows the id, which is no secret.
    template <class T>
    std::string name_of(const T& topic) const {
        if constexpr (requires { topic.topic_id; }) {
            if (version_ >= first_version_with_topic_ids) {
                auto found = broker_.metadata().find(topic.topic_id);
                return found ? found->name : std::string();
            }
        }
        return topic.name;
    }
    static void refuse(const auto& topic, Answers& answers, ErrorCode error) {
        auto& answer = answers.emplace_back();
        answer.name = topic.name;
        if constexpr (requires { answer.topic_id; }) answer.topic_id = topic.topic_id;
        for (PartitionId partition : topic.partition_indexes)
            answer.partitions.push_back({.partition_index = partition,
                                         .committed_offset = Offset{-1},
                                         .metadata = "",
                                         .error_code = error});
    }

    Broker& broker_;
    const Access& access_;
    int16_t version_;
};

using OldTopics = std::vector<OffsetFetchRequest::OffsetFetchRequestTopic>;
using OldAnswers = std::vector<OffsetFetchResponse::OffsetFetchResponseTopic>;
using Topics = std::vector<OffsetFetchRequest::OffsetFetchRequestTopics>;
using Answers = std::vector<OffsetFetchResponse::OffsetFetchResponseTopics>;

void fetch_of_one(Broker& broker, const Request& request, const Access& access,
                  OffsetFetchRequest asked, Reply<OffsetFetchResponse> reply) {
    int16_t version = reply.version();
    Guarding<OldTopics, OldAnswers> guarding(broker, access, version);
    if (!access.allows(Right::offset_fetch_group, asked.group_id)) {
        OffsetFetchResponse refused;
        if (version >= first_version_with_group_error)
            refused.error_code = ErrorCode::group_authorization_failed;
        else
            guarding.refuse_all(asked.topics, refused.topics,
                                ErrorCode::group_authorization_failed);
        return std::move(reply)(refused);
    }
    bool all = !asked.topics;
    OldAnswers denied = guarding.take_denied(asked.topics);
    broker.groups().fetch_offsets(
        group_call(request, std::move(asked)),
        [&broker, access, version, all, denied = std::move(denied),
         reply = std::move(reply)](auto response) mutable {
            Guarding<OldTopics, OldAnswers> answering(broker, access, version);
            if (all) answering.hide(response.topics);
            std::ranges::move(denied, std::back_inserter(response.topics));
            std::move(reply)(response);
        });
}

void fetch_of_groups(Broker& broker, const Request& request, const Access& access,
                     OffsetFetchRequest asked, Reply<OffsetFetchResponse> reply) {
    int16_t version = reply.version();
    Guarding<Topics, Answers> guarding(broker, access, version);
    struct Asked {
        std::string group_id;
        bool refused = false;
        bool all = false;
        Answers denied;
    };
    std::vector<Asked> groups;
    std::erase_if(asked.groups, [&](auto& group) {
        Asked& one = groups.emplace_back();
        one.group_id = group.group_id;
        one.refused = !access.allows(Right::offset_fetch_group, group.group_id);
        if (one.refused) return true;
        one.all = !group.topics;
        one.denied = guarding.take_denied(group.topics);
        return false;
    });
    broker.groups().fetch_offsets(
        group_call(request, std::move(asked)),
        [&broker, access, version, groups = std::move(groups),
         reply = std::move(reply)](auto response) mutable {
            Guarding<Topics, Answers> answering(broker, access, version);
            OffsetFetchResponse whole;
            auto next = response.groups.begin();
            for (Asked& one : groups) {
                if (one.refused) {
                    auto& group = whole.groups.emplace_back();
                    group.group_id = one.group_id;
                    group.error_code = ErrorCode::group_authorization_failed;
                    continue;
                }
                auto& group = whole.groups.emplace_back(std::move(*next++));
                if (one.all) answering.hide(group.topics);
                if (group.error_code == ErrorCode::none)
                    std::ranges::move(one.denied, std::back_inserter(group.topics));
            }
            std::move(reply)(whole);
        });
}

}  // namespace

void offset_fetch(Broker& broker, const Request& request, OffsetFetchRequest asked,
                  Reply<OffsetFetchResponse> reply) {
    const Access access(broker, request);
    if (!access.enforced())
        return broker.groups().fetch_offsets(group_call(request, std::move(asked)),
                                             kept(std::move(reply)));
    if (reply.version() < first_version_with_groups)
        return fetch_of_one(broker, request, access, std::move(asked), std::move(reply));
    fetch_of_groups(broker, request, access, std::move(asked), std::move(reply));
}

}  // namespace stoker::broker
