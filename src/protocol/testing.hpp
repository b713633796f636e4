// For tests only: fills any message, through the same list of fields that the codec uses, and holds
// what a message must satisfy in every version. Whoever adds a message adds it to one of the
// messages/*_test.cpp and to tests/golden/MakeGolden.java, and gets all of it.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/bytes.hpp"
#include "base/random.hpp"
#include "base/uuid.hpp"
#include "protocol/message_io.hpp"
#include "protocol/schema.hpp"

namespace stoker::protocol::testing {

/// Where the values of a filled message come from.
class Values {
public:
    virtual ~Values() = default;
    virtual int64_t number(size_t size) = 0;
    virtual bool flag() = 0;
    virtual std::string text() = 0;
    virtual Bytes bytes() = 0;
    virtual Uuid uuid() = 0;
    virtual size_t element_count() = 0;
    /// Whether what may be null is null.
    virtual bool null() = 0;
    /// Whether a tagged field stays at its default.
    virtual bool leave_out() = 0;
};

/// The rule of tests/golden/MakeGolden.java.
class GoldenValues : public Values {
public:
    explicit GoldenValues(bool nulls) : nulls_(nulls) {}

    int64_t number(size_t size) override { return size == 1 ? ++counter_ % 128 : ++counter_; }
    bool flag() override { return true; }
    std::string text() override { return "s" + std::to_string(++counter_); }
    Bytes bytes() override { return to_bytes("b" + std::to_string(++counter_)); }
    Uuid uuid() override;
    size_t element_count() override { return 2; }
    bool null() override { return nulls_; }
    bool leave_out() override { return false; }

private:
    bool nulls_;
    int64_t counter_ = 0;
};

class RandomValues : public Values {
public:
    explicit RandomValues(Random& random) : random_(random) {}

    int64_t number(size_t size) override;
    bool flag() override { return random_.below(2) == 1; }
    std::string text() override;
    Bytes bytes() override;
    Uuid uuid() override { return random_.uuid(); }
    size_t element_count() override { return random_.below(4); }
    bool null() override { return random_.below(4) == 0; }
    bool leave_out() override { return random_.below(2) == 0; }

private:
    Random& random_;
};

/// Fills what travels in a version; the rest keeps its defaults. The bytes behind Records live as
/// long as the Filler.
class Filler {
public:
    Filler(Values& values, int16_t version) : values_(values), version_(version) {}

    template <Structure T>
    void operator()(T& message) {
        T::fields.each([&](auto f) {
            if constexpr (f.how.tag < 0) {
                if (f.how.in.contain(version_)) member(message, f);
            }
        });
        for (int tag = 0; tag <= T::fields.last_tag(); ++tag) {
            T::fields.each([&](auto f) {
                if (f.how.tag != tag || !f.how.in.contain(version_)) return;
                if (!values_.leave_out()) member(message, f);
            });
        }
    }

private:
    template <Structure T, class F>
    void member(T& message, F f) {
        may_be_null_ = version_ >= f.how.nullable_from;
        (*this)(message.*f.member);
    }
    void operator()(bool& value) { value = values_.flag(); }
    template <Number T>
    void operator()(T& value) {
        int64_t number = values_.number(sizeof(T));
        if constexpr (std::is_enum_v<T>) value = T(std::underlying_type_t<T>(number));
        else value = T(number);
    }
    void operator()(std::string& text) { text = values_.text(); }
    void operator()(Bytes& bytes) { bytes = values_.bytes(); }
    void operator()(Uuid& id) { id = values_.uuid(); }
    void operator()(Records& records) { records.bytes = kept_.emplace_back(values_.bytes()); }
    template <class T>
    void operator()(std::vector<T>& items) {
        items.resize(values_.element_count());
        for (T& item : items) (*this)(item);
    }
    template <class T>
    void operator()(std::optional<T>& value) {
        if (may_be_null_ && values_.null()) value.reset();
        else (*this)(value.emplace());
    }

