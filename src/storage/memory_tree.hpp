// MemoryTree: the file system inside a MemoryDisk, and what a power cut would leave of it.
//
// Of every file there are two contents: what programs see, and what is durable; between them lies
// the list of changes since the last sync. Folders have the same pair of tables of names, and the
// tree has one list of changes of names (a creation, a removal, a rename) since their folder was
// synced. A power cut keeps the durable side and any subset of the changes that no real file system
// could contradict: changes of one name keep their order, and so do the names of one file; a rename
// is whole or not at all. Nothing else is ordered, which is less than most file systems promise.
//
// Not thread-safe: MemoryDisk's mutex guards it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/random.hpp"

namespace stoker::storage {

/// Bytes in pages: holes take no room, and copies share what neither has changed since.
class SparseBytes {
public:
    static constexpr size_t page_size = 4'096;

    int64_t size() const { return size_; }
    /// How many bytes its pages take.
    int64_t allocated() const { return allocated_; }
    /// Fewer than asked for only at the end.
    size_t read(int64_t position, MutableByteView into) const;
    void write(int64_t position, ByteView bytes);
    void truncate(int64_t size);
    /// How many of `size` bytes could be written at `position` with `room` more bytes of pages.
    size_t fitting(int64_t position, size_t size, int64_t room) const;

private:
    using Page = std::array<std::byte, page_size>;

    Page& page_to_change(size_t index);

    int64_t size_ = 0;
    int64_t allocated_ = 0;
    std::vector<std::shared_ptr<Page>> pages_;
};

/// A change of a file's content since its last sync.
struct ContentChange {
    int64_t position = 0;  // of the bytes, or the new size
    Bytes bytes;
    bool truncates = false;
};

struct MemoryNode;
using NodePtr = std::shared_ptr<MemoryNode>;
using Names = std::map<std::string, NodePtr, std::less<>>;

/// A file or a folder, whatever its names.
struct MemoryNode {
    explicit MemoryNode(bool folder) : is_folder(folder) {}

    const bool is_folder;
    // A file.
    SparseBytes content;
    SparseBytes durable;
    std::vector<ContentChange> changes;
    size_t open_count = 0;
    bool linked = true;  // has a name in the tree
    // A folder.
    Names names;
    Names durable_names;
};

/// A change of names since their folders were synced: a creation has only `to`, a removal only
/// `from`, a rename both.
struct NameChange {
    NodePtr node;
    NodePtr from_folder;
    std::string from;
    NodePtr to_folder;
    std::string to;
};

enum class Loss {
    /// A killed process: the page cache survives. What was not synced is still not synced.
    keep_all,
    /// A power cut, at its worst: only what was synced is there.
    drop_all_unsynced,
    /// A power cut: each write since the last sync is kept, lost, or torn at a 512-byte boundary,
    /// the later one perhaps without the earlier; each change of names kept or lost.
    random_subset,
};

class MemoryTree {
public:
    MemoryTree() : root_(std::make_shared<MemoryNode>(true)) {}
    MemoryTree(MemoryTree&&) = default;
    MemoryTree& operator=(MemoryTree&&) = default;

    const NodePtr& root() const { return root_; }

    void create(const NodePtr& folder, const std::string& name, const NodePtr& node);
    void remove(const NodePtr& folder, const std::string& name);
    void rename(const NodePtr& from_folder, const std::string& from, const NodePtr& to_folder,
                const std::string& to);
    /// Makes the changes of names in `folder` durable, and those that they rest on.
    void sync_names(const NodePtr& folder);
    static void sync_content(MemoryNode& file);

    /// Another tree, which shares nothing with this one that either could change.
    MemoryTree copy() const;
    /// What the next start finds. All of it is durable then, except after Loss::keep_all.
    MemoryTree after(Random& random, Loss loss) const;
    /// The bytes that all files with a name take.
    int64_t allocated() const;

private:
    std::vector<bool> with_foundations(std::vector<bool> chosen) const;
    void make_durable(const std::vector<bool>& chosen);

    NodePtr root_;
    std::vector<NameChange> changes_;
};

}  // namespace stoker::storage
