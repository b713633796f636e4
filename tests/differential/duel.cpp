#include "duel.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <regex>
#include <stdexcept>
#include <thread>

#include "documented.hpp"
#include "normalise.hpp"
#include "protocol/apis.hpp"
#include "protocol/messages/02_list_offsets.hpp"
#include "protocol/messages/03_metadata.hpp"
#include "protocol/messages/09_offset_fetch.hpp"
#include "protocol/messages/10_find_coordinator.hpp"
#include "protocol/messages/16_list_groups.hpp"
#include "protocol/messages/18_api_versions.hpp"
#include "protocol/messages/20_delete_topics.hpp"
#include "protocol/messages/22_init_producer_id.hpp"
#include "protocol/messages/55_describe_quorum.hpp"
#include "protocol/messages/65_describe_transactions.hpp"

namespace stoker::differential {

namespace {

/// The reference hands a change from its metadata on to its parts, one after another, after it has
/// said that it has it; nothing tells when the last has it.
constexpr std::chrono::milliseconds hand_over_time{25};
constexpr std::chrono::seconds settle_time_max{20};

std::string without_indexes(const std::string& path) {
    return std::regex_replace(path, std::regex("\\[[0-9]+\\]"), "[]");
}

/// The reference's own faults, which nobody should have to share: it throws, and answers that or
/// nothing.
bool reference_failed(const Tree& answer) {
    std::string text = to_text(answer);
    return text.starts_with("no answer") || text.find("UNKNOWN_SERVER_ERROR") != std::string::npos;
}

std::string shortened(const std::string& text, size_t size_max) {
    if (text.size() <= size_max) return text;
    return text.substr(0, size_max) + "... (" + std::to_string(text.size()) + " bytes)";
}

}  // namespace

Duel::Duel(const std::string& stoker_address, const std::string& kafka_address, uint64_t seed)
    : draw(seed),
      kafka("Apache Kafka", kafka_address, true),
      stoker("Stoker", stoker_address, false) {
    kafka_versions_ = advertised_by(kafka);
    stoker_versions_ = advertised_by(stoker);
    for (const auto& [key, versions] : stoker_versions_) served_.insert(std::to_string(key));
}

Duel::VersionMap Duel::advertised_by(World& world) {
    auto answer =
        ask<protocol::ApiVersionsResponse>(world, protocol::ApiVersionsRequest{}, int16_t(0));
    if (!answer.response) throw std::runtime_error(world.name() + " does not answer ApiVersions");
    VersionMap versions;
    for (const auto& api : answer.response->api_keys) {
        versions[api.api_key] = {api.min_version, api.max_version};
    }
    return versions;
}

bool Duel::both_serve(int16_t key) const {
    return stoker_versions_.contains(key) && kafka_versions_.contains(key);
}

int16_t Duel::draw_version(const protocol::Api& api) {
    protocol::Versions ours = stoker_versions_.at(api.key), theirs = kafka_versions_.at(api.key);
    int16_t first = std::max({ours.first, theirs.first, api.versions.first});
    int16_t last = std::min({ours.last, theirs.last, api.versions.last});
    return int16_t(draw.between(first, last));
}

void Duel::wait_for_coordinators() {
    protocol::FindCoordinatorRequest request{.key = "g-one"};
    for (World* world : {&kafka, &stoker}) {
        auto deadline = std::chrono::steady_clock::now() + settle_time_max;
        for (;;) {
            auto found = ask<protocol::FindCoordinatorResponse>(*world, request, 3);
            protocol::OffsetFetchRequest offsets{.group_id = "g-one", .topics = std::nullopt};
            auto loaded = ask<protocol::OffsetFetchResponse>(*world, offsets, 7);
            if (found.response && found.response->error_code == ErrorCode::none &&
                loaded.response && loaded.response->error_code == ErrorCode::none) {
                break;
            }
            if (std::chrono::steady_clock::now() > deadline) {
                throw std::runtime_error(world->name() + " has no group coordinator");
            }
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
        }
        wait_for_transactions(*world);
        // A 0 in an answer, where no producer is meant, would look like the first one's id.
        protocol::InitProducerIdRequest init{.transactional_id = std::nullopt};
        for (bool beyond_zero = false; !beyond_zero;) {
            auto got = ask<protocol::InitProducerIdResponse>(*world, init, 4);
            beyond_zero = got.response && got.response->error_code == ErrorCode::none &&
                          raw(got.response->producer_id) > 0;
            if (std::chrono::steady_clock::now() > deadline) {
                throw std::runtime_error(world->name() + " gives no producer ids");
            }
            if (!beyond_zero) std::this_thread::sleep_for(std::chrono::milliseconds(20));
        }
    }
}

void Duel::wait_for_transactions(World& world) {
    protocol::FindCoordinatorRequest request{.key = "tx-0", .key_type = 1};
    protocol::DescribeTransactionsRequest described{.transactional_ids = {"tx-0"}};
    for (int round = 0;; ++round) {
        auto found = ask<protocol::FindCoordinatorResponse>(world, request, 3);
        auto loaded = ask<protocol::DescribeTransactionsResponse>(world, described, 0);
        if (found.response && found.response->error_code == ErrorCode::none && loaded.response &&
            loaded.response->transaction_states.at(0).error_code ==
                ErrorCode::transactional_id_not_found) {
            return;
        }
        if (!keep_waiting(round))
            throw std::runtime_error(world.name() + " has no transaction coordinator");
    }
}

protocol::Records Duel::keep(Bytes bytes) {
    return {.bytes = kept_.emplace_back(std::move(bytes))};
}

void Duel::begin_step(int number, std::string_view what) {
    kept_.clear();
    step_ = number;
    what_ = what;
}

bool Duel::keep_waiting(int round) const {
    constexpr std::chrono::milliseconds pause{10};
    std::this_thread::sleep_for(pause);
    return pause * round < settle_time_max;
}

bool Duel::is_alive(World& world) {
    // The answer to a request on the same connection; a closed one answers nothing.
    return world.connection
        .ask(protocol::encode_request(2, "differential", protocol::ApiVersionsRequest{}, 0))
        .has_value();
}

void Duel::settle() {
    using Quorum = protocol::DescribeQuorumRequest;
    Quorum quorum{.topics = {{.topic_name = "__cluster_metadata", .partitions = {{}}}}};
    auto answer = ask<protocol::DescribeQuorumResponse>(kafka, quorum, 0);
    if (answer.response && !answer.response->topics.empty()) {
        int64_t written = raw(answer.response->topics[0].partitions.at(0).high_watermark);
        auto deadline = std::chrono::steady_clock::now() + settle_time_max;
        for (;;) {
            // The broker's own copy of the metadata: its offset is what it says here.
            auto versions = ask<protocol::ApiVersionsResponse>(
                kafka, protocol::ApiVersionsRequest{.client_software_name = "differential",
                                                    .client_software_version = "1"}, 3);
            if (!versions.response) throw std::runtime_error("no ApiVersions from the reference");
            if (versions.response->finalized_features_epoch >= written - 1) break;
            if (std::chrono::steady_clock::now() > deadline) {
                throw std::runtime_error(
                    "the reference does not settle: " + std::to_string(written) + " written, " +
                    std::to_string(versions.response->finalized_features_epoch) + " applied");
            }
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
        }
        std::this_thread::sleep_for(hand_over_time);
    }
    const std::set<std::string> before = topics_of_[&kafka];
    learn_topics(kafka);
    learn_topics(stoker);
    if (!std::ranges::includes(topics_of_[&kafka], before)) wait_for_offsets_of_deleted_topics();
    even_out(kafka, topics_of_[&stoker]);
    even_out(stoker, topics_of_[&kafka]);
    wait_for_leaders();
}

void Duel::learn_topics(World& world) {
    protocol::MetadataRequest request{.topics = std::nullopt, .allow_auto_topic_creation = false};
    auto answer = ask<protocol::MetadataResponse>(world, request, 12);
    if (!answer.response) throw std::runtime_error(world.name() + " has no metadata");
    std::set<std::string>& names = topics_of_[&world];
    names.clear();
    if (world.is_reference()) model.topics.clear();
    for (const auto& topic : answer.response->topics) {
        if (!topic.name || topic.name->starts_with("__")) continue;
        names.insert(*topic.name);
        world.learn_topic(*topic.name, topic.topic_id);
        if (world.is_reference()) {
            model.topics[*topic.name] = int32_t(topic.partitions.size());
        }
    }
}

/// The reference drops the offsets that groups committed of a deleted topic some time after it.
void Duel::wait_for_offsets_of_deleted_topics() {
    auto is_there = [&](const auto& topic) {
        return topic.name.starts_with("__") || topics_of_[&kafka].contains(topic.name);
    };
    auto has_only_topics_that_are_there = [&](const auto& group) {
        return std::ranges::all_of(group.topics, is_there);
    };
    auto listed = ask<protocol::ListGroupsResponse>(kafka, protocol::ListGroupsRequest{}, 4);
    if (!listed.response) throw std::runtime_error("no groups from the reference");
    protocol::OffsetFetchRequest request;
    for (const auto& group : listed.response->groups) {
        request.groups.push_back({.group_id = group.group_id, .topics = std::nullopt});
    }
    for (int round = 0;; ++round) {
        auto answer = ask<protocol::OffsetFetchResponse>(kafka, request, 8);
        if (!answer.response) throw std::runtime_error("no offsets from the reference");
        if (std::ranges::all_of(answer.response->groups, has_only_topics_that_are_there)) return;
        if (!keep_waiting(round)) throw std::runtime_error("the reference keeps offsets");
    }
}

/// The reference says that a topic is there before its partitions take records.
void Duel::wait_for_leaders() {
    auto deadline = std::chrono::steady_clock::now() + settle_time_max;
    for (const auto& [topic, count] : model.topics) {
        Uuid id = kafka.own(topic_symbol(topic, 0));
        for (int32_t index = 0; index < count; ++index) {
            if (led_.contains({id, index})) continue;
            protocol::ListOffsetsRequest request{.replica_id = -1};
            request.topics = {{.name = topic,
                               .partitions = {{.partition_index = PartitionId{index},
                                               .timestamp = -1}}}};
            for (;;) {
                auto answer = ask<protocol::ListOffsetsResponse>(kafka, request, 5);
                if (answer.response && answer.response->topics.at(0).partitions.at(0).error_code ==
                                           ErrorCode::none) {
                    break;
                }
                if (std::chrono::steady_clock::now() > deadline) {
                    throw std::runtime_error("the reference has no leader for " + topic);
                }
                std::this_thread::sleep_for(std::chrono::milliseconds(5));
            }
            led_.insert({id, index});
        }
    }
}

/// A topic that only one of them has was reported when its creation or deletion was answered
/// differently; it goes, so that not every later step differs too.
void Duel::even_out(World& world, const std::set<std::string>& of_other) {
    for (const std::string& topic : topics_of_[&world]) {
        if (of_other.contains(topic)) continue;
        std::printf("-- step %d: %s alone has the topic %s: deleted\n", step_, world.name().c_str(),
                    topic.c_str());
        protocol::DeleteTopicsRequest request{.topic_names = {topic}, .timeout_ms = 10'000};
        ask<protocol::DeleteTopicsResponse>(world, request, 5);
        if (world.is_reference()) model.topics.erase(topic);
    }
}

void Duel::exchange_raw(const std::string& what, ByteView frame, int16_t key) {
    auto shown = [](const std::optional<Bytes>& answer) {
        return leaf(answer ? "0x" + hex(*answer) : "closed");
    };
    Tree theirs = shown(kafka.connection.ask(frame));
    Tree ours = shown(stoker.connection.ask(frame));
    compare(key, -1, what, std::move(theirs), std::move(ours));
}

void Duel::compare(int16_t key, int16_t version, const std::string& request, Tree theirs,
                   Tree ours) {
    ++compared_;
    const protocol::Api* api = protocol::find_api(key);
    std::string api_name(api ? api->name : "unknown API");
    ++compared_by_api_[api_name];
    if (reference_failed(theirs)) {
        if (++skipped_["the reference failed: " + api_name] == 1) {
            std::printf("-- step %d: the reference failed: %s\n   %s\n", step_,
                        shortened(request, 600).c_str(), shortened(to_text(theirs), 600).c_str());
        }
        return;
    }
    normalise(theirs, key, served_);
    normalise(ours, key, served_);
    if (is_traced_) {
        std::printf("-- step %d: %s\n   %s\n", step_, shortened(request, 2000).c_str(),
                    shortened(to_text(theirs), 2000).c_str());
    }
    std::vector<Difference> found = differences(theirs, ours);
    drop_documented(found, key);
    bool is_new = false;
    std::string text;
    for (const Difference& difference : found) {
        std::string kind = api_name + " " + without_indexes(difference.path) + ": " +
                           shortened(difference.kafka, 120) + " <> " +
                           shortened(difference.stoker, 120);
        is_new = ++kinds_[kind] == 1 || is_new;
        text += "  " + difference.path + "\n    Apache Kafka: " + difference.kafka +
                "\n    Stoker:       " + difference.stoker + "\n";
    }
    if (!is_new) return;
    constexpr size_t shown_max = 4000;
    std::printf("\n== step %d (%s): %s differs%s\n  request: %s\n%s  all of Apache Kafka's: %s\n"
                "  all of Stoker's: %s\n",
                step_, what_.c_str(), api_name.c_str(),
                version < 0 ? "" : (" in version " + std::to_string(version)).c_str(),
                shortened(request, shown_max).c_str(), shortened(text, shown_max).c_str(),
                shortened(to_text(theirs), shown_max).c_str(),
                shortened(to_text(ours), shown_max).c_str());
    std::fflush(stdout);
}

size_t Duel::finish() {
    std::printf("\n%d answers compared:", compared_);
    for (const auto& [api, count] : compared_by_api_) std::printf(" %s %d,", api.c_str(), count);
    std::printf("\n");
    for (const auto& [what, count] : skipped_) {
        std::printf("not compared: %s (%d)\n", what.c_str(), count);
    }
    for (const auto& [kind, count] : kinds_) std::printf("%5d x %s\n", count, kind.c_str());
    std::printf("%zu kinds of difference\n", kinds_.size());
    return kinds_.size();
}

}  // namespace stoker::differential
