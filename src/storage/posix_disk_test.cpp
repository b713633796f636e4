// What only the real disk shows: descriptors, interrupted calls, locks that Apache Kafka sees.
#include "storage/posix_disk.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <malloc.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <thread>

#include "base/random.hpp"
#include "base/test_folder.hpp"
#include "storage/system_calls.hpp"

namespace stoker::storage {
namespace {

class PosixDiskTest : public testing::Test {
protected:
    std::string at(const std::string& name) const { return folder_.path(name); }

    std::vector<std::shared_ptr<File>> make_files(Disk& disk, size_t count) {
        std::vector<std::shared_ptr<File>> files;
        for (size_t i = 0; i < count; ++i) {
            files.push_back(disk.open(at(std::to_string(i)), OpenMode::create).value());
        }
        return files;
    }

    TestFolder folder_;
};

std::string content(File& file) {
    Bytes into(64);
    into.resize(file.read(0, into).value());
    return std::string(text_of(into));
}

TEST_F(PosixDiskTest, a_file_that_exists_is_opened_at_its_first_use) {
    {
        PosixDisk disk;
        for (const auto& file : make_files(disk, 5)) ASSERT_TRUE(file->write(0, bytes_of("x")));
    }
    PosixDisk disk;
    std::vector<std::shared_ptr<File>> files;
    for (int i = 0; i < 5; ++i) {
        files.push_back(disk.open(at(std::to_string(i)), OpenMode::write).value());
    }
    EXPECT_EQ(files[0]->size().value(), 1);
    EXPECT_EQ(disk.open_files(), 0u);
    EXPECT_EQ(content(*files[2]), "x");
    EXPECT_EQ(disk.open_files(), 1u);
}

TEST_F(PosixDiskTest, many_files_share_few_descriptors) {
    PosixDisk disk({.open_files_max = 10});
    const auto files = make_files(disk, 300);
    for (size_t i = 0; i < files.size(); ++i) {
        ASSERT_TRUE(files[i]->write(0, bytes_of(std::to_string(i))));
        ASSERT_LE(disk.open_files(), 10u);
    }
    for (size_t i = 0; i < files.size(); ++i) EXPECT_EQ(content(*files[i]), std::to_string(i));
}

TEST_F(PosixDiskTest, a_file_in_steady_use_stays_open) {
    PosixDisk disk({.open_files_max = 4});
    const auto files = make_files(disk, 40);
    ASSERT_TRUE(files[0]->write(0, bytes_of("busy")));
    // Its name goes behind the disk's back: only a descriptor that was never closed still reads.
    std::filesystem::remove(at("0"));
    for (size_t i = 1; i < files.size(); ++i) {
        ASSERT_TRUE(files[i]->write(0, bytes_of("x")));
        ASSERT_EQ(content(*files[0]), "busy") << i;
    }
}

TEST_F(PosixDiskTest, dropped_files_give_their_descriptors_back) {
    PosixDisk disk;
    auto files = make_files(disk, 20);
    EXPECT_EQ(disk.open_files(), 20u);
    ASSERT_TRUE(disk.remove(at("3")));
    EXPECT_EQ(disk.open_files(), 20u);
    files.clear();
    EXPECT_EQ(disk.open_files(), 0u);
}

TEST_F(PosixDiskTest, idle_files_give_way_when_the_process_has_no_descriptor_left) {
    PosixDisk disk({.open_files_max = 1'000'000});
    const auto files = make_files(disk, 30);
    for (const auto& file : files) ASSERT_TRUE(file->write(0, bytes_of("x")));
    rlimit before{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
    rlimit none_left = before;
    none_left.rlim_cur = 20;  // less than are open: each new one needs one of theirs
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none_left), 0);
    const auto created = disk.open(at("new"), OpenMode::create);
    const auto listed = disk.list(folder_.path());
    const auto synced = disk.sync_folder(folder_.path());
    const auto locked = disk.lock(at(".lock"));
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
    ASSERT_TRUE(created) << created.error().what;
    EXPECT_TRUE(listed) << listed.error().what;
    EXPECT_TRUE(synced) << synced.error().what;
    EXPECT_TRUE(locked) << locked.error().what;
    for (const auto& file : files) EXPECT_EQ(content(*file), "x");
}

TEST_F(PosixDiskTest, ten_thousand_partitions_fit_under_twenty_thousand_descriptors) {
    constexpr size_t partitions = 10'000;
    PosixDisk disk;
    std::vector<std::shared_ptr<File>> files;
    files.reserve(partitions * 3);
    // Links to one folder stand for ten thousand of them: the paths are as many, the disk's work is
    // not.
    ASSERT_TRUE(disk.make_folder(at("topic-0")));
    for (const char* ending : {".log", ".index", ".timeindex"}) {
        const std::string path = at("topic-0/00000000000000000000") + ending;
        ASSERT_TRUE(disk.open(path, OpenMode::create).value()->write(0, bytes_of("x")));
    }
    for (size_t i = 1; i < partitions; ++i) {
        std::filesystem::create_directory_symlink("topic-0", at("topic-" + std::to_string(i)));
    }
    const size_t before = ::mallinfo2().uordblks;
    for (size_t i = 0; i < partitions; ++i) {
        const std::string folder = at("topic-" + std::to_string(i));
        for (const char* ending : {".log", ".index", ".timeindex"}) {
            const std::string path = folder + "/00000000000000000000" + ending;
            files.push_back(disk.open(path, OpenMode::write).value());
        }
    }
    const size_t after = ::mallinfo2().uordblks;
    // A sanitizer's allocator tells nothing.
    const size_t each = after > before ? (after - before) / files.size() : 0;
    EXPECT_LE(each, 200u);
    Bytes into(1);
    for (const auto& file : files) ASSERT_EQ(file->read(0, into).value(), 1u);
    EXPECT_EQ(disk.open_files(), default_open_files_max());
    EXPECT_LE(disk.open_files(), 9'000u);
}

TEST_F(PosixDiskTest, threads_read_while_files_are_closed_and_renamed) {
    PosixDisk disk({.open_files_max = 4});
    constexpr size_t count = 32;
    ASSERT_TRUE(disk.make_folder(at("x")));
    std::vector<std::shared_ptr<File>> files;
    for (size_t i = 0; i < count; ++i) {
        auto file = disk.open(at("x/" + std::to_string(i)), OpenMode::create).value();
        ASSERT_TRUE(file->write(0, bytes_of(std::to_string(i))));
        files.push_back(std::move(file));
    }
    std::atomic<bool> stop = false;
    std::atomic<int> wrong = 0;
    std::vector<std::thread> readers;
    for (uint64_t seed = 1; seed <= 4; ++seed) {
        readers.emplace_back([&, seed] {
            Random random(seed);
            Bytes into(8);
            while (!stop) {
                const size_t i = random.below(count);
                const auto got = files[i]->read(0, into);
                if (!got || text_of(into).substr(0, *got) != std::to_string(i)) ++wrong;
            }
        });
    }
    for (int round = 0; round < 300; ++round) {
        const bool there = round % 2 == 0;
        ASSERT_TRUE(disk.rename(at(there ? "x" : "y"), at(there ? "y" : "x")));
    }
    stop = true;
    for (auto& reader : readers) reader.join();
    EXPECT_EQ(wrong, 0);
}

TEST_F(PosixDiskTest, a_lock_excludes_the_posix_lock_that_apache_kafka_takes) {
    PosixDisk disk;
    const auto lock = disk.lock(at(".lock"));
    ASSERT_TRUE(lock);
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
        const int descriptor = ::open(at(".lock").c_str(), O_RDWR);
        struct flock whole{};
        whole.l_type = F_WRLCK;
        whole.l_whence = SEEK_SET;
        const bool excluded = descriptor >= 0 && ::fcntl(descriptor, F_SETLK, &whole) == -1 &&
                              (errno == EAGAIN || errno == EACCES);
        ::_exit(excluded ? 0 : 1);
    }
    int status = -1;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
}

TEST_F(PosixDiskTest, a_full_device_says_so) {
    PosixDisk disk;
    // The kernel's own full disk.
    auto file = disk.open("/dev/full", OpenMode::write);
    ASSERT_TRUE(file) << file.error().what;
    const auto written = (*file)->write(0, bytes_of("x"));
    ASSERT_FALSE(written);
    EXPECT_TRUE(written.error().no_space());
    EXPECT_EQ(written.error().what, "write /dev/full: No space left on device");
}

TEST_F(PosixDiskTest, cold_data_is_not_waited_for) {
    PosixDisk disk;
    constexpr size_t size = 8 << 20;
    auto file = disk.open(at("cold"), OpenMode::create).value();
    ASSERT_TRUE(file->write(0, Bytes(size, std::byte{7})));
    ASSERT_TRUE(file->sync());
    const int descriptor = ::open(at("cold").c_str(), O_RDONLY);
    ASSERT_EQ(::posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED), 0);
    ::close(descriptor);
    Bytes into(size);
    const auto cached = file->read_cached(0, into);
    // A file system that keeps its pages anyway (tmpfs) answers with all of them.
    if (cached)
        EXPECT_EQ(*cached, size);
    else
        EXPECT_TRUE(cached.error().would_block());
    EXPECT_EQ(file->read(0, into).value(), size);
    EXPECT_EQ(file->read_cached(0, into).value(), size);
}

