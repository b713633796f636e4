// The two brokers side by side: sends each step to both, compares the answers, keeps the tally.
// One thread.
#pragma once

#include <concepts>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "draw.hpp"
#include "folds.hpp"
#include "protocol/message_io.hpp"
#include "tree.hpp"
#include "world.hpp"

namespace stoker::differential {

/// What came back. `response` holds views into `frame`.
template <class Response>
struct Answer {
    Bytes frame;
    std::optional<Response> response;
    /// When there is no response: "closed", or why it cannot be decoded.
    std::string trouble;
};

class Duel {
public:
    Duel(const std::string& stoker, const std::string& kafka, uint64_t seed);

    Draw draw;
    Model model;
    World kafka;
    World stoker;

    /// Sends `request` to both and compares. `learn(World&, const Response&)` is called for each
    /// broker that answered, the reference first, before the answers are compared.
    template <class Response, class Request, class Learn>
    void exchange(const Request& request, Learn learn);
    template <class Response, class Request>
    void exchange(const Request& request) {
        exchange<Response>(request, [](World&, const Response&) {});
    }
    /// The same for a request whose version matters to its maker.
    template <class Response, class Request, class Learn>
    void exchange_in(int16_t version, const Request& request, Learn learn);
    /// As exchange_in, on the second connection, in two halves: what is asked now is answered when
    /// something else has happened.
    template <class Request>
    void start_in(int16_t version, const Request& request);
    template <class Response, class Learn>
    void finish_in(int16_t version, Learn learn);
    /// Whether `reached` says so of both brokers' answers within the time to settle; not compared.
    template <class Response, class Request, class Reached>
    bool wait_until(int16_t version, const Request& request, Reached reached);

    /// For a request that is not answered: compared is whether the connection outlives it.
    template <class Request>
    void send(const Request& request);
    /// A frame that the codec would not make, with an answer in `version`.
    template <class Response>
    void exchange_frame(const std::string& what, ByteView frame, int16_t version);
    /// Any bytes at all; the answers are compared as bytes.
    void exchange_raw(const std::string& what, ByteView frame, int16_t key);

    /// One that both advertise.
    int16_t draw_version(const protocol::Api& api);
    bool both_serve(int16_t key) const;
    /// Waits until the reference has applied what it answered to, and learns the topics' ids.
    void settle();

    /// Until both have the internal topics of groups and transactions, and producer ids beyond 0.
    void wait_for_coordinators();

    /// The bytes live until the next step.
    protocol::Records keep(Bytes bytes);

    void begin_step(int number, std::string_view what);
    /// Shows every request and the reference's answer to it.
    void trace() { is_traced_ = true; }
    /// What the reader of a difference cannot see in the request.
    void note(const std::string& text) { what_ += ": " + text; }
    void count_unserved(std::string_view what) {
        ++skipped_["not served by both: " + std::string(what)];
    }
    /// The tally; how many kinds of difference there are.
    size_t finish();

private:
    using VersionMap = std::map<int16_t, protocol::Versions>;

    template <class Response, class Request>
    Answer<Response> ask(World& world, Request request, int16_t version);
    template <class Response>
    Answer<Response> ask_frame(World& world, ByteView frame, int16_t version);
    /// `get` gives the answer's bytes.
    template <class Response, class Get>
    Answer<Response> take_answer(int16_t version, Get get);
    bool keep_waiting(int round) const;
    void wait_for_transactions(World& world);
    template <class Response>
    Tree tree_of_answer(World& world, const Answer<Response>& answer);
    VersionMap advertised_by(World& world);
    void learn_topics(World& world);
    void wait_for_leaders();
    void wait_for_offsets_of_deleted_topics();
    void even_out(World& world, const std::set<std::string>& of_other);
    bool is_alive(World& world);
    void compare(int16_t key, int16_t version, const std::string& request, Tree theirs, Tree ours);

