#include "broker/config/listeners.hpp"

#include <gtest/gtest.h>

namespace stoker::broker {
namespace {

std::expected<Listeners, std::string> parse(ConfigMap properties) {
    auto store = ConfigStore::create({.properties = std::move(properties)});
    if (!store) return std::unexpected(store.error());
    return Listeners::parse(*store);
}

Listener plaintext(std::string host, uint16_t port) {
    return {"PLAINTEXT", SecurityProtocol::plaintext, std::move(host), port};
}

TEST(Listeners, are_one_on_the_loopback_by_default) {
    auto listeners = parse({});
    ASSERT_TRUE(listeners) << listeners.error();
    EXPECT_EQ(listeners->opened, std::vector{plaintext("127.0.0.1", 9092)});
    EXPECT_TRUE(listeners->advertised.empty());
}

TEST(Listeners, leave_the_controllers_unopened) {
    auto listeners = parse({{"listeners", "PLAINTEXT://:9092,CONTROLLER://:9093"},
                            {"advertised.listeners", "PLAINTEXT://me:9092,CONTROLLER://me:9093"},
                            {"controller.listener.names", "controller"}});
    ASSERT_TRUE(listeners) << listeners.error();
    EXPECT_EQ(listeners->opened, std::vector{plaintext("", 9092)});
    EXPECT_EQ(listeners->advertised, std::vector{plaintext("me", 9092)});
}

TEST(Listeners, have_names_of_their_own_and_ipv6_addresses) {
    auto listeners = parse({{"listeners", "inside://[::1]:0, outside://0.0.0.0:9094"},
                            {"advertised.listeners", "OUTSIDE://kafka.example:9094"},
                            {"listener.security.protocol.map",
                             "INSIDE:PLAINTEXT,OUTSIDE:PLAINTEXT"},
                            {"inter.broker.listener.name", "INSIDE"}});
    ASSERT_TRUE(listeners) << listeners.error();
    EXPECT_EQ(listeners->opened[0],
              (Listener{"INSIDE", SecurityProtocol::plaintext, "::1", 0}));
    EXPECT_EQ(listeners->opened[1].host, "0.0.0.0");
    EXPECT_EQ(listeners->advertised[0].host, "kafka.example");
}

TEST(Listeners, that_are_wrong_say_why_in_a_sentence) {
    auto why = [](ConfigMap properties) {
        auto listeners = parse(std::move(properties));
        return listeners ? "" : listeners.error();
    };
    std::string form = " is not of the form NAME://host:port.";
    for (std::string text : {"PLAINTEXT", "PLAINTEXT://host", "://host:1", "PLAINTEXT://::1:9",
                             "PLAINTEXT://host:-1"})
        EXPECT_EQ(why({{"listeners", text}}), "listeners: '" + text + "'" + form);
    EXPECT_EQ(why({{"listeners", "PLAINTEXT://a:65536"}}),
              "listeners: the port of 'PLAINTEXT://a:65536' is not between 0 and 65535.");
    EXPECT_EQ(why({{"listeners", "OUTSIDE://a:1"}}),
              "listeners: OUTSIDE has no security protocol: add OUTSIDE:PLAINTEXT to "
              "listener.security.protocol.map.");
    EXPECT_EQ(why({{"listeners", "PLAINTEXT://a:1,plaintext://b:2"}}),
              "listeners: each listener has a name of its own, and PLAINTEXT is there twice.");
    EXPECT_EQ(why({{"listeners", "A://h:1,B://h:1"},
                   {"listener.security.protocol.map", "A:PLAINTEXT,B:PLAINTEXT"}}),
              "listeners: A and B have the same host and port.");
    EXPECT_EQ(why({{"listeners", "C://h:1"}, {"controller.listener.names", "C"}}),
              "listeners: there is none for clients, only for the controller.");
}

TEST(Listeners, that_are_told_wrongly_say_why_in_a_sentence) {
    auto why = [](const std::string& name, const std::string& value) {
        auto listeners = parse({{name, value}});
        return listeners ? "" : listeners.error();
    };
    EXPECT_EQ(why("advertised.listeners", "SSL://a:1"),
              "advertised.listeners: listeners has no SSL.");
    EXPECT_EQ(why("advertised.listeners", "PLAINTEXT://0.0.0.0:9092"),
              "advertised.listeners: clients cannot connect to 0.0.0.0: name an address that they "
              "can reach.");
    EXPECT_EQ(why("advertised.listeners", "PLAINTEXT://:9092"),
              "advertised.listeners: PLAINTEXT needs a host and a port to be told.");
    EXPECT_EQ(why("listener.security.protocol.map", "PLAINTEXT"),
              "listener.security.protocol.map: 'PLAINTEXT' is not of the form NAME:PROTOCOL.");
    EXPECT_EQ(why("listener.security.protocol.map", "A:TLS"),
              "listener.security.protocol.map: there is no protocol 'TLS': PLAINTEXT, SSL, "
              "SASL_PLAINTEXT and SASL_SSL are known.");
    EXPECT_EQ(why("inter.broker.listener.name", "INSIDE"),
              "inter.broker.listener.name: listeners has no INSIDE.");
}

}  // namespace
}  // namespace stoker::broker