/// A connected pair of which the sending side does not block.
struct SocketPair {
    SocketPair() { EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0); }
    ~SocketPair() {
        ::close(ends[0]);
        ::close(ends[1]);
    }
    size_t receive(MutableByteView into) const {
        const ssize_t n = ::recv(ends[1], into.data(), into.size(), 0);
        return n < 0 ? 0 : static_cast<size_t>(n);
    }
    int ends[2];
};

TEST_F(PosixDiskTest, a_file_is_sent_to_a_socket_as_far_as_that_takes_it) {
    PosixDisk disk;
    Bytes content(1 << 20);
    for (size_t i = 0; i < content.size(); ++i) content[i] = static_cast<std::byte>(i % 251);
    auto file = disk.open(at("sent"), OpenMode::create).value();
    ASSERT_TRUE(file->write(0, content));
    SocketPair sockets;
    const auto first = file->send_cached(sockets.ends[0], 0, content.size());
    if (!first && first.error().code == ENOTSUP) GTEST_SKIP() << "this kernel has no cachestat";
    constexpr size_t from = 1000;
    Bytes got, buffer(content.size());
    while (const size_t n = sockets.receive(buffer))
        got.insert(got.end(), buffer.begin(), buffer.begin() + static_cast<ptrdiff_t>(n));
    EXPECT_EQ(got.size(), first.value());
    got.clear();
    while (from + got.size() < content.size()) {
        const auto position = static_cast<int64_t>(from + got.size());
        const auto sent =
            file->send_cached(sockets.ends[0], position, content.size() - from - got.size());
        ASSERT_TRUE(sent) << sent.error().what;
        const size_t n = sockets.receive(buffer);
        got.insert(got.end(), buffer.begin(), buffer.begin() + static_cast<ptrdiff_t>(n));
        while (got.size() + from < static_cast<size_t>(position) + *sent) {
            const size_t more = sockets.receive(buffer);
            got.insert(got.end(), buffer.begin(), buffer.begin() + static_cast<ptrdiff_t>(more));
        }
    }
    EXPECT_TRUE(equal(got, ByteView(content).subspan(from)));
}

