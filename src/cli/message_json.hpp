// Messages as JSON in the words of Java's JsonConverters: what kafka-dump-log and the formatters of
// the console consumer print of stored records. Members in the order of their declaration, in
// camel case; tagged ones only where they differ from their default; bytes in base64.
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/bytes.hpp"
#include "base/uuid.hpp"
#include "cli/jackson_text.hpp"
#include "kafka/java_text.hpp"
#include "protocol/schema.hpp"

namespace stoker::cli {

/// "leader_epoch" -> "leaderEpoch".
std::string camel_case(std::string_view name);

/// Writes one message. `replace` may write the JSON of a Bytes member in place of its base64.
class JsonWriter {
public:
    using Replace = std::optional<std::string> (*)(std::string_view name, const Bytes& bytes);

    explicit JsonWriter(int16_t version, Replace replace = nullptr)
        : version_(version), replace_(replace) {}

    template <protocol::Structure T>
    std::string write(const T& value) {
        std::string text = "{";
        T::fields.each([&]<class F>(F) {
            const auto& member = value.*(F::member);
            if (!F::how.in.contain(version_)) return;
            if (F::how.tag >= 0 && member == T{}.*(F::member)) return;
            if (text.size() > 1) text += ",";
            text += "\"" + camel_case(F::name()) + "\":" + value_of(F::name(), member);
        });
        return text + "}";
    }

private:
    template <class T>
    std::string value_of(std::string_view name, const T& value) {
        if constexpr (protocol::Structure<T>) {
            return write(value);
        } else if constexpr (std::same_as<T, bool>) {
            return value ? "true" : "false";
        } else if constexpr (std::floating_point<T>) {
            return kafka::java_text(value);
        } else if constexpr (std::is_enum_v<T>) {
            return std::to_string(static_cast<std::underlying_type_t<T>>(value));
        } else if constexpr (std::integral<T>) {
            return std::to_string(value);
        } else if constexpr (std::same_as<T, std::string>) {
            return json_quoted(value);
        } else if constexpr (std::same_as<T, Uuid>) {
            return "\"" + to_string(value) + "\"";
        } else if constexpr (std::same_as<T, Bytes>) {
            if (replace_ != nullptr) {
                if (auto json = replace_(name, value)) return *json;
            }
            return json_quoted(base64(value));
        } else if constexpr (requires { value.has_value(); }) {
            return value ? value_of(name, *value) : "null";
        } else {
            std::string text = "[";
            for (const auto& item : value) {
                if (text.size() > 1) text += ",";
                text += value_of(name, item);
            }
            return text + "]";
        }
    }

    int16_t version_;
    Replace replace_;
};

template <protocol::Structure T>
std::string to_json(const T& value, int16_t version) {
    return JsonWriter(version).write(value);
}

}  // namespace stoker::cli
