// Folds over the fields of any message (protocol/schema.hpp): a request is fitted to its version
// and given a broker's own names, an answer becomes a Tree with symbols.
#pragma once

#include <concepts>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/error_code.hpp"
#include "protocol/records.hpp"
#include "protocol/schema.hpp"
#include "records_tree.hpp"
#include "tree.hpp"
#include "world.hpp"

namespace stoker::differential {

/// Gives members that do not travel in `version` their defaults, and members that may not be null
/// there a value, so that any step can be sent in any version.
class Fitting {
public:
    explicit Fitting(int16_t version) : version_(version) {}

    template <protocol::Structure T>
    void operator()(T& message) {
        const T fresh{};
        T::fields.each([&](auto f) {
            auto& value = message.*f.member;
            if (!f.how.in.contain(version_)) {
                value = fresh.*f.member;
                return;
            }
            if constexpr (requires { value.has_value(); }) {
                if (!value && version_ < f.how.nullable_from) value.emplace();
            }
            (*this)(value);
        });
    }

private:
    template <class T>
    void operator()(std::vector<T>& items) {
        for (T& item : items) (*this)(item);
    }
    template <class T>
    void operator()(std::optional<T>& value) {
        if (value) (*this)(*value);
    }
    template <class T>
    void operator()(T&) {}

    int16_t version_;
};

/// Puts a broker's own names in the places of symbols. What it had to copy lives as long as it.
class Resolving {
public:
    explicit Resolving(const World& world) : world_(world) {}

    template <protocol::Structure T>
    void operator()(T& message) {
        T::fields.each([&](auto f) {
            if constexpr (std::same_as<std::remove_cvref_t<decltype(message.*f.member)>, int32_t>) {
                if (f.name() != "session_id") return;
                message.*f.member = world_.own_session(message.*f.member);
            } else {
                (*this)(message.*f.member);
            }
        });
    }

private:
    void operator()(Uuid& id) { id = world_.own(id); }
    void operator()(ProducerId& id) { id = world_.own(id); }
    void operator()(std::string& text) { text = world_.own(text); }
    void operator()(protocol::Records& records) {
        records.bytes = kept_.emplace_back(with_own_producer(records.bytes, world_));
    }
    template <class T>
    void operator()(std::vector<T>& items) {
        for (T& item : items) (*this)(item);
    }
    template <class T>
    void operator()(std::optional<T>& value) {
        if (value) (*this)(*value);
    }
    template <class T>
    void operator()(T&) {}

    const World& world_;
    std::deque<Bytes> kept_;
};

class TreeMaking {
public:
    explicit TreeMaking(const World& world) : world_(world) {}

    template <protocol::Structure T>
    Tree operator()(const T& message) {
        Tree tree{.kind = Tree::Kind::object};
        T::fields.each([&](auto f) {
            Tree part = named(message.*f.member, f.name());
            part.name = f.name();
            tree.parts.push_back(std::move(part));
        });
        return tree;
    }

private:
    template <class T>
    Tree named(const T& value, std::string_view name) {
        if constexpr (std::same_as<T, int32_t>) {
            if (name == "session_id") return leaf(world_.symbol_of_session(value));
        }
        return (*this)(value);
    }
    Tree operator()(bool value) { return leaf(value ? "true" : "false"); }
    Tree operator()(ErrorCode code) { return leaf(std::string(stoker::name(code))); }
    Tree operator()(ProducerId id) { return leaf(world_.symbol(id)); }
    template <protocol::Number T>
    Tree operator()(T value) {
        if constexpr (std::is_enum_v<T>) return leaf(std::to_string(std::to_underlying(value)));
        else return leaf(std::to_string(value));
    }
    Tree operator()(const Uuid& id) { return leaf(world_.symbol(id)); }
    Tree operator()(const std::string& text) { return leaf(world_.symbol(text)); }
    Tree operator()(const Bytes& bytes) { return leaf("0x" + hex(bytes)); }
    Tree operator()(const protocol::Records& records) { return tree_of(records.bytes, world_); }
    template <class T>
    Tree operator()(const std::vector<T>& items) {
        Tree tree{.kind = Tree::Kind::list};
        for (const T& item : items) tree.parts.push_back((*this)(item));
        return tree;
    }
    template <class T>
    Tree operator()(const std::optional<T>& value) {
        return value ? (*this)(*value) : leaf("null");
    }

    const World& world_;
};

}  // namespace stoker::differential