TEST_F(PosixDiskTest, a_socket_that_takes_nothing_is_sent_nothing) {
    PosixDisk disk;
    constexpr size_t size = 1 << 20;
    auto file = disk.open(at("stuck"), OpenMode::create).value();
    ASSERT_TRUE(file->write(0, Bytes(size)));
    SocketPair sockets;
    auto sent = file->send_cached(sockets.ends[0], 0, size);
    if (!sent && sent.error().code == ENOTSUP) GTEST_SKIP() << "this kernel has no cachestat";
    while (sent && *sent > 0) sent = file->send_cached(sockets.ends[0], 0, size);
    EXPECT_EQ(sent.value(), 0u);
}

TEST_F(PosixDiskTest, cold_data_is_not_sent) {
    PosixDisk disk;
    constexpr size_t size = 8 << 20;
    auto file = disk.open(at("cold"), OpenMode::create).value();
    ASSERT_TRUE(file->write(0, Bytes(size)));
    ASSERT_TRUE(file->sync());
    const int descriptor = ::open(at("cold").c_str(), O_RDONLY);
    ASSERT_EQ(::posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED), 0);
    ::close(descriptor);
    SocketPair sockets;
    const auto sent = file->send_cached(sockets.ends[0], 0, size);
    if (!sent && sent.error().code == ENOTSUP) GTEST_SKIP() << "this kernel has no cachestat";
    // A file system that keeps its pages anyway (tmpfs) has all of them.
    Bytes into(size);
    EXPECT_EQ(sent.has_value(), file->read_cached(0, into).has_value());
    if (!sent) {
        EXPECT_TRUE(sent.error().would_block());
    }
}

TEST(SystemCalls, an_interrupted_call_starts_again) {
    int calls = 0;
    const int result = retry_interrupted([&] {
        errno = EINTR;
        return ++calls < 4 ? -1 : 7;
    });
    EXPECT_EQ(result, 7);
    EXPECT_EQ(calls, 4);
}

TEST(SystemCalls, another_failure_ends_it) {
    int calls = 0;
    const int result = retry_interrupted([&] {
        ++calls;
        errno = EIO;
        return -1;
    });
    EXPECT_EQ(result, -1);
    EXPECT_EQ(calls, 1);
}

TEST(SystemCalls, a_shortened_transfer_goes_on_where_it_stopped) {
    std::vector<size_t> starts;
    const auto moved = transfer_all(10, [&](size_t done) -> ssize_t {
        starts.push_back(done);
        if (starts.size() == 2) {
            errno = EINTR;
            return -1;
        }
        return std::min<ssize_t>(4, static_cast<ssize_t>(10 - done));
    });
    EXPECT_EQ(moved.value(), 10u);
    EXPECT_EQ(starts, (std::vector<size_t>{0, 4, 4, 8}));
}

TEST(SystemCalls, a_transfer_ends_at_the_end_of_the_file_or_with_the_errno) {
    EXPECT_EQ(transfer_all(10, [](size_t done) -> ssize_t { return done < 6 ? 3 : 0; }).value(),
              6u);
    const auto failed = transfer_all(10, [](size_t done) -> ssize_t {
        errno = ENOSPC;
        return done < 6 ? 3 : -1;
    });
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error(), ENOSPC);
}

}  // namespace
}  // namespace stoker::storage
