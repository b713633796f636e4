// What every Disk promises. PosixDisk, MemoryDisk and a FaultyDisk without a fault pass one suite,
// and random operations have equal outcomes on all three.
#include <gtest/gtest.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <map>

#include "base/random.hpp"
#include "base/test_folder.hpp"
#include "storage/disk_error.hpp"
#include "storage/disk_path.hpp"
#include "storage/faulty_disk.hpp"
#include "storage/memory_disk.hpp"
#include "storage/posix_disk.hpp"

namespace stoker::storage {
namespace {

struct Posix {
    TestFolder folder;
    // Three descriptors, so that files are closed and opened again all the time.
    PosixDisk disk{{.open_files_max = 3}};
    std::string root = folder.path();
};

struct Memory {
    MemoryDisk disk;
    std::string root = "/data";
    Memory() { EXPECT_TRUE(disk.make_folder(root)); }
};

struct FaultyWithoutFault {
    MemoryDisk memory;
    FaultyDisk disk{memory};
    std::string root = "/data";
    FaultyWithoutFault() { EXPECT_TRUE(disk.make_folder(root)); }
};

template <class Fixture>
class DiskContract : public testing::Test {
protected:
    Disk& disk() { return fixture_.disk; }
    std::string at(const std::string& name) const { return fixture_.root + "/" + name; }

