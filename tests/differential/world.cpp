#include "world.hpp"

#include <algorithm>

#include "base/big_endian.hpp"

namespace stoker::differential {

namespace {

constexpr std::byte symbol_mark{0xfe};
constexpr size_t symbol_text_max = 13;
constexpr int64_t first_producer_symbol = 9'000'000'000'000;
constexpr size_t producer_symbols = 1000;
constexpr int32_t first_session_symbol = 5;
constexpr int32_t session_symbols = 20;

constexpr std::byte symbol_age_max{1};

/// An id that a broker made is not taken for one: it would have to start like that.
bool is_symbol(const Uuid& id) {
    return id.bytes[0] == symbol_mark && id.bytes[1] <= symbol_age_max;
}

std::string topic_of(const Uuid& symbol) {
    std::string_view text = text_of(symbol.bytes).substr(2);
    return std::string(text.substr(0, text.find('\0')));
}

}  // namespace

Uuid topic_symbol(std::string_view topic, uint8_t age) {
    Uuid id;
    id.bytes[0] = symbol_mark;
    id.bytes[1] = std::byte(age);
    ByteView text = bytes_of(topic.substr(0, symbol_text_max));
    std::ranges::copy(text, id.bytes.begin() + 2);
    return id;
}

ProducerId producer_symbol(size_t slot) {
    return ProducerId{first_producer_symbol + int64_t(slot)};
}

int32_t session_symbol(size_t slot) { return first_session_symbol + int32_t(slot); }

void World::learn_topic(const std::string& topic, const Uuid& id) {
    std::vector<Uuid>& ids = topics_[topic];
    if (!id.is_zero() && (ids.empty() || ids.back() != id)) ids.push_back(id);
}

Uuid World::own(const Uuid& id) const {
    if (!is_symbol(id)) return id;
    auto found = topics_.find(topic_of(id));
    auto age = size_t(id.bytes[1]);
    if (found == topics_.end() || found->second.size() <= age) return id;
    return found->second[found->second.size() - 1 - age];
}

ProducerId World::own(ProducerId id) const {
    int64_t slot = raw(id) - first_producer_symbol;
    if (slot < 0 || slot >= int64_t(producer_symbols)) return id;
    auto found = producers_.find(size_t(slot));
    return found == producers_.end() ? id : found->second;
}

std::string World::own(const std::string& text) const {
    auto found = texts_.find(text);
    return found == texts_.end() ? text : found->second;
}

int32_t World::own_session(int32_t id) const {
    int32_t slot = id - first_session_symbol;
    if (slot < 0 || slot >= session_symbols) return id;
    auto found = sessions_.find(size_t(slot));
    return found == sessions_.end() ? id : found->second;
}

Uuid World::topic_symbol_of(const Uuid& id) const {
    for (const auto& [topic, ids] : topics_) {
        if (!ids.empty() && ids.back() == id) return topic_symbol(topic, 0);
    }
    return id;
}

std::string World::symbol(const Uuid& id) const {
    if (id.is_zero()) return "no id";
    for (const auto& [topic, ids] : topics_) {
        for (size_t n = 0; n < ids.size(); ++n) {
            if (ids[n] == id) return "id of " + topic + " #" + std::to_string(n);
        }
    }
    if (is_symbol(id)) {
        return "id of " + topic_of(id) + " of age " + std::to_string(int(id.bytes[1]));
    }
    return "an id";
}

std::string World::symbol(ProducerId id) const {
    for (const auto& [slot, own_id] : producers_) {
        if (own_id == id && id != ProducerId::none) return "producer " + std::to_string(slot);
    }
    return std::to_string(raw(id));
}

std::string World::symbol(const std::string& text) const {
    if (text.empty()) return "\"\"";
    for (const auto& [symbol, own_text] : texts_) {
        if (own_text == text) return symbol;
    }
    return '"' + text + '"';
}

std::string World::symbol_of_session(int32_t id) const {
    for (const auto& [slot, own_id] : sessions_) {
        if (own_id == id && id != 0) return "session " + std::to_string(slot);
    }
    return id == 0 ? "no session" : "a session";
}

}  // namespace stoker::differential
