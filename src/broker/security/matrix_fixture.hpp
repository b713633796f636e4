// For the test of the authorization matrix: a broker with an authorizer, things to ask about, and
// what an answer gives away.
#pragma once

#include <gtest/gtest.h>
#include <spdlog/sinks/ringbuffer_sink.h>
#include <spdlog/spdlog.h>

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "broker/security/authorizer.hpp"
#include "broker/test_broker.hpp"
#include "protocol/messages/08_offset_commit.hpp"
#include "protocol/messages/10_find_coordinator.hpp"

namespace stoker::broker {

/// The error codes anywhere in a message.
class ErrorsIn {
public:
    template <protocol::Structure T>
    void operator()(const T& message) {
        T::fields.each([&](auto f) { (*this)(message.*f.member); });
    }
    std::set<ErrorCode> errors;

private:
    void operator()(ErrorCode error) { errors.insert(error); }
    template <class T>
    void operator()(const std::vector<T>& items) {
        for (const T& item : items) (*this)(item);
    }
    template <class T>
    void operator()(const std::optional<T>& value) {
        if (value) (*this)(*value);
    }
    template <class T>
    void operator()(const T&) {}
};

/// What came back: everything that the sender learns.
struct Seen {
    std::set<ErrorCode> errors;
    Bytes answer;

    bool refused() const {
        for (ErrorCode error :
             {ErrorCode::topic_authorization_failed, ErrorCode::group_authorization_failed,
              ErrorCode::cluster_authorization_failed,
              ErrorCode::transactional_id_authorization_failed})
            if (errors.contains(error)) return true;
        return false;
    }
};

/// Collects what the authorizer's logger says, from the beginning of its life to its end.
class AuditLines {
public:
    AuditLines() {
        auto logger = spdlog::get(Authorizer::logger_name);
        if (!logger) {
            logger = std::make_shared<spdlog::logger>(Authorizer::logger_name);
            spdlog::register_logger(logger);
        }
        logger->set_level(spdlog::level::info);
        logger->sinks() = {sink_};
    }
    ~AuditLines() { spdlog::get(Authorizer::logger_name)->sinks().clear(); }
    AuditLines(const AuditLines&) = delete;
    AuditLines& operator=(const AuditLines&) = delete;

    std::vector<std::string> take() {
        std::vector<std::string> lines;
        for (const auto& line : sink_->last_raw(seen_max))
            lines.emplace_back(line.payload.data(), line.payload.size());
        lines.erase(lines.begin(), lines.begin() + ptrdiff_t(std::min(taken_, lines.size())));
        taken_ += lines.size();
        return lines;
    }

private:
    static constexpr size_t seen_max = 10'000;
    std::shared_ptr<spdlog::sinks::ringbuffer_sink_mt> sink_ =
        std::make_shared<spdlog::sinks::ringbuffer_sink_mt>(seen_max);
    size_t taken_ = 0;
};

inline const std::string anonymous = "User:ANONYMOUS";

inline Acl acl(AclResource resource, std::string name, AclOperation operation,
               AclPermission permission = AclPermission::allow) {
    return {.resource = resource,
            .name = std::move(name),
            .pattern = AclPattern::literal,
            .principal = anonymous,
            .host = "*",
            .operation = operation,
            .permission = permission};
}

/// Topic "t", group "g" with an offset for it, and rules that allow everything so far.
class GuardedBroker : public TestBroker {
public:
    explicit GuardedBroker(ConfigMap properties = {})
        : TestBroker(with_authorizer(std::move(properties))) {
        auto& metadata = broker().metadata();
        metadata.create_acls({acl(AclResource::topic, "*", AclOperation::all),
                              acl(AclResource::group, "*", AclOperation::all),
                              acl(AclResource::transactional_id, "*", AclOperation::all),
                              acl(AclResource::cluster, "kafka-cluster", AclOperation::all)});
        topic_id = metadata.create_topic({.name = "t", .configs = {}}).value()->id;
        ask<protocol::FindCoordinatorResponse>(
            protocol::FindCoordinatorRequest{.key = "g", .coordinator_keys = {}}, 3);
        commit();
    }

    void commit() {
        protocol::OffsetCommitRequest request{.group_id = "g"};
        auto& topic = request.topics.emplace_back();
        topic.name = "t";
        topic.partitions.push_back({.partition_index = PartitionId{0},
                                    .committed_offset = Offset{0}});
        ask<protocol::OffsetCommitResponse>(request, 8);
    }
    void add(const Acl& rule) { broker().metadata().create_acls({rule}); }
    void remove_all_rules() { broker().metadata().delete_acls({AclFilter{}}); }

    template <protocol::Message Response, protocol::Message Request>
    Seen see(const Request& request, int16_t version) {
        auto response = ask<Response>(request, version);
        ErrorsIn fold;
        fold(response);
        return {.errors = fold.errors, .answer = protocol::encode(response, version)};
    }

    Uuid topic_id;

private:
    static ConfigMap with_authorizer(ConfigMap properties) {
        properties["authorizer.class.name"] = Authorizer::class_name;
        return properties;
    }
};

}  // namespace stoker::broker
