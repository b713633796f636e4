// The measuring client against the floor server: what is counted is what was sent.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include <unistd.h>

#include "base/big_endian.hpp"
#include "base/clock.hpp"
#include "bench/client/client_load.hpp"
#include "bench/wire/fetch_load.hpp"
#include "bench/wire/kafka_wire.hpp"
#include "bench/wire/request_load.hpp"
#include "bench/wire/socket.hpp"
#include "bench/measure/server_process.hpp"
#include "protocol/message_io.hpp"
#include "protocol/messages/00_produce.hpp"

namespace stoker::bench {
namespace {

namespace fs = std::filesystem;

class Folder {
public:
    Folder() : path_(fs::temp_directory_path() / ("stoker-floor-" + std::to_string(::getpid()))) {
        fs::create_directories(path_);
    }
    ~Folder() { fs::remove_all(path_); }
    fs::path file() const { return path_ / "log"; }

private:
    fs::path path_;
};

ServerCommand floor_command(const std::string& mode, const fs::path& file) {
    return {.arguments = {STOKER_FLOOR_SERVER, mode, file.string()},
            .ready = "floor ready at ",
            .core = {}};
}

Bytes framed(size_t size) {
    Bytes frame(4 + size);
    store_big_endian(frame.data(), static_cast<int32_t>(size));
    return frame;
}

bool is_ack(MutableByteView reply) { return reply.size() == 8; }

TEST(RequestLoad, sends_as_many_requests_as_it_was_told_and_counts_those_that_are_measured) {
    for (const char* mode : {"append", "append-sync"}) {
        const Folder folder;
        const ServerProcess server(floor_command(mode, folder.file()));
        const auto outcome = run({.port = server.port(),
                                  .requests = std::vector<Bytes>(3, framed(1000)),
                                  .connections = 3,
                                  .window = 7,
                                  .seconds = 60,
                                  .requests_max = 1000,
                                  .is_good = is_ack});
        EXPECT_EQ(outcome.errors, 0u);
        EXPECT_EQ(fs::file_size(folder.file()), 1000u * 1000u);
        EXPECT_LE(outcome.requests, 1000u);
        EXPECT_GE(outcome.requests, 900u);
        EXPECT_EQ(outcome.requests_total, 1000u);
        EXPECT_LE(outcome.latencies_us.size(), outcome.requests);
        EXPECT_GE(outcome.latencies_us.size(), 900u);
        EXPECT_GT(outcome.seconds, 0);
    }
}

TEST(RequestLoad, a_connection_sends_its_requests_in_turn) {
    const Folder folder;
    const ServerProcess server(floor_command("append", folder.file()));
    std::vector<Bytes> requests(3, framed(1));
    for (size_t i = 0; i < requests.size(); ++i) requests[i].back() = std::byte(int('a' + i));
    const auto outcome = run({.port = server.port(),
                              .requests = requests,
                              .window = 2,
                              .seconds = 60,
                              .requests_max = 7,
                              .is_good = is_ack});
    EXPECT_EQ(outcome.errors, 0u);
    std::ifstream file(folder.file());
    EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}), "abcabca");
}

TEST(RequestLoad, counts_replies_that_are_not_good) {
    const Folder folder;
    const ServerProcess server(floor_command("append", folder.file()));
    const auto outcome = run({.port = server.port(),
                              .requests = {framed(10)},
                              .seconds = 60,
                              .requests_max = 50,
                              .is_good = [](MutableByteView) { return false; }});
    EXPECT_EQ(outcome.errors, 50u);
}

