#include "storage/memory_disk.hpp"

#include <algorithm>
#include <cerrno>
#include <mutex>
#include <set>
#include <utility>

#include "storage/disk_error.hpp"
#include "storage/disk_path.hpp"

namespace stoker::storage {

namespace {

using Kind = DiskOperation::Kind;

/// A file's largest size, so that no hostile position can make the table of pages huge.
constexpr int64_t file_size_max = int64_t{1} << 42;

/// Where a path leads: its folder, its last name, and what is there (or null).
struct Place {
    NodePtr folder;
    std::string name;
    NodePtr node;
};

}  // namespace

struct MemoryDisk::State {
    mutable std::recursive_mutex mutex;
    MemoryTree tree;
    int64_t capacity = default_capacity;
    int64_t used = 0;
    bool cold = false;
    int64_t operations = 0;
    std::function<void(const DiskOperation&)> hook;
    std::set<const MemoryNode*> locked;

    void done(Kind kind, const std::string& path) {
        ++operations;
        if (hook) hook({kind, operations, path});
    }

    /// ENOENT or ENOTDIR when a folder on the way is not there.
    std::expected<Place, int> find(const std::string& path) const {
        const std::string normal = normal_path(path);
        std::string_view rest = normal;
        if (rest.starts_with('/')) rest.remove_prefix(1);
        if (rest.empty() || rest == ".") return Place{nullptr, "", tree.root()};
        NodePtr folder = tree.root();
        for (;;) {
            const size_t end = rest.find('/');
            const std::string_view name = rest.substr(0, end);
            if (!folder->is_folder) return std::unexpected(ENOTDIR);
            const auto at = folder->names.find(name);
            const NodePtr node = at == folder->names.end() ? nullptr : at->second;
            if (end == rest.npos) return Place{folder, std::string(name), node};
            if (node == nullptr) return std::unexpected(ENOENT);
            folder = node;
            rest.remove_prefix(end + 1);
        }
    }

    /// Changes a file's content by `change`, and counts the room it takes.
    template <class Change>
    void account(MemoryNode& file, Change change) {
        used -= file.content.allocated();
        change();
        used += file.content.allocated();
    }

    void truncate(MemoryNode& file, int64_t size) {
        account(file, [&] { file.content.truncate(size); });
        file.changes.push_back({.position = size, .truncates = true});
    }

    /// A file without a name that nobody has open takes no room any more. What of it is durable
    /// stays until the folder is synced: a power cut can bring it back.
    void release_if_gone(MemoryNode& file) {
        if (!file.linked && file.open_count == 0) {
            account(file, [&] { file.content.truncate(0); });
        }
    }

    void remove_below(const NodePtr& folder, const std::string& path) {
        while (!folder->names.empty()) {
            const auto [name, node] = *folder->names.begin();
            const std::string child = join(path, name);
            if (node->is_folder) remove_below(node, child);
            tree.remove(folder, name);
            release_if_gone(*node);
            done(Kind::remove, child);
        }
    }
};

// ---- files and locks ----

class MemoryDisk::OpenedFile final : public File {
public:
    OpenedFile(std::shared_ptr<State> state, NodePtr node, std::string path, bool writable)
        : state_(std::move(state)),
          node_(std::move(node)),
          path_(std::move(path)),
          writable_(writable) {
        ++node_->open_count;
    }

    ~OpenedFile() override {
        const std::lock_guard lock(state_->mutex);
        --node_->open_count;
        state_->release_if_gone(*node_);
    }

    DiskResult<size_t> read(int64_t position, MutableByteView into) override {
        const std::lock_guard lock(state_->mutex);
        if (into.empty()) return 0;
        if (position < 0) return disk_failure(EINVAL, "read", path_);
        return node_->content.read(position, into);
    }

    DiskResult<size_t> read_cached(int64_t position, MutableByteView into) override {
        const std::lock_guard lock(state_->mutex);
        const bool at_end = position >= node_->content.size();
        if (state_->cold && !into.empty() && !at_end) {
            return std::unexpected(DiskError{EAGAIN, {}});
        }
        return read(position, into);
    }

    DiskResult<void> write(int64_t position, ByteView bytes) override {
        const std::lock_guard lock(state_->mutex);
        if (bytes.empty()) return {};
        if (!writable_) return disk_failure(EBADF, "write", path_);
        if (position < 0) return disk_failure(EINVAL, "write", path_);
        const auto size = static_cast<int64_t>(bytes.size());
        if (position > file_size_max - size) return disk_failure(EFBIG, "write", path_);
        const int64_t room = state_->capacity - state_->used;
        const ByteView part = bytes.first(node_->content.fitting(position, bytes.size(), room));
        if (!part.empty()) {
            state_->account(*node_, [&] { node_->content.write(position, part); });
            node_->changes.push_back({.position = position, .bytes = to_bytes(part)});
            state_->done(Kind::write, path_);
        }
        if (part.size() < bytes.size()) return disk_failure(ENOSPC, "write", path_);
        return {};
    }

