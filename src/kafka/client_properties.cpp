#include "kafka/client_properties.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

namespace stoker::kafka {
namespace {

/// String.trim().
std::string_view trim(std::string_view text) {
    auto blank = [](char c) { return static_cast<unsigned char>(c) <= ' '; };
    while (!text.empty() && blank(text.front())) text.remove_prefix(1);
    while (!text.empty() && blank(text.back())) text.remove_suffix(1);
    return text;
}

std::unexpected<Failure> invalid(std::string_view name, std::string_view value,
                                 std::string_view why) {
    return failed(config_failure(std::string("Invalid value ")
                                     .append(value)
                                     .append(" for configuration ")
                                     .append(name)
                                     .append(": ")
                                     .append(why)));
}

template <class T>
Outcome<T> number(std::string_view name, const std::optional<std::string>& value, T otherwise,
                  std::string_view type) {
    if (!value) return otherwise;
    std::string_view digits = trim(*value);
    if (digits.starts_with('+') && digits.size() > 1 && digits[1] != '-') digits.remove_prefix(1);
    T result{};
    auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), result);
    if (error != std::errc() || end != digits.data() + digits.size()) {
        return invalid(name, *value, std::string("Not a number of type ").append(type));
    }
    return result;
}

/// Reads numbers one after the other and keeps the first failure.
class Ranges {
public:
    explicit Ranges(const ClientProperties& from) : from_(&from) {}

    template <class T>
    void read(std::string_view name, T& into, int64_t at_least) {
        if (failure_) return;
        Outcome<T> value = [&] {
            if constexpr (sizeof(T) == 4) return from_->get_int(name, into);
            else return from_->get_long(name, into);
        }();
        if (!value) {
            failure_ = value.error();
        } else if (*value < at_least) {
            failure_ = invalid(name, std::to_string(*value),
                               "Value must be at least " + std::to_string(at_least))
                           .error();
        } else {
            into = *value;
        }
    }
    /// An INT of Java's that is a time here.
    void read_int_ms(std::string_view name, int64_t& into, int64_t at_least) {
        int32_t narrow = int32_t(into);
        read(name, narrow, at_least);
        into = narrow;
    }
    const std::optional<Failure>& failure() const { return failure_; }

private:
    const ClientProperties* from_;
    std::optional<Failure> failure_;
};

}  // namespace

void ClientProperties::set(std::string name, std::string value) {
    values_.insert_or_assign(std::move(name), std::move(value));
}

void ClientProperties::set_default(std::string name, std::string value) {
    values_.try_emplace(std::move(name), std::move(value));
}

void ClientProperties::erase(std::string_view name) {
    if (auto found = values_.find(name); found != values_.end()) values_.erase(found);
}

std::optional<std::string> ClientProperties::get(std::string_view name) const {
    auto found = values_.find(name);
    if (found == values_.end()) return std::nullopt;
    return found->second;
}

std::string ClientProperties::get_or(std::string_view name, std::string_view otherwise) const {
    return get(name).value_or(std::string(otherwise));
}

Outcome<int32_t> ClientProperties::get_int(std::string_view name, int32_t otherwise) const {
    return number<int32_t>(name, get(name), otherwise, "INT");
}

Outcome<int64_t> ClientProperties::get_long(std::string_view name, int64_t otherwise) const {
    return number<int64_t>(name, get(name), otherwise, "LONG");
}

Outcome<bool> ClientProperties::get_boolean(std::string_view name, bool otherwise) const {
    std::optional<std::string> value = get(name);
    if (!value) return otherwise;
    std::string lower(trim(*value));
    std::ranges::transform(lower, lower.begin(), [](unsigned char c) {
        return char(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
    });
    if (lower == "true") return true;
    if (lower == "false") return false;
    return invalid(name, *value, "Expected value to be either true or false");
}

std::vector<std::string> ClientProperties::get_list(std::string_view name) const {
    std::vector<std::string> items;
    std::string value = get_or(name, "");
    std::string_view rest = trim(value);
    while (!rest.empty()) {
        size_t comma = rest.find(',');
        items.emplace_back(trim(rest.substr(0, comma)));
        if (comma == std::string_view::npos) break;
        rest.remove_prefix(comma + 1);
    }
    while (!items.empty() && items.back().empty()) items.pop_back();  // as Java's split
    return items;
}

Outcome<CommonSettings> read_common_settings(const ClientProperties& properties) {
    CommonSettings settings;
    settings.bootstrap_servers = properties.get_list("bootstrap.servers");
    settings.client_id = properties.get_or("client.id", "");
    Ranges ranges(properties);
    ranges.read_int_ms("request.timeout.ms", settings.request_timeout_ms, 0);
    ranges.read_int_ms("default.api.timeout.ms", settings.default_api_timeout_ms, 0);
    ranges.read("retry.backoff.ms", settings.retry_backoff_ms, 0);
    ranges.read("retry.backoff.max.ms", settings.retry_backoff_max_ms, 0);
    ranges.read("reconnect.backoff.ms", settings.reconnect_backoff_ms, 0);
    ranges.read("reconnect.backoff.max.ms", settings.reconnect_backoff_max_ms, 0);
    ranges.read("socket.connection.setup.timeout.ms", settings.connection_setup_timeout_ms, 0);
    ranges.read("send.buffer.bytes", settings.send_buffer_bytes, -1);
    ranges.read("receive.buffer.bytes", settings.receive_buffer_bytes, -1);
    ranges.read("retries", settings.retries, 0);
    if (ranges.failure()) return failed(*ranges.failure());
    auto security = read_security(properties);
    if (!security) return failed(security.error());
    settings.security = std::move(*security);
    return settings;
}

}  // namespace stoker::kafka
