// A client's configuration under Java's names, with Java's rules for reading numbers and its
// defaults. Names that no client knows are kept and ignored, as Java does.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kafka/failure.hpp"
#include "kafka/security.hpp"

namespace stoker::kafka {

struct ClientSecurity;

class ClientProperties {
public:
    ClientProperties() = default;
    explicit ClientProperties(std::map<std::string, std::string, std::less<>> values)
        : values_(std::move(values)) {}

    void set(std::string name, std::string value);
    /// Only when there is none yet.
    void set_default(std::string name, std::string value);
    void erase(std::string_view name);
    bool has(std::string_view name) const { return values_.contains(name); }
    std::optional<std::string> get(std::string_view name) const;
    std::string get_or(std::string_view name, std::string_view otherwise) const;

    /// ConfigDef's types: a value that is none fails with Java's ConfigException.
    Outcome<int32_t> get_int(std::string_view name, int32_t otherwise) const;
    Outcome<int64_t> get_long(std::string_view name, int64_t otherwise) const;
    Outcome<bool> get_boolean(std::string_view name, bool otherwise) const;
    /// Comma-separated, blanks around the commas dropped; empty text is an empty list.
    std::vector<std::string> get_list(std::string_view name) const;

    const std::map<std::string, std::string, std::less<>>& values() const { return values_; }

private:
    std::map<std::string, std::string, std::less<>> values_;
};

/// The settings that every client has. Times in milliseconds.
struct CommonSettings {
    std::vector<std::string> bootstrap_servers;
    std::string client_id;
    int64_t request_timeout_ms = 30'000;
    int64_t default_api_timeout_ms = 60'000;
    int64_t retry_backoff_ms = 100;
    int64_t retry_backoff_max_ms = 1000;
    int64_t reconnect_backoff_ms = 50;
    int64_t reconnect_backoff_max_ms = 1000;
    int64_t connection_setup_timeout_ms = 10'000;
    int32_t send_buffer_bytes = 131'072;
    int32_t receive_buffer_bytes = 65'536;
    int32_t retries = 2'147'483'647;
    std::shared_ptr<const ClientSecurity> security;
};

/// Fails with ConfigException for a value of the wrong type or out of its range, and for a
/// security settings that will not do.
Outcome<CommonSettings> read_common_settings(const ClientProperties& properties);

}  // namespace stoker::kafka