TEST(RequestLoad, an_open_loop_keeps_its_rate_whatever_is_answered) {
    const Folder folder;
    const ServerProcess server(floor_command("append", folder.file()));
    const SystemClock clock;
    const int64_t begin = clock.monotonic_ns();
    run({.port = server.port(),
         .requests = {framed(10)},
         .rate = 20'000,
         .seconds = 60,
         .requests_max = 2000,
         .is_good = is_ack});
    EXPECT_GE(clock.monotonic_ns() - begin, 1999 * 50'000);
    EXPECT_EQ(fs::file_size(folder.file()), 20'000u);
}

TEST(FetchLoad, reads_the_log_from_its_beginning_to_its_end_and_again) {
    const Folder folder;
    {
        const ServerProcess server(floor_command("append", folder.file()));
        run({.port = server.port(),
             .requests = {framed(100'000)},
             .seconds = 60,
             .requests_max = 10,
             .is_good = is_ack});
    }
    const ServerProcess server(floor_command("serve", folder.file()));
    std::vector<uint64_t> positions;
    run({.port = server.port(),
         .log_size = 1'000'000,
         .request =
             [&](uint64_t position) {
                 positions.push_back(position);
                 Bytes request = framed(16);
                 store_big_endian(request.data() + 4, static_cast<int64_t>(position));
                 store_big_endian(request.data() + 12, int64_t{300'000});
                 return request;
             },
         .progress = [](MutableByteView reply) { return reply.size(); },
         .seconds = 60,
         .bytes_max = 1});
    EXPECT_EQ(positions, (std::vector<uint64_t>{0, 300'000, 600'000, 900'000, 0, 300'000, 600'000,
                                                900'000, 0}));
}

TEST(KafkaWire, a_batch_is_as_large_as_was_asked_for_and_no_larger) {
    for (const size_t size : {200u, 1024u, 16384u, 1048576u}) {
        const auto batch = make_batch(size, size < 1024 ? 100 : 500);
        EXPECT_LE(batch.bytes.size(), size);
        EXPECT_GE(batch.bytes.size() + 600, size);
        EXPECT_GE(batch.records, 1);
    }
}

TEST(KafkaWire, a_produce_request_carries_the_batch) {
    const auto batch = make_batch(1000, 100);
    Bytes frame = produce_request("topic", 3, batch.bytes);
    const auto request = protocol::read_request_header(MutableByteView(frame).subspan(4));
    EXPECT_EQ(request.header.request_api_version, 9);
    const auto body = protocol::decode<protocol::ProduceRequest>(request.body, 9);
    ASSERT_EQ(body.topic_data.size(), 1u);
    EXPECT_TRUE(equal(body.topic_data[0].partition_data[0].records->bytes, batch.bytes));
}

TEST(ServerProcess, says_what_the_server_used_and_since_when_it_runs) {
    const Folder folder;
    ServerProcess server(floor_command("append", folder.file()));
    run({.port = server.port(),
         .requests = {framed(1 << 20)},
         .window = 4,
         .seconds = 60,
         .requests_max = 500,
         .is_good = is_ack});
    EXPECT_GT(server.cpu_seconds(), 0);
    EXPECT_LT(server.cpu_seconds(), server.seconds_since_exec() + 0.02);
    EXPECT_GT(server.memory_mib(), 1);
    EXPECT_LE(server.memory_mib(), server.peak_memory_mib() + 1);
    server.kill();
    EXPECT_THROW(Socket{server.port()}, std::runtime_error);
}

TEST(ClientLoad, counts_the_records_that_the_mock_cluster_acknowledged) {
    const ServerProcess mock(
        {.arguments = {STOKER_MOCK_CLUSTER, "t"}, .ready = "mock ready at ", .core = {}});
    int begun = 0, ended = 0;
    const auto outcome = run({.port = mock.port(),
                              .topic = "t",
                              .record_size = 100,
                              .linger_ms = 1,
                              .seconds = 60,
                              .records_max = 5'000,
                              .on_begin = [&] { ++begun; },
                              .on_end = [&] { ++ended; }});
    EXPECT_EQ(outcome.records, 5'000u);
    EXPECT_GT(outcome.seconds, 0);
    EXPECT_EQ(begun, 1);
    EXPECT_EQ(ended, 1);
}

}  // namespace
}  // namespace stoker::bench
