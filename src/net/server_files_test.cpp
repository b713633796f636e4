// Replies with data of real files, which goes to plain sockets straight from the page cache.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "base/test_folder.hpp"
#include "net/test_file.hpp"
#include "net/test_support.hpp"
#include "storage/posix_disk.hpp"

namespace stoker::net {
namespace {

using testing::pattern;
using testing::serve;
using testing::spliced;
using testing::TestClient;

constexpr size_t size = 4 << 20;

class ServerFiles : public ::testing::Test {
protected:
    ServerFiles() { EXPECT_TRUE(file_->write(0, content_) && file_->sync()); }

    /// The kernel may keep them anyway: then the test says less.
    void forget_pages(off_t from, off_t length) {
        const int descriptor = ::open(path_.c_str(), O_RDONLY);
        EXPECT_EQ(::posix_fadvise(descriptor, from, length, POSIX_FADV_DONTNEED), 0);
        ::close(descriptor);
    }
    std::unique_ptr<Server> start(ServerOptions options = {}) {
        return serve(
            [this](const Peer&, MutableByteView, Responder responder) {
                std::move(responder).send(spliced("head", file_, "tail"));
                return Next::now;
            },
            std::move(options));
    }
    void expect_whole(TestClient& client) {
        const std::string got = client.read_frame();
        ASSERT_EQ(got.size(), size + 8);
        EXPECT_EQ(got.substr(0, 4) + got.substr(got.size() - 4), "headtail");
        EXPECT_TRUE(got.substr(4, size) == text_of(content_));
    }

    const Bytes content_ = pattern(size);
    TestFolder folder_;
    const std::string path_ = folder_.path("data");
    storage::PosixDisk disk_;
    std::shared_ptr<storage::File> file_ = disk_.open(path_, storage::OpenMode::create).value();
};

TEST_F(ServerFiles, a_slow_reader_gets_every_byte) {
    const auto server = start({.in_flight_max = 16, .send_buffer = 64 << 10});
    TestClient slow(testing::port_of(*server), 4096);
    for (int i = 0; i < 4; ++i) slow.send_frame("fetch");
    TestClient other(testing::port_of(*server));
    other.send_frame("fetch");
    expect_whole(other);
    for (int i = 0; i < 4; ++i) expect_whole(slow);
}

TEST_F(ServerFiles, what_is_not_in_the_page_cache_arrives_too) {
    const auto server = start();
    TestClient client(testing::port_of(*server));
    for (const off_t from : {off_t{0}, off_t{1} << 20, off_t{3} << 20}) {
        forget_pages(from, 1 << 20);
        client.send_frame("fetch");
        expect_whole(client);
    }
}

TEST_F(ServerFiles, a_reader_that_goes_away_in_the_middle_disturbs_nobody) {
    const auto server = start({.send_buffer = 64 << 10});
    for (int i = 0; i < 3; ++i) {
        TestClient leaving(testing::port_of(*server), 4096);
        leaving.send_frame("fetch");
        EXPECT_TRUE(leaving.read(100'000));
        leaving.reset_on_close();
        leaving.close();
    }
    TestClient staying(testing::port_of(*server));
    staying.send_frame("fetch");
    expect_whole(staying);
}

TEST_F(ServerFiles, a_file_that_is_shorter_than_the_reply_ends_the_connection) {
    const auto server = serve([this](const Peer&, MutableByteView, Responder responder) {
        OutFrame frame = spliced("head", file_, "tail");
        frame.splices[0].slices[0].position = 1000;
        std::move(responder).send(std::move(frame));
        return Next::now;
    });
    TestClient client(testing::port_of(*server));
    client.send_frame("fetch");
    EXPECT_EQ(client.read_frame(), "<closed>");
}

}  // namespace
}  // namespace stoker::net