    Values& values_;
    int16_t version_;
    bool may_be_null_ = false;
    std::deque<Bytes> kept_;
};

/// The bytes that Apache Kafka's own classes make of a message (tests/golden/messages.txt). `kind`
/// is "defaults", "full", "nulls" or "framed". Throws std::runtime_error when there is no such
/// line.
Bytes golden(std::string_view message, int16_t version, std::string_view kind);

/// "ProduceRequest" for the type of that name.
template <class T>
std::string_view type_name() {
    std::string_view text = __PRETTY_FUNCTION__;
    text = text.substr(0, text.find_first_of(";]", text.find("T = ")));
    return text.substr(text.rfind(':') + 1);
}

/// Each of these returns the first thing that is wrong, or an empty string.

template <Message T>
std::string golden_problem(const T& message, int16_t version, std::string_view kind) {
    std::string where = std::string(type_name<T>()) + " " + std::to_string(version) + " ";
    where.append(kind);
    Bytes theirs = golden(type_name<T>(), version, kind);
    Bytes ours = encode(message, version);
    if (ours != theirs) return where + ": " + hex(ours) + " should be " + hex(theirs);
    if (decode<T>(theirs, version) != message) return where + " is decoded to something else";
    return {};
}

template <Message T>
std::string golden_problem() {
    for (int v = T::api.versions.first; v <= T::api.versions.last; ++v) {
        auto version = int16_t(v);
        std::string problem = golden_problem(T{}, version, "defaults");
        if (!problem.empty()) return problem;
        for (bool nulls : {false, true}) {
            GoldenValues values(nulls);
            Filler fill(values, version);
            T message;
            fill(message);
            problem = golden_problem(message, version, nulls ? "nulls" : "full");
            if (!problem.empty()) return problem;
        }
    }
    return {};
}

/// Of bytes that may be anything, only a MalformedMessage may come.
template <Message T>
bool is_malformed(Bytes bytes, int16_t version) {
    try {
        decode<T>(bytes, version);
        return false;
    } catch (const MalformedMessage&) {
        return true;
    }
}

template <Message T>
std::string truncation_problem() {
    for (int v = T::api.versions.first; v <= T::api.versions.last; ++v) {
        Bytes whole = golden(type_name<T>(), int16_t(v), "full");
        for (size_t size = 0; size < whole.size(); ++size) {
            Bytes part(whole.begin(), whole.begin() + std::ptrdiff_t(size));
            if (is_malformed<T>(part, int16_t(v))) continue;
            return std::string(type_name<T>()) + " " + std::to_string(v) + " cut at " +
                   std::to_string(size) + " is still decoded";
        }
        whole.push_back(std::byte{0});
        if (!is_malformed<T>(whole, int16_t(v))) return "a byte too many is accepted";
    }
    return {};
}

/// Random messages come back as they were; with a bit flipped or a byte replaced they are another
/// message or malformed, and whatever is decoded can be encoded again.
template <Message T>
std::string random_problem(uint64_t seed) {
    constexpr int rounds = 25;
    Random random(seed);
    RandomValues values(random);
    for (int v = T::api.versions.first; v <= T::api.versions.last; ++v) {
        auto version = int16_t(v);
        std::string where = std::string(type_name<T>()) + " " + std::to_string(v) + ", seed " +
                            std::to_string(seed);
        for (int round = 0; round < rounds; ++round) {
            Filler fill(values, version);
            T message;
            fill(message);
            Bytes bytes = encode(message, version);
            if (decode<T>(bytes, version) != message) return where + " comes back different";
            for (int flips = 0; flips < 8 && !bytes.empty(); ++flips) {
                std::byte& hit = bytes[random.below(bytes.size())];
                hit = random.below(2) ? hit ^ std::byte(1 << random.below(8)) : std::byte{0xff};
                if (is_malformed<T>(bytes, version)) continue;
                T other = decode<T>(bytes, version);
                // Bytes are compared, since a flipped double may be NaN and equals nothing then.
                Bytes again = encode(other, version);
                T twice = decode<T>(again, version);
                if (encode(twice, version) != again) return where + " is unstable";
            }
        }
    }
    return {};
}

template <Message... T>
struct Messages {
    static std::string golden_problems() { return first({golden_problem<T>()...}); }
    static std::string truncation_problems() { return first({truncation_problem<T>()...}); }
    static std::string random_problems(uint64_t seed) {
        return first({random_problem<T>(seed)...});
    }

private:
    static std::string first(std::vector<std::string> problems) {
        for (std::string& problem : problems) {
            if (!problem.empty()) return problem;
        }
        return {};
    }
};

}  // namespace stoker::protocol::testing
