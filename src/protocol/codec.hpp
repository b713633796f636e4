// The folds over a message's fields: encode, decode, print. Heavy; included only by the
// messages/*.cpp, each of which instantiates MessageIo for its own messages.
#pragma once

#include <array>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/uuid.hpp"
#include "protocol/message_io.hpp"
#include "protocol/wire.hpp"

namespace stoker::protocol {

/// What a member is compared with to decide whether it differs from its default.
template <Structure T>
const T& defaults() {
    static const T value{};
    return value;
}

template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;

/// A tagged struct that may be null has another mark in front than one without a tag: an unsigned
/// varint, 1 or 0, instead of a byte, 1 or -1.
template <class T, class F>
inline constexpr bool is_marked_by_varint = false;
template <Structure T, class F>
inline constexpr bool is_marked_by_varint<std::optional<T>, F> = F::how.tag >= 0;

template <size_t Size>
using UnsignedOfSize = std::conditional_t<
    Size == 1, uint8_t,
    std::conditional_t<Size == 2, uint16_t, std::conditional_t<Size == 4, uint32_t, uint64_t>>>;

class Encoder {
public:
    Encoder(Writer& out, int16_t version, bool flexible)
        : out_(out), version_(version), flexible_(flexible) {}

    template <Structure T>
    void operator()(const T& message) {
        T::fields.each([&](auto f) {
            if (!f.how.in.contain(version_)) return refuse_loss(message, f);
            if constexpr (f.how.tag < 0) {
                bool outer = flexible_;
                if constexpr (f.how.always_classic) flexible_ = false;
                member(message, f);
                flexible_ = outer;
            }
        });
        if (flexible_) tagged_fields(message);
    }

private:
    template <Structure T, class F>
    void member(const T& message, F f) {
        const auto& value = message.*f.member;
        using Member = std::remove_cvref_t<decltype(value)>;
        if constexpr (is_optional<Member>) {
            if (!value && version_ < f.how.nullable_from) refuse(f.name(), "must not be null");
        }
        if constexpr (is_marked_by_varint<Member, F>) {
            out_.unsigned_varint(value ? 1 : 0);
            if (value) (*this)(*value);
        } else {
            (*this)(value);
        }
    }

    template <Structure T, class F>
    void refuse_loss(const T& message, F f) {
        if constexpr (!f.how.ignorable) {
            if (message.*f.member != defaults<T>().*f.member) refuse(f.name(), "cannot travel");
        }
    }

    [[noreturn]] void refuse(std::string_view field, std::string_view why) const {
        throw CannotEncode(std::string(field).append(" ").append(why).append(" in version ") +
                           std::to_string(version_));
    }

    template <Structure T>
    void tagged_fields(const T& message) {
        uint32_t present = 0;
        each_present_tag(message, [&](auto) { ++present; });
        out_.unsigned_varint(present);
        if constexpr (T::fields.last_tag() >= 0) {
            for (int tag = 0; present > 0 && tag <= T::fields.last_tag(); ++tag) {
                each_present_tag(message, [&](auto f) {
                    if (f.how.tag != tag) return;
                    size_t begin = out_.begin_tag();
                    member(message, f);
                    out_.end_tag(begin, tag);
                });
            }
        }
    }

    template <Structure T, class Act>
    void each_present_tag(const T& message, Act&& act) {
        T::fields.each([&](auto f) {
            if constexpr (f.how.tag >= 0) {
                if (!f.how.in.contain(version_)) return;
                if (message.*f.member != defaults<T>().*f.member) act(f);
            }
        });
    }

    template <Number T>
    void operator()(T value) {
        out_.number(std::bit_cast<UnsignedOfSize<sizeof(T)>>(value));
    }
    void operator()(const Uuid& id) { out_.put(id.bytes.data(), id.bytes.size()); }
    void operator()(const std::string& text) { out_.text(text, flexible_); }
    void operator()(const Bytes& bytes) { out_.blob(bytes, flexible_); }
    void operator()(const Records& records) { out_.records(records, flexible_); }
    template <class T>
    void operator()(const std::vector<T>& items) {
        out_.length(items.size(), flexible_);
        for (const T& item : items) (*this)(item);
    }
    template <class T>
    void operator()(const std::optional<T>& value) {
        if constexpr (Structure<T>) out_.number(int8_t(value ? 1 : -1));
        if (value) (*this)(*value);
        else if constexpr (std::same_as<T, std::string>) out_.null_text(flexible_);
        else if constexpr (!Structure<T>) out_.null(flexible_);
    }

