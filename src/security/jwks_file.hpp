// The file of a key set, read again when it has changed: keys are rotated while the broker runs.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/guarded.hpp"
#include "security/jwks.hpp"

namespace stoker::security {

/// The path in a file: URL; nothing for other schemes, and for hosts other than this one.
std::optional<std::string> path_in_file_url(std::string_view url);

/// Any thread.
class JwksFile {
public:
    /// Looked at again after so long, and at most once a second for keys that are not known.
    static std::expected<std::unique_ptr<JwksFile>, std::string> open(std::string path,
                                                                      int64_t refresh_ms,
                                                                      const Clock& clock);

    /// The latest that could be read. With `refresh`, somebody misses a key.
    std::shared_ptr<const KeySet> keys(bool refresh);

private:
    struct State {
        std::shared_ptr<const KeySet> keys;
        int64_t modified = 0;
        int64_t looked_at_ms = 0;
    };
    JwksFile(std::string path, int64_t refresh_ms, const Clock& clock)
        : path_(std::move(path)), refresh_ms_(refresh_ms), clock_(clock) {}

    std::expected<void, std::string> read(State& state) const;

    std::string path_;
    int64_t refresh_ms_;
    const Clock& clock_;
    Guarded<State> state_;
};

}  // namespace stoker::security
