#include "bench/wire/request_load.hpp"

#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <deque>
#include <stdexcept>

#include "base/big_endian.hpp"
#include "base/clock.hpp"
#include "bench/wire/socket.hpp"

namespace stoker::bench {
namespace {

constexpr size_t prefix_size = 4;
constexpr size_t pieces_max = 64;
constexpr size_t receive_size = 256 << 10;
constexpr int64_t ns_a_second = 1'000'000'000;
constexpr int64_t silence_max_ns = 30 * ns_a_second;
constexpr int64_t closed_loop_wait_ns = ns_a_second / 10;
constexpr size_t open_loop_backlog_max = 1'000'000;

class Connection {
public:
    Connection(uint16_t port, std::vector<const Bytes*> requests)
        : socket_(port), requests_(std::move(requests)), size_(requests_.front()->size()) {
        for (const Bytes* request : requests_) {
            if (request->size() != size_) throw std::runtime_error("requests of several sizes");
        }
        socket_.set_blocking(false);
        input_.resize(receive_size);
    }

    int descriptor() const { return socket_.descriptor(); }
    size_t under_way() const { return since_.size(); }
    bool has_unsent() const { return unsent_ > 0; }
    /// One more request is to be sent; its latency counts from `since_ns`.
    void add(int64_t since_ns) {
        since_.push_back(since_ns);
        ++unsent_;
    }

    /// False when the socket takes no more.
    bool send() {
        std::array<iovec, pieces_max> pieces;
        while (unsent_ > 0) {
            // The same memory again and again: a request is not copied to be sent.
            const size_t count = std::min(unsent_, pieces_max);
            size_t total = 0;
            for (size_t i = 0; i < count; ++i) {
                const size_t skip = i == 0 ? sent_ : 0;
                const Bytes& request = *requests_[(next_ + i) % requests_.size()];
                pieces[i] = {const_cast<std::byte*>(request.data()) + skip, size_ - skip};
                total += pieces[i].iov_len;
            }
            msghdr message{};
            message.msg_iov = pieces.data();
            message.msg_iovlen = count;
            const ssize_t n = ::sendmsg(descriptor(), &message, MSG_NOSIGNAL);
            if (n < 0 && errno == EAGAIN) return false;
            if (n < 0) throw std::runtime_error("the server closed a connection");
            const size_t moved = sent_ + static_cast<size_t>(n);
            unsent_ -= moved / size_;
            next_ += moved / size_;
            sent_ = moved % size_;
            if (static_cast<size_t>(n) < total) return false;
        }
        return true;
    }

    /// Calls `answered(since_ns, reply)` for each reply that has come.
    template <class Answered>
    void receive(Answered answered) {
        const ssize_t n = ::recv(descriptor(), input_.data() + have_, input_.size() - have_, 0);
        if (n < 0 && errno == EAGAIN) return;
        if (n <= 0) throw std::runtime_error("the server closed a connection");
        have_ += static_cast<size_t>(n);
        size_t done = 0;
        while (have_ - done >= prefix_size) {
            const auto size =
                static_cast<size_t>(load_big_endian<int32_t>(input_.data() + done));
            if (size > input_.size() - prefix_size) throw std::runtime_error("a reply is too long");
            if (have_ - done - prefix_size < size) break;
            if (since_.empty()) throw std::runtime_error("a reply that nobody waits for");
            answered(since_.front(),
                     MutableByteView(input_).subspan(done + prefix_size, size));
            since_.pop_front();
            done += prefix_size + size;
        }
        std::memmove(input_.data(), input_.data() + done, have_ - done);
        have_ -= done;
    }

private:
    Socket socket_;
    const std::vector<const Bytes*> requests_;
    const size_t size_;          // of each
    size_t next_ = 0;            // of requests_, that is to be sent
    std::deque<int64_t> since_;  // of the requests under way, unsent ones included
    size_t unsent_ = 0;          // requests that are not sent in full
    size_t sent_ = 0;            // bytes of the first of them
    Bytes input_;
    size_t have_ = 0;
};

class Run {
public:
    explicit Run(const RequestLoad& load) : load_(load) {
        for (size_t i = 0; i < load.connections; ++i) {
            std::vector<const Bytes*> own;
            for (size_t j = i; j < load.requests.size(); j += load.connections) {
                own.push_back(&load.requests[j]);
            }
            connections_.emplace_back(load.port, std::move(own));
        }
        wanted_.resize(connections_.size());
    }