    Writer& out_;
    int16_t version_;
    bool flexible_;
};

class Decoder {
public:
    Decoder(Reader& in, int16_t version, bool flexible)
        : in_(in), version_(version), flexible_(flexible) {}

    /// `message` is as it was constructed: members that do not travel keep their defaults.
    template <Structure T>
    void operator()(T& message) {
        T::fields.each([&](auto f) {
            if constexpr (f.how.tag < 0) {
                if (!f.how.in.contain(version_)) return;
                bool outer = flexible_;
                if constexpr (f.how.always_classic) flexible_ = false;
                member(message, f);
                flexible_ = outer;
            }
        });
        if (flexible_) tagged_fields(message);
    }

private:
    template <Structure T, class F>
    void member(T& message, F f) {
        auto& value = message.*f.member;
        using Member = std::remove_cvref_t<decltype(value)>;
        in_.reading(f.name());
        if constexpr (is_marked_by_varint<Member, F>) {
            if (in_.unsigned_varint() == 0) value.reset();
            else (*this)(value.emplace(fresh(value)));
        } else {
            (*this)(value);
        }
        if constexpr (is_optional<Member>) {
            if (!value && version_ < f.how.nullable_from) in_.fail("null in this version");
        }
    }

    template <Structure T>
    void tagged_fields(T& message) {
        in_.reading("tagged fields");
        int64_t previous = -1;
        for (uint32_t left = in_.unsigned_varint(); left > 0; --left) {
            int64_t tag = in_.unsigned_varint();
            if (tag <= previous) in_.fail("tags must ascend");
            previous = tag;
            uint32_t size = in_.unsigned_varint();
            ByteView outer = in_.enter(size);
            bool known = false;
            T::fields.each([&](auto f) {
                if constexpr (f.how.tag >= 0) {
                    if (f.how.tag != tag || !f.how.in.contain(version_)) return;
                    known = true;
                    member(message, f);
                }
            });
            if (!known) in_.take(size);
            in_.leave(outer);
            in_.reading("tagged fields");
        }
    }

    template <Number T>
    void operator()(T& value) {
        auto bits = in_.number<UnsignedOfSize<sizeof(T)>>();
        if constexpr (std::same_as<T, bool>) value = bits != 0;
        else value = std::bit_cast<T>(bits);
    }
    void operator()(Uuid& id) {
        ByteView bytes = in_.take(id.bytes.size());
        std::memcpy(id.bytes.data(), bytes.data(), bytes.size());
    }
    void operator()(std::string& text) { text = in_.text(in_.required_text_length(flexible_)); }
    void operator()(Bytes& bytes) { bytes = to_bytes(in_.take(in_.required_length(flexible_))); }
    void operator()(Records& records) { view(records, in_.required_length(flexible_)); }
    template <class T>
    void operator()(std::vector<T>& items) {
        read_items(items, in_.required_array_length(flexible_));
    }

    void operator()(std::optional<std::string>& text) {
        int64_t size = in_.text_length(flexible_);
        if (size < 0) text.reset();
        else text = in_.text(size_t(size));
    }
    void operator()(std::optional<Bytes>& bytes) {
        int64_t size = in_.length(flexible_);
        if (size < 0) bytes.reset();
        else bytes = to_bytes(in_.take(size_t(size)));
    }
    void operator()(std::optional<Records>& records) {
        int64_t size = in_.length(flexible_);
        if (size < 0) records.reset();
        else view(records.emplace(), size_t(size));
    }
    template <class T>
    void operator()(std::optional<std::vector<T>>& items) {
        int64_t count = in_.array_length(flexible_);
        if (count < 0) items.reset();
        else read_items(items.emplace(), size_t(count));
    }
    template <Structure T>
    void operator()(std::optional<T>& value) {
        if (in_.number<int8_t>() < 0) value.reset();
        else (*this)(value.emplace(fresh(value)));
    }

    /// For emplace(): clang asks once, within the class around it, whether a nested class can be
    /// constructed from nothing, is told no, and remembers.
    template <Structure T>
    static T fresh(const std::optional<T>&) {
        return {};
    }

    template <class T>
    void read_items(std::vector<T>& items, size_t count) {
        items.clear();  // and grows as the bytes arrive: a lying count buys no memory
        for (; count > 0; --count) (*this)(items.emplace_back());
    }

