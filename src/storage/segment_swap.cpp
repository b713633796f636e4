#include "storage/segment_swap.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <set>
#include <string_view>

#include "base/ids.hpp"
#include "storage/batch_scanner.hpp"
#include "storage/disk_error.hpp"
#include "storage/disk_path.hpp"
#include "storage/loggers.hpp"
#include "storage/segment_files.hpp"

namespace stoker::storage {

namespace {

constexpr std::array index_suffixes{offset_index_suffix, time_index_suffix,
                                    transaction_index_suffix};

class Swaps {
public:
    Swaps(Disk& disk, const std::string& folder) : disk_(disk), folder_(folder) {}

    DiskResult<bool> run(const std::vector<std::string>& names) {
        sort(names);
        if (cleaned_.empty() && swapped_.empty()) return false;
        for (const std::string& name : cleaned_) {
            if (const auto done = remove(name); !done) return std::unexpected(done.error());
        }
        for (const std::string& name : swapped_) {
            // Not all files of the new segment had got this far, so it does not count.
            const bool undone = !base_of(name) || *base_of(name) >= unfinished_;
            const auto done = undone ? remove(name) : finish(name);
            if (!done) return std::unexpected(done.error());
        }
        if (const auto done = disk_.sync_folder(folder_); !done) {
            return std::unexpected(done.error());
        }
        return true;
    }

private:
    /// "00000000000000000042.index.swap" → 42
    static std::optional<Offset> base_of(const std::string& name) {
        if (name.size() < offset_digits) return {};
        return parse_segment_name(std::string_view(name).substr(0, offset_digits), {});
    }

    std::string path(std::string_view name) const { return join(folder_, name); }
    DiskResult<void> remove(const std::string& name) { return disk_.remove(path(name)); }

    void sort(const std::vector<std::string>& names) {
        for (const std::string& name : names) {
            if (name.ends_with(cleaned_suffix)) {
                cleaned_.push_back(name);
                if (const auto base = base_of(name)) unfinished_ = std::min(unfinished_, *base);
            } else if (name.ends_with(swap_suffix)) {
                swapped_.push_back(name);
            } else if (const auto base = parse_segment_name(name, log_suffix)) {
                bases_.insert(*base);
            }
        }
        // The data files first: they say which segments go.
        std::ranges::stable_partition(swapped_, [](const std::string& name) {
            return name.ends_with(swapped_log_suffix);
        });
    }

    DiskResult<void> finish(const std::string& name) {
        if (name.ends_with(swapped_log_suffix)) {
            if (const auto done = remove_replaced(*base_of(name), name); !done) return done;
        }
        const std::string final_name = name.substr(0, name.size() - swap_suffix.size());
        return disk_.rename(path(name), path(final_name));
    }

    /// The segments between the new one's start and end; of one with the same start the indexes,
    /// which are its own for as long as its data file is there.
    DiskResult<void> remove_replaced(Offset base, const std::string& name) {
        const auto end = end_of(name, base);
        if (!end) return std::unexpected(end.error());
        bool removed = false;
        for (auto old = bases_.lower_bound(base); old != bases_.end() && *old < *end; ++old) {
            for (const auto suffix : index_suffixes) {
                const auto done = disk_.remove(segment_path(folder_, *old, suffix));
                if (!done) return done;
            }
            removed = true;
            if (*old == base) continue;
            const auto done = disk_.remove(segment_path(folder_, *old, log_suffix));
            if (!done) return done;
        }
        cleaner_log().info(
            "Completed the replacement of segments of {} by the cleaned one from {} on.", folder_,
            raw(base));
        // Else a power cut could leave both.
        return removed ? disk_.sync_folder(folder_) : DiskResult<void>();
    }

    /// Behind the last batch; at least one offset behind the start.
    DiskResult<Offset> end_of(const std::string& name, Offset base) {
        const auto file = disk_.open(path(name), OpenMode::read);
        if (!file) return std::unexpected(file.error());
        const auto size = (*file)->size();
        if (!size) return std::unexpected(size.error());
        Offset end = base + 1;
        BatchScanner scanner(**file, 0, *size);
        for (;;) {
            const auto batch = scanner.next();
            // Recovery deals with damage.
            if (!batch && is_malformed(batch.error())) return end;
            if (!batch) return std::unexpected(batch.error());
            if (!*batch) return end;
            end = std::max(end, (*batch)->header.last_offset() + 1);
        }
    }

    static constexpr std::string_view swapped_log_suffix = ".log.swap";

    Disk& disk_;
    const std::string& folder_;
    std::vector<std::string> cleaned_;
    std::vector<std::string> swapped_;
    std::set<Offset> bases_;
    /// The first segment with a file that was not complete.
    Offset unfinished_{std::numeric_limits<int64_t>::max()};
};

}  // namespace

DiskResult<bool> finish_replacements(Disk& disk, const std::string& folder,
                                     const std::vector<std::string>& names) {
    return Swaps(disk, folder).run(names);
}

}  // namespace stoker::storage
