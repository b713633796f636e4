// The declaration language of the Kafka protocol.
//
// A message is a plain struct whose member initialisers are the protocol's defaults, and a `fields`
// list that says in which versions each member travels. Encoding, decoding, printing and random
// generation are folds over that one list (codec.hpp). This header is cheap: whoever only fills or
// reads messages includes it through messages/NN_name.hpp and never sees the folds.
//
//     struct HeartbeatRequest {
//         static constexpr Api api{
//             .key = 12, .name = "Heartbeat", .versions = {0, 4}, .flexible = 4};
//         std::string group_id;
//         std::optional<std::string> group_instance_id;
//
//         using Self = HeartbeatRequest;
//         static constexpr auto fields = Fields{
//             field<&Self::group_id>,
//             field<&Self::group_instance_id, since(3)>};
//     };
//
// "Flexible" versions are those of KIP-482: compact lengths and tagged fields.
#pragma once

#include <concepts>
#include <cstdint>
#include <limits>
#include <string_view>
#include <type_traits>

namespace stoker::protocol {

struct Versions {
    int16_t first = 0;
    int16_t last = std::numeric_limits<int16_t>::max();

    constexpr bool contain(int16_t version) const { return first <= version && version <= last; }
    bool operator==(const Versions&) const = default;
};

/// For Api::flexible: a message that has no flexible version.
inline constexpr int16_t never = std::numeric_limits<int16_t>::max();

/// What is common to the request and the response of one API. Records of the internal topics use it
/// too; their key is the record type.
struct Api {
    int16_t key = -1;
    std::string_view name;
    /// Served: the versions that can be encoded and decoded.
    Versions versions{};
    /// What ApiVersions says. Wider than `versions` only where clients want to see a version that
    /// none of them uses (Produce 0 to 2: librdkafka before 2.12 stops compressing without them).
    Versions advertised = versions;
    /// First version with compact lengths and tagged fields.
    int16_t flexible = never;
    /// ApiVersions only: the response header stays at version 0, since a client asks before it
    /// knows what the broker understands (KIP-511).
    bool plain_response_header = false;

    constexpr bool is_flexible(int16_t version) const { return version >= flexible; }
    constexpr int16_t request_header_version(int16_t version) const {
        return is_flexible(version) ? 2 : 1;
    }
    constexpr int16_t response_header_version(int16_t version) const {
        return is_flexible(version) && !plain_response_header ? 1 : 0;
    }
};

/// How one member travels. The defaults describe the common case: in every version, untagged.
struct Travel {
    Versions in{};
    /// At least 0 makes it a tagged field: written only when it differs from its default.
    int tag = -1;
    /// For a std::optional member: the first version in which it may be null.
    int16_t nullable_from = 0;
    /// May be left out silently in a version that cannot carry it. Any other member that differs
    /// from its default there is refused (CannotEncode): its loss would change the meaning.
    bool ignorable = false;
    /// Keeps the old length prefix in flexible versions too (the client id of the request header).
    bool always_classic = false;
    /// Printed as ***.
    bool secret = false;
};

constexpr Travel since(int16_t first) { return {.in = {.first = first}}; }
constexpr Travel until(int16_t last) { return {.in = {.last = last}}; }
constexpr Travel between(int16_t first, int16_t last) { return {.in = {first, last}}; }
constexpr Travel tagged(int tag, Travel how = {}) {
    how.tag = tag;
    return how;
}
constexpr Travel ignorable(Travel how) {
    how.ignorable = true;
    return how;
}
constexpr Travel nullable_since(int16_t first, Travel how = {}) {
    how.nullable_from = first;
    return how;
}
constexpr Travel always_classic(Travel how = {}) {
    how.always_classic = true;
    return how;
}
constexpr Travel secret(Travel how = {}) {
    how.secret = true;
    return how;
}

/// The member's own name, read off its pointer, so that a name is never written twice.
template <auto Member>
constexpr std::string_view name_of() {
    std::string_view text = __PRETTY_FUNCTION__;
    text = text.substr(0, text.find_first_of(";]", text.find("Member = ")));
    text.remove_prefix(text.rfind(':') + 1);
    while (text.ends_with(')')) text.remove_suffix(1);
    return text;
}

template <auto Member, Travel How>
struct Field {
    static constexpr auto member = Member;
    static constexpr Travel how = How;
    static constexpr std::string_view name() { return known_name; }

private:
    // A constant, so that the search is the compiler's: decoders ask for the name of every field.
    static constexpr std::string_view known_name = name_of<Member>();
};
template <auto Member, Travel How = Travel{}>
inline constexpr Field<Member, How> field{};

template <class... F>
struct Fields {
    constexpr Fields(F...) {}

    static constexpr int last_tag() {
        int last = -1;
        ((last = F::how.tag > last ? F::how.tag : last), ...);
        return last;
    }
    /// Calls visit(Field<...>) for every member, in the order of the declaration.
    template <class Visit>
    static constexpr void each(Visit&& visit) {
        (visit(F{}), ...);
    }
};

/// A struct that declares its fields.
template <class T>
concept Structure = requires { T::fields; };
/// A struct that also has versions of its own: a request, a response, a record.
template <class T>
concept Message = Structure<T> && requires { T::api; };
template <class T>
concept Number = std::integral<T> || std::floating_point<T> || std::is_enum_v<T>;

}  // namespace stoker::protocol