    /// FrameOf<T> saw to it that what carries records was handed in as mutable bytes.
    void view(Records& records, size_t size) {
        ByteView bytes = in_.take(size);
        records.bytes = {const_cast<std::byte*>(bytes.data()), bytes.size()};
    }

    Reader& in_;
    int16_t version_;
    bool flexible_;
};

class Printer {
public:
    template <Structure T>
    void operator()(const T& message) {
        std::string_view separator = "{";
        T::fields.each([&](auto f) {
            text_.append(separator).append("\"").append(f.name()).append("\": ");
            separator = ", ";
            if constexpr (f.how.secret) text_ += "\"***\"";
            else (*this)(message.*f.member);
        });
        text_ += separator == "{" ? "{}" : "}";
    }

    std::string finish() && { return std::move(text_); }

private:
    void operator()(bool value) { text_ += value ? "true" : "false"; }
    template <Number T>
    void operator()(T value) {
        if constexpr (std::is_enum_v<T>) text_ += std::to_string(std::to_underlying(value));
        else text_ += std::to_string(value);
    }
    void operator()(const Uuid& id) { text_ += '"' + to_string(id) + '"'; }
    void operator()(const std::string& text);
    void operator()(const Bytes& bytes) { size(bytes.size()); }
    void operator()(const Records& records) { size(records.size()); }
    template <class T>
    void operator()(const std::vector<T>& items) {
        text_ += '[';
        for (const T& item : items) {
            if (&item != items.data()) text_ += ", ";
            (*this)(item);
        }
        text_ += ']';
    }
    template <class T>
    void operator()(const std::optional<T>& value) {
        if (value) (*this)(*value);
        else text_ += "null";
    }
    void size(size_t bytes) { text_ += '"' + std::to_string(bytes) + " bytes\""; }

    std::string text_;
};

/// Both throw when T has no such version.
void require_version_to_encode(const Api& api, int16_t version);
void require_version_to_decode(const Api& api, int16_t version);
/// Throws a MalformedMessage that also names the message and its version.
[[noreturn]] void fail_decoding(const Api& api, int16_t version, const MalformedMessage& inner);

template <Message T>
T decode_from(Reader& reader, int16_t version) {
    require_version_to_decode(T::api, version);
    T message;
    try {
        Decoder decoder(reader, version, T::api.is_flexible(version));
        decoder(message);
    } catch (const MalformedMessage& error) {
        fail_decoding(T::api, version, error);
    }
    return message;
}

template <Message T>
T MessageIo<T>::decode(FrameOf<T> bytes, int16_t version) {
    Reader reader(bytes);
    T message = decode_from<T>(reader, version);
    if (!reader.at_end()) {
        fail_decoding(T::api, version, MalformedMessage("bytes after the end of the message"));
    }
    return message;
}

template <Message T>
T MessageIo<T>::decode_front(FrameOf<T> bytes, int16_t version) {
    Reader reader(bytes);
    return decode_from<T>(reader, version);
}

template <Message T>
Bytes MessageIo<T>::encode(ByteView prefix, const T& message, int16_t version) {
    require_version_to_encode(T::api, version);
    Writer writer(to_bytes(prefix));
    Encoder encoder(writer, version, T::api.is_flexible(version));
    encoder(message);
    return std::move(writer).finish_whole();
}

/// Begins a frame: room for its size, then the header.
Writer begin_request(const Api& api, const RequestHeader& header);
Writer begin_response(const Api& api, int32_t correlation_id, int16_t version);

template <Message T>
Bytes MessageIo<T>::encode_request(const RequestHeader& header, const T& message) {
    Writer writer = begin_request(T::api, header);
    int16_t version = header.request_api_version;
    Encoder encoder(writer, version, T::api.is_flexible(version));
    encoder(message);
    writer.fill_frame_size();
    return std::move(writer).finish_whole();
}

template <Message T>
Encoded MessageIo<T>::encode_response(int32_t correlation_id, const T& message, int16_t version) {
    Writer writer = begin_response(T::api, correlation_id, version);
    Encoder encoder(writer, version, T::api.is_flexible(version));
    encoder(message);
    writer.fill_frame_size();
    return std::move(writer).finish();
}

template <Message T>
std::string MessageIo<T>::print(const T& message) {
    Printer printer;
    printer(message);
    return std::move(printer).finish();
}

}  // namespace stoker::protocol
