#include "storage/open_files.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>

#include "base/check.hpp"
#include "storage/disk_error.hpp"
#include "storage/disk_path.hpp"
#include "storage/system_calls.hpp"

namespace stoker::storage {

namespace {

constexpr int descriptor_shift = 32;
constexpr uint64_t users_mask = 0xffff'ffff;

int descriptor_in(uint64_t state) {
    return static_cast<int>(state >> descriptor_shift) - 1;
}
uint64_t upper_half(int descriptor) {
    return static_cast<uint64_t>(descriptor + 1) << descriptor_shift;
}

std::unique_ptr<char[]> stored(std::string_view name) {
    auto copy = std::make_unique_for_overwrite<char[]>(name.size() + 1);
    *std::copy(name.begin(), name.end(), copy.get()) = '\0';
    return copy;
}

bool no_descriptor_left(int descriptor) {
    return descriptor < 0 && (errno == EMFILE || errno == ENFILE);
}

}  // namespace

OpenFiles::OpenFiles(size_t open_max) : open_max_(open_max) {
    STOKER_CHECK(open_max > 0, "at least one file must be able to be open");
}

OpenFiles::~OpenFiles() = default;

void OpenFiles::add(OpenFile& file, const std::string& path, int descriptor) {
    const std::lock_guard lock(mutex_);
    file.name_ = stored(name_of(path));
    link(file, folder_at(parent_of(path)));
    if (descriptor < 0) return;
    while (clock_.size() >= open_max_ && evict_one()) {
    }
    install(file, descriptor);
}

void OpenFiles::remove(OpenFile& file) {
    int descriptor = -1;
    {
        const std::lock_guard lock(mutex_);
        const uint64_t state = file.state_.exchange(0, std::memory_order_acq_rel);
        STOKER_CHECK((state & users_mask) == 0, "a file is closed while it is in use");
        descriptor = descriptor_in(state);
        if (file.folder_ != nullptr) {
            if (descriptor >= 0) leave_clock(file);
            unlink(file);
        } else if (descriptor >= 0) {
            --detached_open_;
        }
    }
    // Outside the mutex: closing the last descriptor of a removed file frees its blocks.
    if (descriptor >= 0) ::close(descriptor);
}

DiskResult<PinnedDescriptor> OpenFiles::pin(OpenFile& file) {
    // From here on the users' count keeps evict_one() away.
    const uint64_t state = file.state_.fetch_add(1, std::memory_order_acquire);
    if (!file.used_.load(std::memory_order_relaxed)) {
        file.used_.store(true, std::memory_order_relaxed);
    }
    const int descriptor = descriptor_in(state);
    if (descriptor >= 0) return PinnedDescriptor(file, descriptor);

    const std::lock_guard lock(mutex_);
    const auto opened = open_locked(file);
    if (!opened) {
        file.state_.fetch_sub(1, std::memory_order_release);
        return std::unexpected(opened.error());
    }
    return PinnedDescriptor(file, *opened);
}

bool OpenFiles::if_closed(OpenFile& file,
                          const std::function<void(const std::string&)>& with_path) {
    const std::lock_guard lock(mutex_);
    if (file.folder_ == nullptr) return false;
    if (descriptor_in(file.state_.load(std::memory_order_acquire)) >= 0) return false;
    with_path(path_locked(file));
    return true;
}

std::string OpenFiles::path_of(const OpenFile& file) const {
    const std::lock_guard lock(mutex_);
    return path_locked(file);
}

DiskResult<void> OpenFiles::rename(const std::string& from, const std::string& to) {
    const std::lock_guard lock(mutex_);
    if (from != to) detach_named(to);
    if (::rename(from.c_str(), to.c_str()) != 0) return disk_failure(errno, "rename", from);
    if (from == to) return {};
    move_file(from, to);
    move_folders(from, to);
    return {};
}

void OpenFiles::detach(const std::string& path) {
    const std::lock_guard lock(mutex_);
    detach_named(path);
    detach_below(path);
}

int OpenFiles::with_room(const std::function<int()>& open) {
    // Nearly always there is room, and then the mutex is not needed.
    const int descriptor = retry_interrupted(open);
    if (!no_descriptor_left(descriptor)) return descriptor;
    const std::lock_guard lock(mutex_);
    return with_room_locked(open);
}

size_t OpenFiles::open_count() const {
    const std::lock_guard lock(mutex_);
    return clock_.size() + detached_open_;
}

// ---- the tree; under the mutex ----

OpenFiles::Folder& OpenFiles::folder_at(std::string_view path) {
    auto at = folders_.find(path);
    if (at == folders_.end()) {
        at = folders_.emplace(path, Folder{}).first;
        at->second.path = &at->first;
    }
    return at->second;
}

void OpenFiles::link(OpenFile& file, Folder& folder) {
    file.folder_ = &folder;
    file.previous_ = nullptr;
    file.next_ = folder.first;
    if (folder.first != nullptr) folder.first->previous_ = &file;
    folder.first = &file;
}

void OpenFiles::unlink(OpenFile& file) {
    Folder& folder = *std::exchange(file.folder_, nullptr);
    if (file.next_ != nullptr) file.next_->previous_ = file.previous_;
    (file.previous_ != nullptr ? file.previous_->next_ : folder.first) = file.next_;
    file.previous_ = file.next_ = nullptr;
    if (folder.first == nullptr) folders_.erase(folders_.find(*folder.path));
}

std::string OpenFiles::path_locked(const OpenFile& file) const {
    if (file.folder_ == nullptr) return std::string(file.name_.get()) + " (removed)";
    return join(*file.folder_->path, file.name_.get());
}

std::pair<OpenFiles::Folders::iterator, OpenFiles::Folders::iterator> OpenFiles::folders_below(
    const std::string& path) {
    const std::string prefix = join(path, "");
    std::string beyond = prefix;
    beyond.back() = '/' + 1;
    return {folders_.lower_bound(prefix), folders_.lower_bound(beyond)};
}

void OpenFiles::move_file(const std::string& from, const std::string& to) {
    const auto at = folders_.find(parent_of(from));
    if (at == folders_.end()) return;
    const std::string_view old_name = name_of(from);
    Folder& target = folder_at(parent_of(to));
    OpenFile* next = nullptr;
    for (OpenFile* file = at->second.first; file != nullptr; file = next) {
        next = file->next_;
        if (file->name_.get() != old_name) continue;
        file->name_ = stored(name_of(to));
        if (&target == file->folder_) continue;
        unlink(*file);  // the last one takes the folder along, and `next` is null then
        link(*file, target);
    }
    if (target.first == nullptr) folders_.erase(folders_.find(*target.path));
}

void OpenFiles::move_folders(const std::string& from, const std::string& to) {
    std::vector<Folders::node_type> moved;
    if (const auto at = folders_.find(from); at != folders_.end()) {
        moved.push_back(folders_.extract(at));
    }
    for (auto [at, end] = folders_below(from); at != end;) moved.push_back(folders_.extract(at++));
    for (Folders::node_type& node : moved) {
        node.key() = to + node.key().substr(from.size());  // the Folder stays where it is
        const auto result = folders_.insert(std::move(node));
        if (result.inserted) continue;
        // Somebody has files there that are gone from the disk: ours take their place beside them.
        Folder& target = result.position->second;
        Folder& orphan = result.node.mapped();
        while (OpenFile* file = orphan.first) {
            orphan.first = file->next_;
            link(*file, target);
        }
    }
}

// ---- descriptors; under the mutex ----

DiskResult<int> OpenFiles::open_locked(OpenFile& file) {
    const int already = descriptor_in(file.state_.load(std::memory_order_acquire));
    if (already >= 0) return already;
    if (file.folder_ == nullptr) return disk_failure(ENOENT, "open", path_locked(file));
    while (clock_.size() >= open_max_ && evict_one()) {
    }
    const std::string path = path_locked(file);
    const int flags = (file.writable_ ? O_RDWR : O_RDONLY) | O_CLOEXEC;
    const int descriptor = with_room_locked([&] { return ::open(path.c_str(), flags); });
    if (descriptor < 0) return disk_failure(errno, "open", path);
    install(file, descriptor);
    return descriptor;
}

int OpenFiles::with_room_locked(const std::function<int()>& open) {
    for (;;) {
        const int descriptor = retry_interrupted(open);
        if (!no_descriptor_left(descriptor)) return descriptor;
        const int code = errno;
        if (!evict_one()) {
            errno = code;
            return -1;
        }
    }
}

void OpenFiles::install(OpenFile& file, int descriptor) {
    file.slot_ = static_cast<uint32_t>(clock_.size());
    clock_.push_back(&file);
    file.used_.store(true, std::memory_order_relaxed);
    file.state_.fetch_add(upper_half(descriptor), std::memory_order_release);
}

/// Closes the first file that the hand finds idle; false when all are in use.
bool OpenFiles::evict_one() {
    // Two rounds: the first may do nothing but clear the flags.
    for (size_t steps = 2 * clock_.size(); steps > 0; --steps) {
        if (hand_ >= clock_.size()) hand_ = 0;
        OpenFile& file = *clock_[hand_];
        uint64_t state = file.state_.load(std::memory_order_acquire);
        const bool idle = (state & users_mask) == 0;
        if (idle && !file.used_.exchange(false, std::memory_order_relaxed) &&
            file.state_.compare_exchange_strong(state, 0, std::memory_order_acq_rel)) {
            leave_clock(file);
            ::close(descriptor_in(state));
            return true;
        }
        ++hand_;
    }
    return false;
}

void OpenFiles::leave_clock(OpenFile& file) {
    OpenFile* last = clock_.back();
    clock_[file.slot_] = last;
    last->slot_ = file.slot_;
    clock_.pop_back();
}

/// The file's name goes away. Its descriptor stays until the file is dropped; a closed one is
/// opened now, for later there is no path to open it by.
void OpenFiles::detach_file(OpenFile& file) {
    if (open_locked(file)) {
        leave_clock(file);
        ++detached_open_;
    }
    unlink(file);
}

void OpenFiles::detach_named(const std::string& path) {
    const auto at = folders_.find(parent_of(path));
    if (at == folders_.end()) return;
    const std::string_view name = name_of(path);
    OpenFile* next = nullptr;
    for (OpenFile* file = at->second.first; file != nullptr; file = next) {
        next = file->next_;
        if (file->name_.get() == name) detach_file(*file);
    }
}

void OpenFiles::detach_below(const std::string& path) {
    // detach_file() removes a folder with its last file, so each is looked up anew.
    while (true) {
        auto at = folders_.find(path);
        if (at == folders_.end()) {
            const auto [first, end] = folders_below(path);
            if (first == end) return;
            at = first;
        }
        detach_file(*at->second.first);
    }
}

}  // namespace stoker::storage
