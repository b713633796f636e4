#include "net/tls_channel.hpp"

#include <openssl/err.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/check.hpp"

namespace stoker::net {
namespace {

constexpr size_t batch_size = 64 << 10;       // plain bytes that are encrypted for one send
constexpr size_t unsent_max = 4 * batch_size;  // of a peer that makes us answer and does not read
constexpr size_t receive_size_min = 17 << 10;  // a whole record, however little room there is
constexpr std::byte handshake_record{0x16};
constexpr std::byte tls_major{3};

size_t size_of(std::span<iovec> pieces) {
    size_t size = 0;
    for (const iovec& piece : pieces) size += piece.iov_len;
    return size;
}

bool would_block(int error) { return error == EAGAIN || error == EWOULDBLOCK; }

}  // namespace

/// OpenSSL's view of a channel: it reads `feed_`, and writes into the thread's scratch.
struct TlsChannelBio {
    static TlsChannel& of(BIO* bio) { return *static_cast<TlsChannel*>(BIO_get_data(bio)); }

    static int read(BIO* bio, char* into, size_t size, size_t* got) {
        ByteView& feed = of(bio).feed_;
        *got = std::min(size, feed.size());
        BIO_clear_retry_flags(bio);
        if (*got == 0) {
            BIO_set_retry_read(bio);
            return 0;
        }
        std::memcpy(into, feed.data(), *got);
        feed = feed.subspan(*got);
        return 1;
    }
    static int write(BIO* bio, const char* from, size_t size, size_t* put) {
        Bytes& out = of(bio).scratch_.out;
        const auto* bytes = reinterpret_cast<const std::byte*>(from);
        out.insert(out.end(), bytes, bytes + size);
        *put = size;
        return 1;
    }
    static long control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH; }

    static BIO_METHOD* method() {
        static BIO_METHOD* const made = [] {
            BIO_METHOD* method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "stoker");
            STOKER_CHECK(method != nullptr, "OpenSSL makes a method");
            BIO_meth_set_read_ex(method, read);
            BIO_meth_set_write_ex(method, write);
            BIO_meth_set_ctrl(method, control);
            return method;
        }();
        return made;
    }
};

/// The plain bytes of a transmit as pieces of at most one TLS record.
class TlsChannel::Records {
public:
    Records(std::span<iovec> from, std::byte* room) : from_(from), room_(room) {}

    void skip(size_t n) {
        while (n > 0) {
            const size_t step = std::min(n, rest());
            offset_ += step;
            n -= step;
            step_on();
        }
    }
    bool done() {
        step_on();
        return from_.empty();
    }
    /// The next record; small pieces are put together in the scratch buffer.
    ByteView next() {
        step_on();
        if (rest() >= TlsScratch::record_size || from_.size() == 1) return take(rest());
        size_t filled = 0;
        while (!done() && filled < TlsScratch::record_size) {
            const ByteView piece = take(TlsScratch::record_size - filled);
            std::memcpy(room_ + filled, piece.data(), piece.size());
            filled += piece.size();
        }
        return {room_, filled};
    }

private:
    size_t rest() const { return from_.empty() ? 0 : from_.front().iov_len - offset_; }
    void step_on() {
        while (!from_.empty() && rest() == 0) {
            from_ = from_.subspan(1);
            offset_ = 0;
        }
    }
    ByteView take(size_t size_max) {
        const auto* bytes = static_cast<const std::byte*>(from_.front().iov_base) + offset_;
        const size_t size = std::min({rest(), size_max, TlsScratch::record_size});
        offset_ += size;
        return {bytes, size};
    }

    std::span<iovec> from_;
    std::byte* room_;
    size_t offset_ = 0;  // in from_.front()
};

TlsChannel::TlsChannel(std::shared_ptr<const security::TlsContext> context, TlsScratch& scratch)
    : context_(std::move(context)), scratch_(scratch) {}

TlsChannel::~TlsChannel() = default;

/// Looks at the first bytes before OpenSSL does, and before a connection costs its memory.
bool TlsChannel::begin(ByteView first) {
    if (first[0] != handshake_record || (first.size() > 1 && first[1] != tls_major)) {
        const auto* text = reinterpret_cast<const char*>(first.data());
        const std::string_view start(text, std::min<size_t>(first.size(), 4));
        const bool http = start == "GET " || start == "POST" || start == "HEAD" || start == "PUT ";
        failure_ = http ? "it speaks plain HTTP, but this listener speaks TLS"
                        : "it does not speak TLS, but this listener does (plain text came instead "
                          "of a ClientHello)";
        return false;
    }
    connection_ = context_->accept();
    BIO* bio = connection_ ? BIO_new(TlsChannelBio::method()) : nullptr;
    if (bio == nullptr) throw std::bad_alloc();
    BIO_set_data(bio, this);
    BIO_set_init(bio, 1);
    SSL_set_bio(connection_.get(), bio, bio);
    return true;
}

