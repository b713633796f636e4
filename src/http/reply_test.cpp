#include "http/reply.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <future>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "http/server.hpp"
#include "http/test_client.hpp"

namespace stoker::http {
namespace {

/// Keeps replies until somebody takes them. Any thread.
class Keeper {
public:
    void keep(std::string body, Reply reply) {
        const std::lock_guard lock(mutex_);
        kept_.emplace_back(std::move(body), std::move(reply));
        changed_.notify_all();
    }
    /// The request that has waited for longest; none after ten seconds.
    std::optional<std::pair<std::string, Reply>> take() {
        std::unique_lock lock(mutex_);
        if (!changed_.wait_for(lock, std::chrono::seconds(10), [this] { return !kept_.empty(); }))
            return std::nullopt;
        auto first = std::move(kept_.front());
        kept_.erase(kept_.begin());
        return first;
    }
    size_t size() {
        const std::lock_guard lock(mutex_);
        return kept_.size();
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<std::pair<std::string, Reply>> kept_;
};

struct Service {
    explicit Service(ServerOptions options = {}) {
        auto started = Server::start(
            std::move(options), [keeper = keeper](const Request& request, Reply reply) {
                if (request.path == "/fails") throw std::runtime_error("it failed");
                if (request.path == "/drops") return;
                if (request.path == "/now")
                    return std::move(reply).send(text_response(200, "at once"));
                keeper->keep(std::string(request.body), std::move(reply));
            });
        EXPECT_TRUE(started) << started.error();
        server = std::move(*started);
    }
    Reply take() {
        auto kept = keeper->take();
        EXPECT_TRUE(kept) << "no request has come";
        return std::move(kept->second);
    }

