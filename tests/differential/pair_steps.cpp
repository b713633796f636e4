// Two members of one classic group. Who joins waits for the other, so each has a connection. A step
// is a whole story, from the first join to the last leave, with chance in its details.
#include "protocol/messages/11_join_group.hpp"
#include "protocol/messages/12_heartbeat.hpp"
#include "protocol/messages/13_leave_group.hpp"
#include "protocol/messages/14_sync_group.hpp"
#include "protocol/messages/15_describe_groups.hpp"
#include "steps.hpp"

namespace stoker::differential {

namespace {

using protocol::DescribeGroupsRequest;
using protocol::DescribeGroupsResponse;
using protocol::HeartbeatRequest;
using protocol::HeartbeatResponse;
using protocol::JoinGroupRequest;
using protocol::JoinGroupResponse;
using protocol::LeaveGroupRequest;
using protocol::LeaveGroupResponse;
using protocol::SyncGroupRequest;
using protocol::SyncGroupResponse;

const std::string first = "@first of the pair";
const std::string second = "@second of the pair";
constexpr int16_t describe_version = 5;

class Pair {
public:
    /// A group of its own, so that no story depends on how another ended.
    explicit Pair(Duel& duel)
        : duel_(duel), group_("g-pair-" + std::to_string(++duel.model.pairs)) {
        // One version for all its joins: who was told its id as a dynamic member is no static one.
        constexpr int16_t static_since = 5;
        version_ = duel_.draw_version(JoinGroupRequest::api);
        first_is_static_ = version_ >= static_since && draw().chance(25);
        second_is_static_ = version_ >= static_since && draw().chance(25);
        // Whatever an unfinished story left to be read.
        for (World* world : {&duel_.kafka, &duel_.stoker}) world->second.close();
    }

    void play() {
        join_alone(first);
        sync_alone(first);
        if (!second_comes()) return;
        first_follows();
        sync_both();
        look();
        leave(draw().chance(50) ? second : first);
        leave(left_ == first ? second : first);
        look();
    }

private:
    Draw& draw() { return duel_.draw; }

    JoinGroupRequest join_of(const std::string& member, bool known) {
        JoinGroupRequest request{.group_id = group_,
                                 .session_timeout_ms = 600'000,
                                 .rebalance_timeout_ms = 300'000,
                                 .member_id = known ? member : "",
                                 .protocol_type = "consumer"};
        bool is_static = member == first ? first_is_static_ : second_is_static_;
        if (is_static) request.group_instance_id = member == first ? "one" : "two";
        request.protocols = {{.name = "range", .metadata = to_bytes("r")}};
        if (draw().chance(50)) request.protocols.push_back({.name = "sticky"});
        return request;
    }

    void note_join(const std::string& member, World& world, const JoinGroupResponse& got) {
        bool admitted = got.error_code == ErrorCode::none ||
                        got.error_code == ErrorCode::member_id_required;
        if (!admitted) return;
        world.learn_text(member, got.member_id);
        if (!world.is_reference()) return;
        must_name_itself_ = got.error_code == ErrorCode::member_id_required;
        if (!must_name_itself_) generation_ = got.generation_id;
    }

    void join(const std::string& member, bool known) {
        duel_.exchange_in<JoinGroupResponse>(
            version_, join_of(member, known), [&](World& world, const JoinGroupResponse& got) {
                note_join(member, world, got);
            });
    }

    void join_alone(const std::string& member) {
        join(member, false);
        if (must_name_itself_) join(member, true);
    }

    void sync_alone(const std::string& member) {
        SyncGroupRequest request = sync_of(member);
        request.assignments = {{.member_id = member, .assignment = to_bytes("all")}};
        duel_.exchange<SyncGroupResponse>(request);
    }

    SyncGroupRequest sync_of(const std::string& member) {
        return {.group_id = group_,
                .generation_id = generation_,
                .member_id = member,
                .protocol_type = "consumer",
                .protocol_name = "range"};
    }

    /// It may be told its id first; then it waits for the other one.
    bool second_comes() {
        auto note = [&](World& world, const JoinGroupResponse& got) {
            note_join(second, world, got);
        };
        constexpr int16_t id_required_since = 4;
        bool known = version_ >= id_required_since && !second_is_static_;
        if (known) {
            duel_.start_in(version_, join_of(second, false));
            duel_.finish_in<JoinGroupResponse>(version_, note);
        }
        duel_.start_in(version_, join_of(second, known));
        DescribeGroupsRequest question{.groups = {group_}};
        return duel_.wait_until<DescribeGroupsResponse>(
            describe_version, question, [](const DescribeGroupsResponse& got) {
                return got.groups.at(0).group_state == "PreparingRebalance";
            });
    }

    void first_follows() {
        heartbeat(first);
        if (draw().chance(30)) sync_alone(first);  // too late
        join(first, true);
        duel_.finish_in<JoinGroupResponse>(
            version_, [&](World& world, const JoinGroupResponse& got) {
                note_join(second, world, got);
            });
    }

    void sync_both() {
        SyncGroupRequest request = sync_of(first);
        request.assignments = {{.member_id = first, .assignment = to_bytes("a")},
                               {.member_id = second, .assignment = to_bytes("b")}};
        if (draw().chance(20)) request.assignments.pop_back();
        duel_.exchange<SyncGroupResponse>(request);
        if (draw().chance(20)) heartbeat(second);  // has not its part yet
        duel_.exchange<SyncGroupResponse>(sync_of(second));
        heartbeat(second);
    }

    void heartbeat(const std::string& member) {
        HeartbeatRequest request{.group_id = group_, .generation_id = generation_,
                                 .member_id = member};
        if (draw().chance(10)) request.generation_id += draw().pick({-1, 1});
        duel_.exchange<HeartbeatResponse>(request);
    }

    void look() {
        duel_.exchange<DescribeGroupsResponse>(DescribeGroupsRequest{.groups = {group_}});
    }

    /// Who is left hears of it, and joins again.
    void leave(const std::string& member) {
        LeaveGroupRequest request{.group_id = group_, .member_id = member,
                                  .members = {{.member_id = member}}};
        duel_.exchange<LeaveGroupResponse>(request);
        if (!left_.empty()) return;
        left_ = member;
        const std::string& other = member == first ? second : first;
        heartbeat(other);
        join(other, true);
        sync_alone(other);
    }

    Duel& duel_;
    std::string group_;
    bool first_is_static_ = false;
    bool second_is_static_ = false;
    bool must_name_itself_ = false;
    int16_t version_ = 0;
    int32_t generation_ = -1;
    std::string left_;
};

void two_members(Duel& duel) { Pair(duel).play(); }

}  // namespace

std::vector<StepKind> pair_steps() {
    return {{11, "two members", 2, two_members}};
}

}  // namespace stoker::differential