TlsChannel::Moved TlsChannel::receive(int socket, std::span<iovec> into) {
    Moved moved;
    if (!overflow_.empty()) {
        take_overflow(into, moved.bytes);
        return moved;
    }
    if (peer_finished_) return {.result = Result::closed};
    const size_t size = std::clamp(size_of(into), receive_size_min, TlsScratch::in_size);
    ssize_t n;
    do n = ::recv(socket, scratch_.in.get(), size, 0);
    while (n < 0 && errno == EINTR);
    if (n < 0 && would_block(errno)) return {.result = Result::blocked};
    if (n <= 0) return {.result = Result::closed, .error = n < 0 ? errno : 0};
    if (failed()) return {.result = Result::blocked};  // it lingers until the peer has gone

    feed_ = {scratch_.in.get(), static_cast<size_t>(n)};
    if (connection_ || begin(feed_)) moved.bytes = decrypt(into);
    feed_ = {};
    const Moved sent = send_out(socket);
    if (unsent_.size() > unsent_max) failure_ = "it does not read what its TLS makes us say";
    if (failed()) return {.result = Result::failed};
    if (sent.result == Result::closed) return sent;
    if (moved.bytes == 0) moved.result = peer_finished_ ? Result::closed : Result::blocked;
    return moved;
}

/// Everything in feed_; what `into` has no room for goes to overflow_.
size_t TlsChannel::decrypt(std::span<iovec> into) {
    size_t total = 0;
    for (const iovec& piece : into) {
        size_t filled = 0;
        while (filled < piece.iov_len) {
            size_t got = 0;
            auto* room = static_cast<std::byte*>(piece.iov_base) + filled;
            if (!read_plain(room, piece.iov_len - filled, got)) return total;
            filled += got;
            total += got;
        }
    }
    for (;;) {
        const size_t before = overflow_.size();
        overflow_.resize(before + TlsScratch::record_size);
        size_t got = 0;
        const bool more = read_plain(overflow_.data() + before, TlsScratch::record_size, got);
        overflow_.resize(before + got);
        if (!more) break;
    }
    return total;
}

/// One SSL_read, which shakes hands first when that is not done; false when there is no more.
bool TlsChannel::read_plain(std::byte* into, size_t room, size_t& got) {
    ERR_clear_error();
    const int code = SSL_read_ex(connection_.get(), into, room, &got);
    after_call(code);
    return code == 1;
}

void TlsChannel::after_call(int code) {
    if (!established_) established_ = SSL_is_init_finished(connection_.get()) == 1;
    if (code == 1) return;
    switch (SSL_get_error(connection_.get(), code)) {
        case SSL_ERROR_WANT_READ:
        case SSL_ERROR_WANT_WRITE: return;
        case SSL_ERROR_ZERO_RETURN: peer_finished_ = true; return;
        default: failure_ = security::tls_failure(connection_.get());
    }
}

void TlsChannel::take_overflow(std::span<iovec> into, size_t& got) {
    for (const iovec& piece : into) {
        const size_t size = std::min(piece.iov_len, overflow_.size() - got);
        if (size != 0) std::memcpy(piece.iov_base, overflow_.data() + got, size);
        got += size;
    }
    if (got == overflow_.size()) overflow_ = Bytes();
    else overflow_.erase(overflow_.begin(), overflow_.begin() + static_cast<ptrdiff_t>(got));
}

TlsChannel::Moved TlsChannel::transmit(int socket, std::span<iovec> from) {
    Moved moved = push(socket);
    if (moved.result != Result::fine) return moved;
    if (failed()) return {.result = Result::failed};
    moved.bytes = std::min(owed_, size_of(from));
    owed_ -= moved.bytes;
    Records records(from, scratch_.record.get());
    records.skip(moved.bytes);
    while (!records.done()) {
        const size_t plain = encrypt_batch(records);
        if (failed()) return {.result = Result::failed};
        const Moved sent = send_out(socket);
        if (sent.result == Result::closed) return sent;
        if (holds_output()) {
            owed_ = plain;
            return moved;
        }
        moved.bytes += plain;
    }
    return moved;
}

size_t TlsChannel::encrypt_batch(Records& records) {
    size_t plain = 0;
    while (plain < batch_size && !records.done()) {
        const ByteView record = records.next();
        size_t put = 0;
        ERR_clear_error();
        const int code = SSL_write_ex(connection_.get(), record.data(), record.size(), &put);
        after_call(code);
        if (code != 1) break;
        plain += put;
    }
    return plain;
}

TlsChannel::Moved TlsChannel::push(int socket) {
    if (!holds_output()) return {};
    return send_out(socket);
}

/// What was left over, then what the scratch has; keeps what the socket does not take.
TlsChannel::Moved TlsChannel::send_out(int socket) {
    Bytes& out = scratch_.out;
    if (!unsent_.empty()) {
        unsent_.insert(unsent_.end(), out.begin(), out.end());
        out.swap(unsent_);
        unsent_.clear();
    }
    size_t done = 0;
    int error = 0;
    while (done < out.size() && error == 0) {
        const ssize_t n = ::send(socket, out.data() + done, out.size() - done, MSG_NOSIGNAL);
        if (n >= 0) done += static_cast<size_t>(n);
        else if (errno != EINTR) error = errno;
    }
    Moved moved;
    if (error != 0 && !would_block(error)) moved = {.result = Result::closed, .error = error};
    else if (error != 0) moved.result = Result::blocked;
    unsent_ = moved.result == Result::blocked
                  ? Bytes(out.begin() + static_cast<ptrdiff_t>(done), out.end())
                  : Bytes();
    out.clear();
    return moved;
}

void TlsChannel::finish(int socket) {
    if (!established_ || failed() || holds_output()) return;
    ERR_clear_error();
    SSL_shutdown(connection_.get());
    ERR_clear_error();
    (void)send_out(socket);
}

}  // namespace stoker::net