    std::shared_ptr<Keeper> keeper = std::make_shared<Keeper>();
    std::unique_ptr<Server> server;
};

std::string post(std::string_view body) {
    return "POST /later HTTP/1.1\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
           std::string(body);
}
constexpr std::string_view get_now = "GET /now HTTP/1.1\r\n\r\n";

TEST(Reply, answers_later_while_others_are_served) {
    Service service;
    Client patient(service.server->port());
    patient.say(post("pay"));
    Reply reply = service.take();
    Client other(service.server->port());
    other.say(get_now);
    EXPECT_TRUE(other.hear_until("at once\n").starts_with("HTTP/1.1 200 OK\r\n"));
    std::thread([&] { std::move(reply).send(json_response(201, "{}")); }).join();
    EXPECT_EQ(patient.hear_until("{}"),
              "HTTP/1.1 201 Created\r\nContent-Type: application/json\r\n"
              "Content-Length: 2\r\n\r\n{}");
}

TEST(Reply, requests_of_one_connection_are_answered_in_their_order) {
    Service service;
    Client client(service.server->port());
    client.say(post("1") + post("2") + std::string(get_now));
    Reply first = service.take();
    EXPECT_EQ(service.keeper->size(), 0u) << "the next is handled when the last is answered";
    std::move(first).send(text_response(200, "first"));
    EXPECT_TRUE(client.hear_until("first\n").ends_with("first\n"));
    Reply second = service.take();
    client.say(post("4"));
    std::move(second).send(text_response(200, "second"));
    EXPECT_TRUE(client.hear_until("at once\n").contains("second\n"));
    std::move(service.take()).send(text_response(200, "fourth"));
    EXPECT_TRUE(client.hear_until("fourth\n").ends_with("fourth\n"));
}

TEST(Reply, unanswered_is_status_500) {
    Service service;
    Client client(service.server->port());
    client.say("GET /drops HTTP/1.1\r\n\r\n");
    EXPECT_TRUE(client.hear_until("answered\n").starts_with("HTTP/1.1 500 Internal Server Error"));
    client.say("GET /fails HTTP/1.1\r\n\r\n");
    EXPECT_TRUE(client.hear_until("it failed\n").starts_with("HTTP/1.1 500 "));
    client.say(post("x"));
    { const Reply dropped = service.take(); }
    EXPECT_TRUE(client.hear_until("answered\n").starts_with("HTTP/1.1 500 "));
    client.say(post("y"));
    Reply reply = service.take();
    client.say(post("z"));
    std::move(reply).send(text_response(200, "answered"));
    reply = service.take();
    EXPECT_TRUE(client.hear_until("answered\n").starts_with("HTTP/1.1 200 "));
    reply = Reply(std::move(reply));
    std::move(reply).send(text_response(200, "moved"));
    EXPECT_TRUE(client.hear_until("moved\n").starts_with("HTTP/1.1 200 "));
}

TEST(Reply, a_client_that_has_gone_costs_nothing) {
    Service service({.option = "", .connections_max = 1});
    std::optional<Client> gone(service.server->port());
    gone->say(post("x"));
    Reply reset = service.take();
    gone->vanish();
    gone.emplace(service.server->port());
    gone->say(post("y") + post("never handled"));
    Reply closed = service.take();
    gone.emplace(service.server->port());  // makes room for itself
    gone->say(get_now);
    EXPECT_TRUE(gone->hear_until("at once\n").ends_with("\r\n\r\nat once\n"));
    std::move(reset).send(text_response(200, "nobody hears it"));
    std::move(closed).send(text_response(200, "nor this"));
    gone->say(get_now);
    EXPECT_TRUE(gone->hear_until("at once\n").ends_with("\r\n\r\nat once\n"));
    EXPECT_EQ(service.keeper->size(), 0u);
}

TEST(Reply, a_client_that_sends_nothing_more_hears_its_answer) {
    Service service;
    Client client(service.server->port());
    client.say(post("x"));
    client.hang_up();
    std::move(service.take()).send(text_response(200, "heard"));
    EXPECT_TRUE(client.hear_all().ends_with("\r\n\r\nheard\n"));
}

TEST(Reply, so_many_wait_and_the_next_is_told_to_come_again) {
    Service service({.option = "", .unanswered_max = 2});
    Client first(service.server->port());
    Client second(service.server->port());
    Client third(service.server->port());
    first.say(post("1"));
    Reply reply = service.take();
    second.say(post("2"));
    const Reply other = service.take();
    third.say(post("3"));
    const std::string refused = third.hear_until("answers\n");
    EXPECT_TRUE(refused.starts_with("HTTP/1.1 503 Service Unavailable\r\n")) << refused;
    EXPECT_TRUE(refused.contains("\r\nRetry-After: 1\r\n")) << refused;
    std::move(reply).send(text_response(200, "first"));
    first.hear_until("first\n");
    third.say(get_now);
    EXPECT_TRUE(third.hear_until("at once\n").starts_with("HTTP/1.1 200 "));
}

TEST(Reply, that_takes_too_long_is_status_503_and_goes_nowhere_afterwards) {
    Service service({.option = "", .answer_ms = 20});
    Client client(service.server->port());
    client.say(post("x"));
    Reply late = service.take();
    EXPECT_TRUE(client.hear_until("in time\n").starts_with("HTTP/1.1 503 "));
    std::move(late).send(text_response(200, "late"));
    client.say(get_now);
    EXPECT_TRUE(client.hear_until("at once\n").starts_with("HTTP/1.1 200 "));
}

TEST(Reply, given_before_stop_is_sent_and_afterwards_is_harmless) {
    Service service;
    Client answered(service.server->port());
    Client left(service.server->port());
    answered.say(post("1"));
    Reply first = service.take();
    left.say(post("2"));
    Reply second = service.take();
    std::move(first).send(text_response(200, "in time"));
    service.server->stop();
    EXPECT_TRUE(answered.hear_all().ends_with("\r\n\r\nin time\n"));
    EXPECT_EQ(left.hear_all(), "");
    std::move(second).send(text_response(200, "late"));
    service.server.reset();
}

TEST(Reply, may_outlive_the_server) {
    std::optional<Service> service(std::in_place);
    Client client(service->server->port());
    client.say(post("1"));
    const Reply dropped = service->take();
    client.say(post("2"));
    service.reset();
    EXPECT_EQ(client.hear_all(), "");
}

TEST(Reply, two_hundred_connections_are_answered_from_four_threads) {
    constexpr size_t connections = 200;
    constexpr int rounds = 5;
    Service service({.option = "", .connections_max = connections});
    std::vector<std::thread> workers;
    for (int i = 0; i < 4; ++i) {
        workers.emplace_back([&service] {
            while (auto kept = service.keeper->take()) {
                if (kept->first == "end") return;
                std::move(kept->second).send(text_response(200, "for " + kept->first));
            }
        });
    }
    std::vector<std::unique_ptr<Client>> clients;
    for (size_t i = 0; i < connections; ++i)
        clients.push_back(std::make_unique<Client>(service.server->port()));
    for (int round = 0; round < rounds; ++round) {
        for (size_t i = 0; i < connections; ++i) clients[i]->say(post(std::to_string(i)));
        for (size_t i = 0; i < connections; ++i) {
            const std::string end = "\r\n\r\nfor " + std::to_string(i) + '\n';
            EXPECT_TRUE(clients[i]->hear_until(end).ends_with(end));
        }
    }
    for (size_t i = 0; i < workers.size(); ++i) clients[i]->say(post("end"));
    for (std::thread& worker : workers) worker.join();
}

TEST(Reply, the_server_stops_while_others_answer) {
    for (int round = 0; round < 20; ++round) {
        Service service;
        std::vector<std::unique_ptr<Client>> clients;
        std::vector<Reply> replies;
        for (int i = 0; i < 8; ++i) {
            clients.push_back(std::make_unique<Client>(service.server->port()));
            clients.back()->say(post("x"));
            replies.push_back(service.take());
        }
        std::promise<void> go;
        std::thread answering([&replies, ready = go.get_future()] {
            ready.wait();
            for (Reply& reply : replies) std::move(reply).send(text_response(200, "done"));
        });
        go.set_value();
        service.server->stop();
        answering.join();
        for (const auto& client : clients) {
            const std::string heard = client->hear_all();
            EXPECT_TRUE(heard.empty() || heard.ends_with("\r\n\r\ndone\n")) << heard;
        }
    }
}

}  // namespace
}  // namespace stoker::http
