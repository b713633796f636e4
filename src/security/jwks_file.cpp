#include "security/jwks_file.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>
#include <utility>

namespace stoker::security {
namespace {

namespace fs = std::filesystem;

constexpr uintmax_t file_size_max = 1 << 20;
constexpr int64_t misses_interval_ms = 1000;

int digit_of(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/// %20 and its like; nothing when it is no path.
std::optional<std::string> decoded(std::string_view text) {
    std::string path;
    for (size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '?' || text[i] == '#') return std::nullopt;
        if (text[i] != '%') {
            path += text[i];
            continue;
        }
        if (text.size() - i < 3 || digit_of(text[i + 1]) < 0 || digit_of(text[i + 2]) < 0)
            return std::nullopt;
        char c = char(digit_of(text[i + 1]) * 16 + digit_of(text[i + 2]));
        if (c == '\0') return std::nullopt;
        path += c;
        i += 2;
    }
    return path;
}

}  // namespace

std::optional<std::string> path_in_file_url(std::string_view url) {
    constexpr std::string_view scheme = "file:";
    if (!url.starts_with(scheme)) return std::nullopt;
    url.remove_prefix(scheme.size());
    if (url.starts_with("//")) {
        url.remove_prefix(2);
        if (url.starts_with("localhost/")) url.remove_prefix(std::string_view("localhost").size());
    }
    return url.starts_with('/') ? decoded(url) : std::nullopt;
}

std::expected<std::unique_ptr<JwksFile>, std::string> JwksFile::open(std::string path,
                                                                     int64_t refresh_ms,
                                                                     const Clock& clock) {
    std::unique_ptr<JwksFile> file(new JwksFile(std::move(path), refresh_ms, clock));
    auto state = file->state_.lock();
    if (auto read = file->read(*state); !read) return std::unexpected(read.error());
    return file;
}

std::expected<void, std::string> JwksFile::read(State& state) const {
    state.looked_at_ms = clock_.monotonic_ms();
    std::error_code error;
    auto modified = fs::last_write_time(path_, error);
    auto size = error ? 0 : fs::file_size(path_, error);
    if (error) return std::unexpected("it cannot be read (" + error.message() + ")");
    int64_t stamp = modified.time_since_epoch().count();
    if (state.keys && stamp == state.modified) return {};
    if (size > file_size_max) return std::unexpected("it is larger than a key set can be");
    std::ifstream in(path_, std::ios::binary);
    std::string text(std::istreambuf_iterator<char>(in), {});
    if (!in && text.empty()) return std::unexpected("it cannot be read");
    auto keys = KeySet::parse(text);
    if (!keys) return std::unexpected(keys.error());
    state.keys = std::make_shared<const KeySet>(std::move(*keys));
    state.modified = stamp;
    return {};
}

std::shared_ptr<const KeySet> JwksFile::keys(bool refresh) {
    auto state = state_.lock();
    int64_t age_ms = clock_.monotonic_ms() - state->looked_at_ms;
    // Half written or gone, it leaves what was read before in force.
    if (age_ms >= refresh_ms_ || (refresh && age_ms >= misses_interval_ms)) (void)read(*state);
    return state->keys;
}

}  // namespace stoker::security
