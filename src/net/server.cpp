#include "net/server.hpp"

#include <algorithm>
#include <system_error>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "net/acceptor.hpp"
#include "net/io_thread.hpp"
#include "net/worker_pool.hpp"
#include "storage/loggers.hpp"

namespace stoker::net {
namespace {

constexpr size_t storage_threads = 2;

}  // namespace

struct Server::Impl {
    SystemClock system_clock;
    WorkerPool storage{storage_threads};
    Shared shared;
    std::vector<BoundListener> bound;
    std::vector<std::unique_ptr<IoThread>> threads;

    void stop() {
        for (auto& thread : threads) thread->request_stop();
        for (auto& thread : threads) thread->join();
        storage.stop();
    }
};

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Server::~Server() { stop(); }

std::expected<std::unique_ptr<Server>, std::string> Server::start(
    ServerOptions options, Handler handler, std::function<void(uint64_t)> on_close) {
    auto impl = std::make_unique<Impl>();
    Shared& shared = impl->shared;
    shared.options = std::move(options);
    shared.handler = std::move(handler);
    shared.on_close = std::move(on_close);
    shared.clock = shared.options.clock ? shared.options.clock : &impl->system_clock;
    shared.logger =
        shared.options.logger ? shared.options.logger : stoker::logger(LogOf::connections);
    shared.storage = shared.options.storage_executor;
    if (!shared.storage) {
        shared.storage = [pool = &impl->storage](auto task) { pool->run(std::move(task)); };
    }
    size_t count = shared.options.io_threads;
    if (count == 0) count = std::max(1u, std::thread::hardware_concurrency());

    shared.threads = count;

    auto acceptor = Acceptor::open(shared.options);
    if (!acceptor) return std::unexpected(std::move(acceptor.error()));
    for (const auto& listener : (*acceptor)->listeners()) impl->bound.push_back(listener.bound);
    try {
        std::vector<IoThread*> all;
        for (size_t i = 0; i < count; ++i) {
            impl->threads.push_back(std::make_unique<IoThread>(shared));
            all.push_back(impl->threads.back().get());
        }
        (*acceptor)->deal_to(std::move(all));
        impl->threads.front()->accept_for(std::move(*acceptor));
        for (auto& thread : impl->threads) thread->start();
    } catch (const std::system_error& error) {
        return std::unexpected(fmt::format(
            "Cannot start {} io threads: {}. Raise the limits of open files and processes "
            "(`ulimit -n`, `ulimit -u`) or lower num.network.threads.",
            count, error.what()));
    }
    return std::unique_ptr<Server>(new Server(std::move(impl)));
}

const std::vector<BoundListener>& Server::bound() const { return impl_->bound; }

void Server::stop() { impl_->stop(); }

ServerStats Server::stats() const {
    ServerStats stats;
    for (const auto& thread : impl_->threads) thread->add_to(stats);
    stats.connections_total = impl_->shared.census.admitted_total();
    stats.refused_total = impl_->shared.census.refused_total();
    for (const BoundListener& listener : impl_->bound)
        stats.connections_of[listener.name] = impl_->shared.census.open_of(listener.name);
    return stats;
}

size_t Server::io_threads() const { return impl_->threads.size(); }

void Server::post(size_t io_thread, std::function<void()> task) {
    impl_->threads.at(io_thread)->mailbox().post({.task = std::move(task)});
}

}  // namespace stoker::net