    VersionMap stoker_versions_;
    VersionMap kafka_versions_;
    std::set<std::string> served_;
    std::map<World*, std::set<std::string>> topics_of_;
    /// Partitions of the reference that were seen to answer.
    std::set<std::pair<Uuid, int32_t>> led_;
    std::deque<Bytes> kept_;
    int step_ = 0;
    bool is_traced_ = false;
    std::string what_;
    /// Shown with the answer to what start_in sent.
    std::string started_;
    int compared_ = 0;
    std::map<std::string, int> compared_by_api_;
    std::map<std::string, int> skipped_;
    std::map<std::string, int> kinds_;
};

template <class Response>
Answer<Response> Duel::ask_frame(World& world, ByteView frame, int16_t version) {
    return take_answer<Response>(version, [&] { return world.connection.ask(frame); });
}

template <class Response, class Get>
Answer<Response> Duel::take_answer(int16_t version, Get get) {
    Answer<Response> answer;
    std::optional<Bytes> got;
    try {
        got = get();
    } catch (const NoAnswer& error) {
        answer.trouble = error.what();
        return answer;
    }
    if (!got) {
        answer.trouble = "closed";
        return answer;
    }
    answer.frame = std::move(*got);
    try {
        auto body = protocol::read_response_header(answer.frame, Response::api, version).body;
        answer.response = protocol::decode<Response>(body, version);
    } catch (const protocol::MalformedMessage& error) {
        answer.trouble = std::string("malformed: ") + error.what() + " 0x" + hex(answer.frame);
    }
    return answer;
}

template <class Response, class Request>
Answer<Response> Duel::ask(World& world, Request request, int16_t version) {
    Fitting{version}(request);
    Resolving resolve(world);
    resolve(request);
    return ask_frame<Response>(
        world, protocol::encode_request(1, "differential", request, version), version);
}

template <class Response>
void Duel::exchange_frame(const std::string& what, ByteView frame, int16_t version) {
    auto theirs = ask_frame<Response>(kafka, frame, version);
    auto ours = ask_frame<Response>(stoker, frame, version);
    compare(Response::api.key, version, what, tree_of_answer(kafka, theirs),
            tree_of_answer(stoker, ours));
}

template <class Response>
Tree Duel::tree_of_answer(World& world, const Answer<Response>& answer) {
    if (!answer.response) return leaf(answer.trouble);
    return TreeMaking{world}(*answer.response);
}

template <class Response, class Request, class Learn>
void Duel::exchange_in(int16_t version, const Request& request, Learn learn) {
    Request shown = request;
    Fitting{version}(shown);
    Answer<Response> theirs = ask<Response>(kafka, request, version);
    Answer<Response> ours = ask<Response>(stoker, request, version);
    if (theirs.response) learn(kafka, *theirs.response);
    if (ours.response) learn(stoker, *ours.response);
    constexpr int16_t metadata = 3, create = 19, remove = 20, alter = 33, grow = 37,
                      alter_parts = 44, features = 57;
    switch (Request::api.key) {
        case metadata: case create: case remove: case alter: case grow: case alter_parts:
        case features: settle();
    }
    compare(Request::api.key, version,
            std::string(Request::api.name) + " v" + std::to_string(version) + " " +
                to_text(TreeMaking{kafka}(shown)),
            tree_of_answer(kafka, theirs), tree_of_answer(stoker, ours));
}

template <class Response, class Request, class Learn>
void Duel::exchange(const Request& request, Learn learn) {
    exchange_in<Response>(draw_version(Request::api), request, learn);
}

template <class Request>
void Duel::start_in(int16_t version, const Request& request) {
    Request shown = request;
    Fitting{version}(shown);
    started_ = std::string(Request::api.name) + " v" + std::to_string(version) + " " +
               to_text(TreeMaking{kafka}(shown));
    for (World* world : {&kafka, &stoker}) {
        Request own = shown;
        Resolving resolve(*world);
        resolve(own);
        world->second.send(protocol::encode_request(1, "differential", own, version));
    }
}

template <class Response, class Learn>
void Duel::finish_in(int16_t version, Learn learn) {
    auto theirs = take_answer<Response>(version, [&] { return kafka.second.receive(); });
    auto ours = take_answer<Response>(version, [&] { return stoker.second.receive(); });
    if (theirs.response) learn(kafka, *theirs.response);
    if (ours.response) learn(stoker, *ours.response);
    compare(Response::api.key, version, started_, tree_of_answer(kafka, theirs),
            tree_of_answer(stoker, ours));
}

template <class Response, class Request, class Reached>
bool Duel::wait_until(int16_t version, const Request& request, Reached reached) {
    for (World* world : {&kafka, &stoker}) {
        for (int round = 0;; ++round) {
            auto answer = ask<Response>(*world, request, version);
            if (answer.response && reached(*answer.response)) break;
            if (!keep_waiting(round)) return false;
        }
    }
    return true;
}

template <class Request>
void Duel::send(const Request& request) {
    int16_t version = draw_version(Request::api);
    Request shown = request;
    Fitting{version}(shown);
    for (World* world : {&kafka, &stoker}) {
        Request own = shown;
        Resolving resolve(*world);
        resolve(own);
        world->connection.send(protocol::encode_request(1, "differential", own, version));
    }
    std::string theirs = is_alive(kafka) ? "alive" : "closed";
    std::string ours = is_alive(stoker) ? "alive" : "closed";
    compare(Request::api.key, version,
            std::string(Request::api.name) + " v" + std::to_string(version) + " " +
                to_text(TreeMaking{kafka}(shown)),
            leaf(theirs), leaf(ours));
}

}  // namespace stoker::differential