    DiskResult<void> sync() override {
        const std::lock_guard lock(state_->mutex);
        MemoryTree::sync_content(*node_);
        state_->done(Kind::sync, path_);
        return {};
    }

    DiskResult<void> truncate(int64_t size) override {
        const std::lock_guard lock(state_->mutex);
        if (!writable_ || size < 0) return disk_failure(EINVAL, "truncate", path_);
        if (size > file_size_max) return disk_failure(EFBIG, "truncate", path_);
        state_->truncate(*node_, size);
        state_->done(Kind::truncate, path_);
        return {};
    }

    DiskResult<int64_t> size() override {
        const std::lock_guard lock(state_->mutex);
        return node_->content.size();
    }

private:
    std::shared_ptr<State> state_;
    NodePtr node_;
    std::string path_;
    bool writable_;
};

class MemoryDisk::Lock final : public FileLock {
public:
    Lock(std::shared_ptr<State> state, NodePtr node)
        : state_(std::move(state)), node_(std::move(node)) {}
    ~Lock() override {
        const std::lock_guard lock(state_->mutex);
        state_->locked.erase(node_.get());
    }

private:
    std::shared_ptr<State> state_;
    NodePtr node_;
};

// ---- the disk ----

MemoryDisk::MemoryDisk() : state_(std::make_shared<State>()) {}
MemoryDisk::MemoryDisk(std::shared_ptr<State> state) : state_(std::move(state)) {}
MemoryDisk::~MemoryDisk() = default;

DiskResult<std::shared_ptr<File>> MemoryDisk::open(const std::string& path, OpenMode mode) {
    const std::lock_guard lock(state_->mutex);
    const auto place = state_->find(path);
    if (!place) return disk_failure(place.error(), "open", path);
    NodePtr node = place->node;
    if (node != nullptr && node->is_folder) return disk_failure(EISDIR, "open", path);
    if (node == nullptr) {
        if (mode == OpenMode::read) return disk_failure(ENOENT, "open", path);
        node = std::make_shared<MemoryNode>(false);
        state_->tree.create(place->folder, place->name, node);
        state_->done(Kind::create, path);
    } else if (mode == OpenMode::create && node->content.size() > 0) {
        state_->truncate(*node, 0);
        state_->done(Kind::truncate, path);
    }
    return std::make_shared<OpenedFile>(state_, node, path, mode != OpenMode::read);
}

DiskResult<bool> MemoryDisk::exists(const std::string& path) {
    const std::lock_guard lock(state_->mutex);
    const auto place = state_->find(path);
    return place && place->node != nullptr;
}

DiskResult<std::vector<std::string>> MemoryDisk::list(const std::string& folder) {
    const std::lock_guard lock(state_->mutex);
    const auto place = state_->find(folder);
    if (!place) return disk_failure(place.error(), "list", folder);
    if (place->node == nullptr) return disk_failure(ENOENT, "list", folder);
    if (!place->node->is_folder) return disk_failure(ENOTDIR, "list", folder);
    std::vector<std::string> names;
    for (const auto& [name, node] : place->node->names) names.push_back(name);
    return names;
}

DiskResult<void> MemoryDisk::make_folder(const std::string& path) {
    const std::lock_guard lock(state_->mutex);
    const std::string normal = normal_path(path);
    for (size_t end = normal.find('/', 1);; end = normal.find('/', end + 1)) {
        const std::string part = normal.substr(0, end);
        const auto place = state_->find(part);
        if (!place) return disk_failure(place.error(), "mkdir", part);
        if (place->node == nullptr) {
            state_->tree.create(place->folder, place->name, std::make_shared<MemoryNode>(true));
            state_->done(Kind::make_folder, part);
        } else if (end == normal.npos && !place->node->is_folder) {
            return disk_failure(EEXIST, "mkdir", path);
        }
        if (end == normal.npos) return {};
    }
}

DiskResult<void> MemoryDisk::remove(const std::string& path) {
    const std::lock_guard lock(state_->mutex);
    const auto place = state_->find(path);
    if (!place && place.error() != ENOENT) return disk_failure(place.error(), "remove", path);
    if (!place || place->node == nullptr) return {};
    if (place->node->is_folder) return disk_failure(EISDIR, "remove", path);
    state_->tree.remove(place->folder, place->name);
    state_->release_if_gone(*place->node);
    state_->done(Kind::remove, path);
    return {};
}

DiskResult<void> MemoryDisk::remove_folder(const std::string& path) {
    const std::lock_guard lock(state_->mutex);
    const auto place = state_->find(path);
    if (!place && place.error() != ENOENT) return disk_failure(place.error(), "remove", path);
    if (!place || place->node == nullptr) return {};
    if (!place->node->is_folder) return disk_failure(ENOTDIR, "remove", path);
    if (place->folder == nullptr) return disk_failure(EBUSY, "remove", path);
    state_->remove_below(place->node, path);
    state_->tree.remove(place->folder, place->name);
    state_->done(Kind::remove, path);
    return {};
}

DiskResult<void> MemoryDisk::rename(const std::string& from, const std::string& to) {
    const std::lock_guard lock(state_->mutex);
    const auto source = state_->find(from);
    if (!source) return disk_failure(source.error(), "rename", from);
    const auto target = state_->find(to);
    if (!target) return disk_failure(target.error(), "rename", from);
    if (source->folder == nullptr || target->folder == nullptr) {
        return disk_failure(EBUSY, "rename", from);
    }
    if (source->node == nullptr) return disk_failure(ENOENT, "rename", from);
    if (source->node == target->node) return {};
    const std::string from_below = join(normal_path(from), "");
    const std::string to_below = join(normal_path(to), "");
    if (to_below.starts_with(from_below)) return disk_failure(EINVAL, "rename", from);
    if (from_below.starts_with(to_below)) return disk_failure(ENOTEMPTY, "rename", from);
    if (target->node != nullptr) {
        const bool onto_folder = target->node->is_folder;
        if (source->node->is_folder && !onto_folder) return disk_failure(ENOTDIR, "rename", from);
        if (!source->node->is_folder && onto_folder) return disk_failure(EISDIR, "rename", from);
        if (!target->node->names.empty()) return disk_failure(ENOTEMPTY, "rename", from);
    }
    state_->tree.rename(source->folder, source->name, target->folder, target->name);
    if (target->node != nullptr) state_->release_if_gone(*target->node);
    state_->done(Kind::rename, to);
    return {};
}

DiskResult<void> MemoryDisk::sync_folder(const std::string& path) {
    const std::lock_guard lock(state_->mutex);
    const auto place = state_->find(path);
    if (!place) return disk_failure(place.error(), "open", path);
    if (place->node == nullptr) return disk_failure(ENOENT, "open", path);
    if (!place->node->is_folder) return disk_failure(ENOTDIR, "open", path);
    state_->tree.sync_names(place->node);
    state_->done(Kind::sync_folder, path);
    return {};
}

DiskResult<DiskSpace> MemoryDisk::space(const std::string& path) {
    const std::lock_guard lock(state_->mutex);
    const auto place = state_->find(path);
    if (!place) return disk_failure(place.error(), "statvfs", path);
    if (place->node == nullptr) return disk_failure(ENOENT, "statvfs", path);
    return DiskSpace{.free_bytes = std::max<int64_t>(0, state_->capacity - state_->used),
                     .total_bytes = state_->capacity};
}

DiskResult<std::unique_ptr<FileLock>> MemoryDisk::lock(const std::string& path) {
    const std::lock_guard lock(state_->mutex);
    if (auto made = open(path, OpenMode::write); !made) return std::unexpected(made.error());
    const NodePtr node = state_->find(path)->node;
    if (!state_->locked.insert(node.get()).second) return disk_failure(EWOULDBLOCK, "lock", path);
    return std::make_unique<Lock>(state_, node);
}

// ---- what only tests ask ----

void MemoryDisk::set_capacity(int64_t bytes) {
    const std::lock_guard lock(state_->mutex);
    state_->capacity = bytes;
}

int64_t MemoryDisk::used_bytes() const {
    const std::lock_guard lock(state_->mutex);
    return state_->used;
}

void MemoryDisk::set_cold(bool cold) {
    const std::lock_guard lock(state_->mutex);
    state_->cold = cold;
}

int64_t MemoryDisk::operations() const {
    const std::lock_guard lock(state_->mutex);
    return state_->operations;
}

void MemoryDisk::on_operation(std::function<void(const DiskOperation&)> hook) {
    const std::lock_guard lock(state_->mutex);
    state_->hook = std::move(hook);
}

std::unique_ptr<MemoryDisk> MemoryDisk::with_tree(const State& like, MemoryTree tree) {
    auto state = std::make_shared<State>();
    state->tree = std::move(tree);
    state->used = state->tree.allocated();
    state->capacity = like.capacity;
    state->cold = like.cold;
    return std::unique_ptr<MemoryDisk>(new MemoryDisk(std::move(state)));
}

std::unique_ptr<MemoryDisk> MemoryDisk::clone() const {
    const std::lock_guard lock(state_->mutex);
    return with_tree(*state_, state_->tree.copy());
}

std::unique_ptr<MemoryDisk> MemoryDisk::after_power_cut(Random& random, Loss loss) const {
    const std::lock_guard lock(state_->mutex);
    return with_tree(*state_, state_->tree.after(random, loss));
}

}  // namespace stoker::storage
