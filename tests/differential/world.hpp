// One of the two brokers, with the names that it alone gives: topic ids, producer ids, member ids,
// session ids. A step is written once, with symbols in their places; here they become this broker's
// own for the request, and its own become the symbols again in the answer.
//
// The symbols: a Uuid from topic_symbol, a ProducerId from producer_symbol, a string that starts
// with '@', a session id from session_symbol. Nothing that a broker gives out looks like them.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/ids.hpp"
#include "base/uuid.hpp"
#include "connection.hpp"

namespace stoker::differential {

/// The id that the topic has, or had last (age 0), or had before it was deleted (age 1).
Uuid topic_symbol(std::string_view topic, uint8_t age);
ProducerId producer_symbol(size_t slot);
int32_t session_symbol(size_t slot);

class World {
public:
    World(std::string name, const std::string& address, bool is_reference)
        : connection(address), second(address), name_(std::move(name)), is_reference_(is_reference) {}

    const std::string& name() const { return name_; }
    bool is_reference() const { return is_reference_; }

    void learn_topic(const std::string& topic, const Uuid& id);
    void learn_producer(size_t slot, ProducerId id) { producers_[slot] = id; }
    void learn_session(size_t slot, int32_t id) { sessions_[slot] = id; }
    /// `symbol` starts with '@'.
    void learn_text(const std::string& symbol, const std::string& text) { texts_[symbol] = text; }

    /// From symbols. What was never learnt becomes something that no broker has.
    Uuid own(const Uuid& id) const;
    ProducerId own(ProducerId id) const;
    std::string own(const std::string& text) const;
    int32_t own_session(int32_t id) const;

    /// To symbols.
    Uuid topic_symbol_of(const Uuid& id) const;
    std::string symbol(const Uuid& id) const;
    std::string symbol(ProducerId id) const;
    std::string symbol(const std::string& text) const;
    std::string symbol_of_session(int32_t id) const;

    Connection connection;
    /// For who has to wait while the first asks on.
    Connection second;

private:
    std::string name_;
    bool is_reference_;
    std::map<std::string, std::vector<Uuid>> topics_;
    std::map<size_t, ProducerId> producers_;
    std::map<size_t, int32_t> sessions_;
    std::map<std::string, std::string> texts_;
};

}  // namespace stoker::differential