    RequestOutcome go() {
        // Else the kernel lets whoever sleeps sleep 50 us longer.
        if (load_.sleeps) ::prctl(PR_SET_TIMERSLACK, 1UL);
        start_ns_ = last_reply_ns_ = clock_.monotonic_ns();
        const auto duration_ns = static_cast<int64_t>(load_.seconds * 1e9);
        const auto warm_up_ns = static_cast<int64_t>(load_.seconds * load_.warm_up_share * 1e9);
        const auto warm_up_requests =
            static_cast<uint64_t>(static_cast<double>(load_.requests_max) * load_.warm_up_share);
        while (true) {
            const int64_t now = clock_.monotonic_ns();
            const bool over = now - start_ns_ >= duration_ns || started_ >= load_.requests_max;
            if (measured_since_ns_ == 0 &&
                (now - start_ns_ >= warm_up_ns || outcome_.requests_total >= warm_up_requests)) {
                measured_since_ns_ = now;
            }
            if (over) break;
            add_requests(now);
            step(now);
        }
        drain();
        outcome_.seconds = static_cast<double>(last_reply_ns_ - measured_since_ns_) / 1e9;
        return std::move(outcome_);
    }

private:
    void add_requests(int64_t now) {
        if (load_.rate > 0) return add_due(now);
        for (auto& connection : connections_) {
            while (connection.under_way() < load_.window && started_ < load_.requests_max) {
                connection.add(now);
                ++started_;
            }
        }
    }

    void add_due(int64_t now) {
        while (true) {
            const int64_t due = due_ns(started_);
            if (due > now || started_ >= load_.requests_max) return;
            auto& connection = connections_[started_ % connections_.size()];
            if (connection.under_way() > open_loop_backlog_max) {
                throw std::runtime_error("the server cannot keep up with the rate");
            }
            connection.add(due);
            ++started_;
        }
    }

    int64_t due_ns(uint64_t number) const {
        return start_ns_ + static_cast<int64_t>(static_cast<double>(number) * 1e9 / load_.rate);
    }

    /// Until a socket has something, or the next request is due.
    int wait() {
        // An open loop looks again at once: to sleep would add the machine's wake-up time.
        int64_t rest_ns = load_.rate > 0 ? 0 : closed_loop_wait_ns;
        if (load_.sleeps) rest_ns = std::max<int64_t>(due_ns(started_) - clock_.monotonic_ns(), 0);
        const timespec rest{.tv_sec = rest_ns / ns_a_second, .tv_nsec = rest_ns % ns_a_second};
        return ::ppoll(wanted_.data(), wanted_.size(), &rest, nullptr);
    }

    void step(int64_t now) {
        for (size_t i = 0; i < connections_.size(); ++i) {
            auto& connection = connections_[i];
            const bool open = connection.send();
            const int events = open ? POLLIN : POLLIN | POLLOUT;
            wanted_[i] = {connection.descriptor(), static_cast<short>(events), 0};
        }
        const int n = wait();
        if (n <= 0) {
            if (now - last_reply_ns_ > silence_max_ns) {
                throw std::runtime_error("the server has not answered for 30 s");
            }
            return;
        }
        const int64_t came = clock_.monotonic_ns();
        for (size_t i = 0; i < connections_.size(); ++i) {
            if ((wanted_[i].revents & ~POLLOUT) == 0) continue;
            connections_[i].receive(
                [&](int64_t since, MutableByteView reply) { count(came, since, reply); });
        }
    }

    void count(int64_t now, int64_t since, MutableByteView reply) {
        last_reply_ns_ = now;
        ++outcome_.requests_total;
        if (!load_.is_good(reply)) ++outcome_.errors;
        if (measured_since_ns_ == 0) return;
        ++outcome_.requests;
        if (since < measured_since_ns_) return;
        outcome_.latencies_us.push_back(static_cast<double>(now - since) / 1e3);
    }

    void drain() {
        const auto busy = [](const Connection& c) { return c.under_way() > 0; };
        while (std::ranges::any_of(connections_, busy)) step(clock_.monotonic_ns());
    }

    const RequestLoad& load_;
    const SystemClock clock_;
    std::deque<Connection> connections_;
    std::vector<pollfd> wanted_;
    RequestOutcome outcome_;
    uint64_t started_ = 0;
    int64_t start_ns_ = 0;
    int64_t measured_since_ns_ = 0;  // 0: still warming up
    int64_t last_reply_ns_ = 0;
};

}  // namespace

RequestOutcome run(const RequestLoad& load) { return Run(load).go(); }

}  // namespace stoker::bench