    std::shared_ptr<File> must_open(const std::string& name, OpenMode mode) {
        auto file = disk().open(at(name), mode);
        if (!file) throw std::runtime_error(file.error().what);
        return *file;
    }
    void put(const std::string& name, std::string_view text) {
        auto written = must_open(name, OpenMode::create)->write(0, bytes_of(text));
        if (!written) throw std::runtime_error(written.error().what);
    }
    std::string text(const std::string& name) {
        const auto content = read_file(disk(), at(name));
        return content ? std::string(text_of(*content)) : "error " + content.error().what;
    }
    /// Uses so many other files that those not in use are closed where descriptors are few.
    void use_others() {
        for (int i = 0; i < 10; ++i) {
            others_.push_back(must_open("other" + std::to_string(i), OpenMode::create));
            EXPECT_TRUE(others_.back()->write(0, bytes_of("x")));
        }
    }
    static std::string text(File& file) {
        Bytes bytes(static_cast<size_t>(file.size().value()));
        const auto got = file.read(0, bytes);
        if (!got) return "error " + got.error().what;
        return std::string(text_of(bytes).substr(0, *got));
    }

private:
    Fixture fixture_;
    std::vector<std::shared_ptr<File>> others_;
};

using Disks = testing::Types<Posix, Memory, FaultyWithoutFault>;
TYPED_TEST_SUITE(DiskContract, Disks);

template <class T>
int code_of(const DiskResult<T>& result) {
    return result ? 0 : result.error().code;
}

TYPED_TEST(DiskContract, reading_opens_only_what_is_there) {
    const auto missing = this->disk().open(this->at("none"), OpenMode::read);
    ASSERT_FALSE(missing);
    EXPECT_TRUE(missing.error().not_found());
    EXPECT_NE(missing.error().what.find("none: No such file or directory"), std::string::npos)
        << missing.error().what;
    EXPECT_EQ(code_of(this->disk().open(this->at("no/folder"), OpenMode::write)), ENOENT);
}

TYPED_TEST(DiskContract, writing_and_creating_make_the_file_at_once) {
    const auto written = this->must_open("w", OpenMode::write);
    const auto created = this->must_open("c", OpenMode::create);
    EXPECT_EQ(this->disk().list(this->at("")).value(), (std::vector<std::string>{"c", "w"}));
}

TYPED_TEST(DiskContract, creating_empties_a_file_and_writing_does_not) {
    this->put("a", "old");
    this->put("b", "old");
    EXPECT_EQ(this->must_open("a", OpenMode::create)->size().value(), 0);
    EXPECT_EQ(this->text(*this->must_open("b", OpenMode::write)), "old");
}

TYPED_TEST(DiskContract, a_folder_is_not_a_file) {
    ASSERT_TRUE(this->disk().make_folder(this->at("f")));
    for (const OpenMode mode : {OpenMode::read, OpenMode::write, OpenMode::create}) {
        EXPECT_EQ(code_of(this->disk().open(this->at("f"), mode)), EISDIR);
    }
    EXPECT_EQ(code_of(this->disk().remove(this->at("f"))), EISDIR);
    this->put("file", "");
    EXPECT_EQ(code_of(this->disk().remove_folder(this->at("file"))), ENOTDIR);
    EXPECT_EQ(code_of(this->disk().list(this->at("file"))), ENOTDIR);
    EXPECT_EQ(code_of(this->disk().sync_folder(this->at("file"))), ENOTDIR);
    EXPECT_EQ(code_of(this->disk().make_folder(this->at("file"))), EEXIST);
    EXPECT_EQ(code_of(this->disk().make_folder(this->at("file/below"))), ENOTDIR);
}

TYPED_TEST(DiskContract, a_read_is_short_only_at_the_end) {
    this->put("a", "0123456789");
    const auto file = this->must_open("a", OpenMode::read);
    Bytes into(4);
    EXPECT_EQ(file->read(3, into).value(), 4u);
    EXPECT_EQ(text_of(into), "3456");
    EXPECT_EQ(file->read(8, into).value(), 2u);
    EXPECT_EQ(text_of(into).substr(0, 2), "89");
    EXPECT_EQ(file->read(10, into).value(), 0u);
    EXPECT_EQ(file->read(999, into).value(), 0u);
    EXPECT_EQ(code_of(file->read(-1, into)), EINVAL);
}

TYPED_TEST(DiskContract, what_was_just_written_is_in_the_page_cache) {
    this->put("a", std::string(100'000, 'x'));
    const auto file = this->must_open("a", OpenMode::read);
    Bytes into(100'000);
    EXPECT_EQ(file->read_cached(0, into).value(), into.size());
    EXPECT_EQ(file->read_cached(99'990, into).value(), 10u);
    EXPECT_EQ(file->read_cached(100'000, into).value(), 0u);
}

TYPED_TEST(DiskContract, a_write_may_overwrite_append_and_leave_a_hole) {
    const auto file = this->must_open("a", OpenMode::write);
    ASSERT_TRUE(file->write(0, bytes_of("hello")));
    ASSERT_TRUE(file->write(1, bytes_of("u")));
    ASSERT_TRUE(file->write(5, bytes_of("!")));
    ASSERT_TRUE(file->write(8, bytes_of("x")));
    EXPECT_EQ(this->text(*file), std::string("hullo!\0\0x", 9));
    EXPECT_EQ(code_of(file->write(-1, bytes_of("x"))), EINVAL);
}

TYPED_TEST(DiskContract, truncating_cuts_and_grows_with_zeros) {
    const auto file = this->must_open("a", OpenMode::write);
    ASSERT_TRUE(file->write(0, bytes_of("hello")));
    ASSERT_TRUE(file->truncate(2));
    ASSERT_TRUE(file->truncate(4));
    EXPECT_EQ(this->text(*file), std::string("he\0\0", 4));
    EXPECT_EQ(code_of(file->truncate(-1)), EINVAL);
}

TYPED_TEST(DiskContract, a_file_opened_for_reading_cannot_be_changed) {
    this->put("a", "old");
    const auto file = this->must_open("a", OpenMode::read);
    EXPECT_EQ(code_of(file->write(0, bytes_of("new"))), EBADF);
    EXPECT_EQ(code_of(file->truncate(0)), EINVAL);
    EXPECT_EQ(this->text("a"), "old");
}

TYPED_TEST(DiskContract, files_opened_twice_see_each_other) {
    const auto one = this->must_open("a", OpenMode::write);
    const auto two = this->must_open("a", OpenMode::write);
    ASSERT_TRUE(one->write(0, bytes_of("abc")));
    EXPECT_EQ(this->text(*two), "abc");
}

TYPED_TEST(DiskContract, a_list_is_sorted_and_of_one_folder) {
    ASSERT_TRUE(this->disk().make_folder(this->at("b/deep")));
    this->put("c", "");
    this->put("a", "");
    this->put("b/x", "");
    EXPECT_EQ(this->disk().list(this->at(".")).value(), (std::vector<std::string>{"a", "b", "c"}));
    EXPECT_EQ(code_of(this->disk().list(this->at("none"))), ENOENT);
}

TYPED_TEST(DiskContract, folders_are_made_with_their_parents_and_twice_without_error) {
    ASSERT_TRUE(this->disk().make_folder(this->at("a/b//c/")));
    ASSERT_TRUE(this->disk().make_folder(this->at("a/b/c")));
    EXPECT_TRUE(this->disk().exists(this->at("a/b/c")).value());
    EXPECT_FALSE(this->disk().exists(this->at("a/c")).value());
}

TYPED_TEST(DiskContract, removing_what_is_not_there_is_no_error) {
    EXPECT_TRUE(this->disk().remove(this->at("none")));
    EXPECT_TRUE(this->disk().remove(this->at("none/below")));
    EXPECT_TRUE(this->disk().remove_folder(this->at("none")));
}

TYPED_TEST(DiskContract, a_removed_file_can_be_used_by_who_has_it) {
    const auto used = this->must_open("a", OpenMode::write);
    ASSERT_TRUE(used->write(0, bytes_of("still here")));
    const auto never_used = this->must_open("a", OpenMode::read);
    this->use_others();
    ASSERT_TRUE(this->disk().remove(this->at("a")));
    EXPECT_FALSE(this->disk().exists(this->at("a")).value());
    this->put("a", "another");
    EXPECT_EQ(this->text(*used), "still here");
    EXPECT_EQ(this->text(*never_used), "still here");
    EXPECT_EQ(this->text("a"), "another");
}

TYPED_TEST(DiskContract, a_removed_folder_takes_all_below_it_along) {
    ASSERT_TRUE(this->disk().make_folder(this->at("t/sub")));
    this->put("t/a", "first");
    this->put("t/sub/b", "second");
    this->put("tt", "not below");
    const auto file = this->must_open("t/sub/b", OpenMode::read);
    ASSERT_TRUE(this->disk().remove_folder(this->at("t")));
    EXPECT_EQ(this->disk().list(this->at("")).value(), std::vector<std::string>{"tt"});
    EXPECT_EQ(this->text(*file), "second");
}

TYPED_TEST(DiskContract, an_open_file_follows_its_renaming) {
    const auto file = this->must_open("a", OpenMode::write);
    ASSERT_TRUE(file->write(0, bytes_of("1")));
    ASSERT_TRUE(this->disk().rename(this->at("a"), this->at("b")));
    this->use_others();
    ASSERT_TRUE(file->write(1, bytes_of("2")));
    EXPECT_EQ(this->text("b"), "12");
    EXPECT_FALSE(this->disk().exists(this->at("a")).value());
}

TYPED_TEST(DiskContract, open_files_follow_the_renaming_of_their_folder) {
    ASSERT_TRUE(this->disk().make_folder(this->at("t-0/deep")));
    const auto log = this->must_open("t-0/log", OpenMode::write);
    const auto deep = this->must_open("t-0/deep/log", OpenMode::write);
    ASSERT_TRUE(this->disk().rename(this->at("t-0"), this->at("t-0.1234-delete")));
    this->use_others();
    // A new topic of the old name has nothing to do with the files of the old one.
    ASSERT_TRUE(this->disk().make_folder(this->at("t-0/deep")));
    this->put("t-0/log", "new topic");
    ASSERT_TRUE(log->write(0, bytes_of("old topic")));
    ASSERT_TRUE(deep->write(0, bytes_of("deep down")));
    EXPECT_EQ(this->text("t-0.1234-delete/log"), "old topic");
    EXPECT_EQ(this->text("t-0.1234-delete/deep/log"), "deep down");
    EXPECT_EQ(this->text("t-0/log"), "new topic");
}

TYPED_TEST(DiskContract, renaming_replaces_a_file_and_who_has_it_keeps_it) {
    this->put("new", "new");
    this->put("old", "old");
    const auto old = this->must_open("old", OpenMode::read);
    const auto fresh = this->must_open("new", OpenMode::read);
    this->use_others();
    ASSERT_TRUE(this->disk().rename(this->at("new"), this->at("old")));
    this->use_others();
    EXPECT_EQ(this->text("old"), "new");
    EXPECT_EQ(this->text(*old), "old");
    EXPECT_EQ(this->text(*fresh), "new");
}

TYPED_TEST(DiskContract, impossible_renamings_are_refused) {
    ASSERT_TRUE(this->disk().make_folder(this->at("a/b")));
    ASSERT_TRUE(this->disk().make_folder(this->at("full")));
    ASSERT_TRUE(this->disk().make_folder(this->at("empty")));
    this->put("full/x", "");
    this->put("file", "");
    const auto rename = [&](const char* from, const char* to) {
        return code_of(this->disk().rename(this->at(from), this->at(to)));
    };
    EXPECT_EQ(rename("none", "x"), ENOENT);
    EXPECT_EQ(rename("file", "none/x"), ENOENT);
    EXPECT_EQ(rename("file", "full"), EISDIR);
    EXPECT_EQ(rename("full", "file"), ENOTDIR);
    EXPECT_EQ(rename("empty", "full"), ENOTEMPTY);
    EXPECT_EQ(rename("a", "a/b/c"), EINVAL);
    EXPECT_EQ(rename("a/b", "a"), ENOTEMPTY);
    EXPECT_EQ(rename("file", "file"), 0);
    EXPECT_EQ(rename("full", "empty"), 0);
    EXPECT_EQ(this->text("empty/x"), "");
}

TYPED_TEST(DiskContract, a_lock_excludes_a_second_one_until_it_is_dropped) {
    auto lock = this->disk().lock(this->at(".lock"));
    ASSERT_TRUE(lock) << lock.error().what;
    const auto second = this->disk().lock(this->at(".lock"));
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, EWOULDBLOCK);
    lock->reset();
    EXPECT_TRUE(this->disk().lock(this->at(".lock")));
}

TYPED_TEST(DiskContract, syncing_and_free_space_answer) {
    const auto file = this->must_open("a", OpenMode::write);
    ASSERT_TRUE(file->write(0, bytes_of("x")));
    EXPECT_TRUE(file->sync());
    EXPECT_TRUE(this->disk().sync_folder(this->at("")));
    EXPECT_GT(this->disk().space(this->at("")).value().free_bytes, 0);
    EXPECT_EQ(code_of(this->disk().sync_folder(this->at("none"))), ENOENT);
    EXPECT_EQ(code_of(this->disk().space(this->at("none"))), ENOENT);
}

TYPED_TEST(DiskContract, a_whole_file_is_read_up_to_a_limit) {
    this->put("a", "12345");
    EXPECT_EQ(text_of(read_file(this->disk(), this->at("a"), 5).value()), "12345");
    EXPECT_EQ(code_of(read_file(this->disk(), this->at("a"), 4)), EFBIG);
    EXPECT_EQ(code_of(read_file(this->disk(), this->at("none"))), ENOENT);
}

TYPED_TEST(DiskContract, replacing_a_file_leaves_nothing_else) {
    ASSERT_TRUE(replace_file(this->disk(), this->at("a"), bytes_of("one")));
    ASSERT_TRUE(replace_file(this->disk(), this->at("a"), bytes_of("2")));
    EXPECT_EQ(this->text("a"), "2");
    EXPECT_EQ(this->disk().list(this->at("")).value(), std::vector<std::string>{"a"});
    EXPECT_EQ(code_of(replace_file(this->disk(), this->at("none/a"), bytes_of("x"))), ENOENT);
}

TYPED_TEST(DiskContract, files_and_locks_outlive_their_disk) {
    auto fixture = std::make_unique<TypeParam>();
    auto file = fixture->disk.open(fixture->root + "/a", OpenMode::write);
    ASSERT_TRUE(file);
    ASSERT_TRUE((*file)->write(0, bytes_of("x")));
    auto lock = fixture->disk.lock(fixture->root + "/.lock");
    ASSERT_TRUE(lock);
    if constexpr (!std::is_same_v<TypeParam, FaultyWithoutFault>) {
        fixture.reset();
        EXPECT_EQ((*file)->size().value(), 1);
    }
}

/// One disk of the three, with what is open on it, under random operations.
class Player {
public:
    Player(Disk& disk, std::string root) : disk_(disk), root_(std::move(root)) {}

    /// The operation that `random` says, and its outcome in words.
    std::string step(Random& random) {
        const std::string a = path(random);
        const std::string b = path(random);
        const size_t slot = random.below(slots);
        const auto position = static_cast<int64_t>(random.below(9'000));
        const size_t size = random.below(5'000);
        const auto filler = static_cast<std::byte>(random.below(256));
        switch (random.below(14)) {
            case 0:
                return "make " + a + told(disk_.make_folder(a));
            case 1:
                return "remove " + a + told(disk_.remove(a));
            case 2:
                return random.below(4) != 0 ? "" : gone(a);
            case 3:
            case 4:
                return "rename " + a + " " + b + told(disk_.rename(a, b));
            case 5:
                return "list " + a + listed(a);
            case 6:
                return "exists " + a + std::to_string(disk_.exists(a).value_or(false));
            case 7:
            case 8:
            case 9:
                return "open " + a + opened(slot, a, static_cast<OpenMode>(random.below(3)));
            default:
                return "file " + used(slot, position, Bytes(size, filler), random.below(5));
        }
    }

private:
    static constexpr size_t slots = 8;

    std::string path(Random& random) const {
        static constexpr std::array names = {"a", "b", "c", "d"};
        std::string path = root_;
        for (auto depth = random.below(3) + 1; depth > 0; --depth) {
            path.append("/").append(names[random.below(names.size())]);
        }
        return path;
    }
    template <class T>
    static std::string told(const DiskResult<T>& result) {
        return " " + std::to_string(code_of(result));
    }
    std::string gone(const std::string& path) {
        return "remove_folder " + path + told(disk_.remove_folder(path));
    }
    std::string listed(const std::string& path) {
        const auto names = disk_.list(path);
        std::string text = told(names);
        if (names) {
            for (const std::string& name : *names) text += " " + name;
        }
        return text;
    }
    std::string opened(size_t slot, const std::string& path, OpenMode mode) {
        auto file = disk_.open(path, mode);
        std::string text = told(file);
        if (file) files_[slot] = *file;
        return text;
    }
    std::string used(size_t slot, int64_t position, Bytes bytes, uint64_t how) {
        const auto file = files_[slot];
        if (file == nullptr) return "none";
        switch (how) {
            case 0:
                return "write" + told(file->write(position, bytes));
            case 1:
                return "truncate" + told(file->truncate(position));
            case 2:
                return "sync" + told(file->sync());
            default:
                break;
        }
        const auto size = file->size();
        Bytes into(bytes.size());
        const auto got = file->read(position, into);
        into.resize(got.value_or(0));
        return "size" + told(size) + " " + std::to_string(size.value_or(-1)) + told(got) + " " +
               hex(into);
    }

    Disk& disk_;
    std::string root_;
    std::map<size_t, std::shared_ptr<File>> files_;
};

TEST(Disk, random_operations_have_equal_outcomes_on_posix_and_memory) {
    for (uint64_t seed = 1; seed <= 15; ++seed) {
        Posix posix;
        Memory memory;
        ASSERT_TRUE(posix.disk.make_folder(posix.root + "/data"));
        // The paths differ; told apart by what follows the root.
        Player on_posix(posix.disk, posix.root + "/data");
        Player in_memory(memory.disk, "/data");
        Random one(seed);
        Random two(seed);
        for (int step = 0; step < 400; ++step) {
            std::string expected = on_posix.step(one);
            while (expected.find(posix.root) != expected.npos) {
                expected.erase(expected.find(posix.root), posix.root.size());
            }
            ASSERT_EQ(in_memory.step(two), expected) << "seed " << seed << " step " << step;
        }
    }
}

TEST(DiskPath, has_one_form) {
    EXPECT_EQ(normal_path("/a//b/./c/"), "/a/b/c");
    EXPECT_EQ(normal_path("a/../b"), "a/../b");
    EXPECT_EQ(normal_path("./"), ".");
    EXPECT_EQ(normal_path(""), ".");
    EXPECT_EQ(normal_path("//"), "/");
    EXPECT_EQ(parent_of("/a/b"), "/a");
    EXPECT_EQ(parent_of("/a"), "/");
    EXPECT_EQ(parent_of("a"), ".");
    EXPECT_EQ(name_of("/a/b"), "b");
    EXPECT_EQ(join("/", "a"), "/a");
    EXPECT_EQ(join("a", "b"), "a/b");
}

TEST(DiskError, knows_what_mends_itself) {
    EXPECT_TRUE((DiskError{ENOSPC, ""}.no_space()));
    EXPECT_TRUE((DiskError{EDQUOT, ""}.no_space()));
    EXPECT_FALSE((DiskError{EIO, ""}.no_space()));
    EXPECT_EQ(disk_failure(ENOSPC, "write", "/x").error().what,
              "write /x: No space left on device");
}

}  // namespace
}  // namespace stoker::storage
