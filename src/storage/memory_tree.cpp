#include "storage/memory_tree.hpp"

#include <algorithm>
#include <set>
#include <unordered_map>
#include <utility>

namespace stoker::storage {

namespace {

constexpr int64_t sector_size = 512;  // what a disk writes as a whole

/// The changes of one file that a power cut leaves, in their order.
void apply_some(SparseBytes& content, const std::vector<ContentChange>& changes, Random& random) {
    for (const ContentChange& change : changes) {
        const auto fate = random.below(3);  // kept, lost, torn
        if (fate == 1) continue;
        if (change.truncates) {
            content.truncate(change.position);
            continue;
        }
        ByteView bytes = change.bytes;
        int64_t position = change.position;
        const int64_t first = (position / sector_size + 1) * sector_size;
        const int64_t end = position + static_cast<int64_t>(bytes.size());
        if (fate == 2 && first < end) {
            const int64_t inside = (end - first + sector_size - 1) / sector_size;
            const int64_t tear =
                first + sector_size * static_cast<int64_t>(random.below(inside)) - position;
            if (random.below(2) == 0) {
                bytes = bytes.first(static_cast<size_t>(tear));
            } else {
                bytes = bytes.subspan(static_cast<size_t>(tear));
                position += tear;
            }
        }
        content.write(position, bytes);
    }
}

void apply_all(SparseBytes& content, const std::vector<ContentChange>& changes) {
    for (const ContentChange& change : changes) {
        if (change.truncates)
            content.truncate(change.position);
        else
            content.write(change.position, change.bytes);
    }
}

/// Copies nodes one to one, with both their tables of names.
class Copier {
public:
    NodePtr copy(const NodePtr& node) {
        if (node == nullptr) return nullptr;
        auto [at, fresh] = copies_.try_emplace(node.get());
        if (!fresh) return at->second;
        const NodePtr made = at->second = std::make_shared<MemoryNode>(node->is_folder);
        made->content = node->content;
        made->durable = node->durable;
        made->changes = node->changes;
        made->linked = node->linked;
        for (const auto& [name, child] : node->names) made->names.emplace(name, copy(child));
        for (const auto& [name, child] : node->durable_names) {
            made->durable_names.emplace(name, copy(child));
        }
        return made;
    }

private:
    std::unordered_map<const MemoryNode*, NodePtr> copies_;
};

/// Makes the durable side the only one. `random` is null when all unsynced writes are lost.
void settle(MemoryNode& node, Random* random) {
    if (random != nullptr) apply_some(node.durable, node.changes, *random);
    node.changes.clear();
    node.content = node.durable;
    node.names = node.durable_names;
    for (const auto& [name, child] : node.names) {
        child->linked = true;
        settle(*child, random);
    }
}

int64_t allocated_below(const MemoryNode& node) {
    int64_t sum = node.content.allocated();
    for (const auto& [name, child] : node.names) sum += allocated_below(*child);
    return sum;
}

}  // namespace

// ---- SparseBytes ----

size_t SparseBytes::read(int64_t position, MutableByteView into) const {
    if (position >= size_) return 0;
    const size_t size = std::min(into.size(), static_cast<size_t>(size_ - position));
    auto at = static_cast<size_t>(position);
    for (size_t done = 0; done < size;) {
        const size_t offset = at % page_size;
        const size_t part = std::min(page_size - offset, size - done);
        const auto& page = pages_[at / page_size];
        if (page == nullptr)
            std::fill_n(into.begin() + done, part, std::byte{0});
        else
            std::copy_n(page->begin() + offset, part, into.begin() + done);
        done += part;
        at += part;
    }
    return size;
}

SparseBytes::Page& SparseBytes::page_to_change(size_t index) {
    auto& page = pages_[index];
    if (page == nullptr) {
        page = std::make_shared<Page>();
        allocated_ += page_size;
    } else if (page.use_count() > 1) {
        page = std::make_shared<Page>(*page);
    }
    return *page;
}

void SparseBytes::write(int64_t position, ByteView bytes) {
    if (bytes.empty()) return;
    const int64_t end = position + static_cast<int64_t>(bytes.size());
    if (end > size_) truncate(end);
    auto at = static_cast<size_t>(position);
    while (!bytes.empty()) {
        const size_t offset = at % page_size;
        const size_t part = std::min(page_size - offset, bytes.size());
        std::copy_n(bytes.begin(), part, page_to_change(at / page_size).begin() + offset);
        bytes = bytes.subspan(part);
        at += part;
    }
}

void SparseBytes::truncate(int64_t size) {
    const auto wanted = static_cast<size_t>(size);
    const size_t count = (wanted + page_size - 1) / page_size;
    for (size_t i = count; i < pages_.size(); ++i) {
        if (pages_[i] != nullptr) allocated_ -= page_size;
    }
    pages_.resize(count);
    const size_t tail = wanted % page_size;
    if (size < size_ && tail != 0 && pages_.back() != nullptr) {
        Page& last = page_to_change(count - 1);
        std::fill(last.begin() + tail, last.end(), std::byte{0});
    }
    size_ = size;
}

size_t SparseBytes::fitting(int64_t position, size_t size, int64_t room) const {
    auto at = static_cast<size_t>(position);
    size_t fits = 0;
    while (fits < size) {
        const size_t index = at / page_size;
        if (index >= pages_.size() || pages_[index] == nullptr) {
            room -= page_size;
            if (room < 0) break;
        }
        const size_t part = std::min(page_size - at % page_size, size - fits);
        fits += part;
        at += part;
    }
    return fits;
}

// ---- MemoryTree ----

void MemoryTree::create(const NodePtr& folder, const std::string& name, const NodePtr& node) {
    folder->names[name] = node;
    changes_.push_back({.node = node, .to_folder = folder, .to = name});
}

void MemoryTree::remove(const NodePtr& folder, const std::string& name) {
    const auto at = folder->names.find(name);
    at->second->linked = false;
    changes_.push_back({.node = at->second, .from_folder = folder, .from = name});
    folder->names.erase(at);
}

void MemoryTree::rename(const NodePtr& from_folder, const std::string& from,
                        const NodePtr& to_folder, const std::string& to) {
    const NodePtr node = from_folder->names.at(from);
    from_folder->names.erase(from);
    NodePtr& place = to_folder->names[to];
    if (place != nullptr) place->linked = false;
    place = node;
    changes_.push_back({node, from_folder, from, to_folder, to});
}

void MemoryTree::sync_content(MemoryNode& file) {
    apply_all(file.durable, file.changes);
    file.changes.clear();
}

void MemoryTree::sync_names(const NodePtr& folder) {
    std::vector<bool> chosen(changes_.size());
    for (size_t i = 0; i < changes_.size(); ++i) {
        chosen[i] = changes_[i].from_folder == folder || changes_[i].to_folder == folder;
    }
    make_durable(with_foundations(std::move(chosen)));
}

/// Adds the earlier changes without which a chosen one makes no sense: those of the same names. A
/// file's own changes are among them, for each begins with the name that the one before gave it.
std::vector<bool> MemoryTree::with_foundations(std::vector<bool> chosen) const {
    std::set<std::pair<const MemoryNode*, std::string_view>> names;
    for (size_t i = changes_.size(); i-- > 0;) {
        const NameChange& change = changes_[i];
        const std::pair from{change.from_folder.get(), std::string_view(change.from)};
        const std::pair to{change.to_folder.get(), std::string_view(change.to)};
        chosen[i] = chosen[i] || names.contains(from) || names.contains(to);
        if (!chosen[i]) continue;
        if (from.first != nullptr) names.insert(from);
        if (to.first != nullptr) names.insert(to);
    }
    return chosen;
}

void MemoryTree::make_durable(const std::vector<bool>& chosen) {
    std::vector<NameChange> rest;
    for (size_t i = 0; i < changes_.size(); ++i) {
        NameChange& change = changes_[i];
        if (!chosen[i]) {
            rest.push_back(std::move(change));
            continue;
        }
        if (change.from_folder != nullptr) change.from_folder->durable_names.erase(change.from);
        if (change.to_folder != nullptr) change.to_folder->durable_names[change.to] = change.node;
    }
    changes_ = std::move(rest);
}

MemoryTree MemoryTree::copy() const {
    Copier copier;
    MemoryTree tree;
    tree.root_ = copier.copy(root_);
    for (const NameChange& change : changes_) {
        tree.changes_.push_back({copier.copy(change.node), copier.copy(change.from_folder),
                                 change.from, copier.copy(change.to_folder), change.to});
    }
    return tree;
}

MemoryTree MemoryTree::after(Random& random, Loss loss) const {
    MemoryTree tree = copy();
    if (loss == Loss::keep_all) return tree;
    std::vector<bool> chosen(tree.changes_.size());
    if (loss == Loss::random_subset) {
        std::generate(chosen.begin(), chosen.end(), [&] { return random.below(2) == 0; });
        tree.make_durable(tree.with_foundations(std::move(chosen)));
    }
    tree.changes_.clear();
    settle(*tree.root_, loss == Loss::random_subset ? &random : nullptr);
    return tree;
}

int64_t MemoryTree::allocated() const {
    return allocated_below(*root_);
}

}  // namespace stoker::storage
