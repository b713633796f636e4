// Workload files: YAML, described in docs/load.md. Presets are files of the same kind that come
// with the program.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "workload/workload.hpp"

namespace stoker::workload {

inline constexpr size_t workload_file_max = 1 << 20;

/// `name` is the file's in complaints: "load.yml:3:7: keys: there is no 'cuont'; allowed are …".
/// Files that the text names (replay) are looked for in `folder`.
std::expected<Workload, std::string> parse_workload(std::string_view text, const std::string& name,
                                                    const std::string& folder = ".");
std::expected<Workload, std::string> read_workload(const std::string& path);

struct Preset {
    std::string_view name;
    std::string_view text;
};
const std::vector<Preset>& presets();
std::expected<Workload, std::string> preset_workload(std::string_view name);

/// Why the producers cannot be dealt out to so many processes.
std::optional<std::string> wrong_workers(const Workload& workload, int64_t workers);

/// The phases in `seconds` altogether, each as long in proportion.
void stretch(Workload& workload, double seconds);

}  // namespace stoker::workload
