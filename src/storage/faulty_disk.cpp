#include "storage/faulty_disk.hpp"

#include <algorithm>
#include <mutex>
#include <optional>
#include <utility>

#include "storage/disk_error.hpp"

namespace stoker::storage {

namespace {

constexpr std::array<std::string_view, disk_call_kinds> call_names = {
    "open",   "exists",      "list",       "make_folder", "remove", "remove_folder",
    "rename", "sync_folder", "space", "lock",        "read",   "read_cached",
    "write",  "sync",        "truncate",   "size",
};

}  // namespace

const std::vector<DiskCall>& changing_calls() {
    static const std::vector<DiskCall> calls = {
        DiskCall::open,          DiskCall::make_folder, DiskCall::remove,
        DiskCall::remove_folder, DiskCall::rename,      DiskCall::sync_folder,
        DiskCall::write,         DiskCall::sync,        DiskCall::truncate,
    };
    return calls;
}

struct FaultyDisk::State {
    explicit State(Disk& disk) : inner(disk) {}

    Disk& inner;
    mutable std::mutex mutex;
    std::array<int64_t, disk_call_kinds> counts{};
    std::optional<Fault> fault;
    int64_t matched = 0;
    int64_t faults = 0;
    std::function<void()> sync_hook;

    void before_sync() const {
        std::unique_lock lock(mutex);
        const auto hook = sync_hook;
        lock.unlock();
        if (hook) hook();
    }

    /// Counts a call, and says how it fails if it does.
    std::optional<Fault> next(DiskCall kind, const std::string& path, const std::string& other) {
        const std::lock_guard lock(mutex);
        ++counts[static_cast<size_t>(kind)];
        if (!fault) return std::nullopt;
        const auto& kinds = fault->calls;
        if (!kinds.empty() && std::ranges::find(kinds, kind) == kinds.end()) return std::nullopt;
        const auto concerns = [&](const std::string& text) {
            return text.find(fault->path_part) != text.npos;
        };
        if (!concerns(path) && !concerns(other)) return std::nullopt;
        ++matched;
        if (matched < fault->nth || (matched > fault->nth && !fault->for_good)) {
            return std::nullopt;
        }
        ++faults;
        return fault;
    }

    /// Does `call` unless it is its turn to fail.
    template <class Call>
    auto run(DiskCall kind, const std::string& path, Call call) -> decltype(call()) {
        return run(kind, path, path, call);
    }
    template <class Call>
    auto run(DiskCall kind, const std::string& path, const std::string& other, Call call)
        -> decltype(call()) {
        const auto failing = next(kind, path, other);
        if (!failing) return call();
        if (failing->effect == Fault::Effect::all) (void)call();
        return disk_failure(failing->code, call_names[static_cast<size_t>(kind)], path);
    }
};

class FaultyDisk::FaultyFile final : public File {
public:
    FaultyFile(std::shared_ptr<State> state, std::shared_ptr<File> inner, std::string path)
        : state_(std::move(state)), inner_(std::move(inner)), path_(std::move(path)) {}

    DiskResult<size_t> read(int64_t position, MutableByteView into) override {
        return state_->run(DiskCall::read, path_, [&] { return inner_->read(position, into); });
    }
    DiskResult<size_t> read_cached(int64_t position, MutableByteView into) override {
        return state_->run(DiskCall::read_cached, path_,
                           [&] { return inner_->read_cached(position, into); });
    }
    DiskResult<void> write(int64_t position, ByteView bytes) override {
        const auto failing = state_->next(DiskCall::write, path_, path_);
        if (!failing) return inner_->write(position, bytes);
        if (failing->effect == Fault::Effect::part) bytes = bytes.first(bytes.size() / 2);
        if (failing->effect != Fault::Effect::nothing) (void)inner_->write(position, bytes);
        return disk_failure(failing->code, "write", path_);
    }
    DiskResult<void> sync() override {
        state_->before_sync();
        return state_->run(DiskCall::sync, path_, [&] { return inner_->sync(); });
    }
    DiskResult<void> truncate(int64_t size) override {
        return state_->run(DiskCall::truncate, path_, [&] { return inner_->truncate(size); });
    }
    DiskResult<int64_t> size() override {
        return state_->run(DiskCall::size, path_, [&] { return inner_->size(); });
    }

private:
    std::shared_ptr<State> state_;
    std::shared_ptr<File> inner_;
    std::string path_;
};

FaultyDisk::FaultyDisk(Disk& inner) : state_(std::make_shared<State>(inner)) {}
FaultyDisk::~FaultyDisk() = default;

DiskResult<std::shared_ptr<File>> FaultyDisk::open(const std::string& path, OpenMode mode) {
    auto opened = state_->run(DiskCall::open, path, [&] { return state_->inner.open(path, mode); });
    if (!opened) return opened;
    return std::make_shared<FaultyFile>(state_, std::move(*opened), path);
}

DiskResult<bool> FaultyDisk::exists(const std::string& path) {
    return state_->run(DiskCall::exists, path, [&] { return state_->inner.exists(path); });
}

DiskResult<std::vector<std::string>> FaultyDisk::list(const std::string& folder) {
    return state_->run(DiskCall::list, folder, [&] { return state_->inner.list(folder); });
}

DiskResult<void> FaultyDisk::make_folder(const std::string& path) {
    return state_->run(DiskCall::make_folder, path,
                       [&] { return state_->inner.make_folder(path); });
}

DiskResult<void> FaultyDisk::remove(const std::string& path) {
    return state_->run(DiskCall::remove, path, [&] { return state_->inner.remove(path); });
}

DiskResult<void> FaultyDisk::remove_folder(const std::string& path) {
    return state_->run(DiskCall::remove_folder, path,
                       [&] { return state_->inner.remove_folder(path); });
}

DiskResult<void> FaultyDisk::rename(const std::string& from, const std::string& to) {
    return state_->run(DiskCall::rename, from, to, [&] { return state_->inner.rename(from, to); });
}

DiskResult<void> FaultyDisk::sync_folder(const std::string& path) {
    return state_->run(DiskCall::sync_folder, path,
                       [&] { return state_->inner.sync_folder(path); });
}

DiskResult<DiskSpace> FaultyDisk::space(const std::string& path) {
    return state_->run(DiskCall::space, path, [&] { return state_->inner.space(path); });
}

DiskResult<std::unique_ptr<FileLock>> FaultyDisk::lock(const std::string& path) {
    return state_->run(DiskCall::lock, path, [&] { return state_->inner.lock(path); });
}

void FaultyDisk::on_sync(std::function<void()> hook) {
    const std::lock_guard lock(state_->mutex);
    state_->sync_hook = std::move(hook);
}

void FaultyDisk::fail(Fault fault) {
    const std::lock_guard lock(state_->mutex);
    state_->fault = std::move(fault);
    state_->matched = 0;
    state_->faults = 0;
}

void FaultyDisk::heal() {
    const std::lock_guard lock(state_->mutex);
    state_->fault.reset();
}

int64_t FaultyDisk::faults() const {
    const std::lock_guard lock(state_->mutex);
    return state_->faults;
}

int64_t FaultyDisk::calls(DiskCall kind) const {
    const std::lock_guard lock(state_->mutex);
    return state_->counts[static_cast<size_t>(kind)];
}

}  // namespace stoker::storage
