// The TLS half of an encrypting Transport: OpenSSL between a session's plain bytes and the socket.
//
// OpenSSL never touches the socket. What one recvmsg brings lies in a scratch buffer of the io
// thread and is decrypted straight into the session's buffers; what is to be sent is encrypted into
// another scratch buffer, a batch at a time, and leaves with one send. Between calls a channel
// holds: an incomplete record (OpenSSL's), plain bytes that the session had no room for, and at
// most one batch of ciphertext that the socket did not take.
//
// The plain bytes of that batch count as not taken until its last ciphertext is out. So the session
// gathers them again, as it does without TLS for what the socket did not take, and a slow reader
// costs one batch, whatever it is owed.
#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include "base/bytes.hpp"
#include "security/tls_context.hpp"

namespace stoker::net {

/// What the channels of one io thread share; empty between their calls.
struct TlsScratch {
    static constexpr size_t in_size = 256 << 10;
    static constexpr size_t record_size = 16 << 10;  // plain bytes of the largest TLS record

    std::unique_ptr<std::byte[]> in = std::make_unique_for_overwrite<std::byte[]>(in_size);
    std::unique_ptr<std::byte[]> record = std::make_unique_for_overwrite<std::byte[]>(record_size);
    Bytes out;
};

/// One thread. Neither socket nor scratch is its own.
class TlsChannel {
public:
    enum class Result {
        fine,
        blocked,  // the socket takes or has nothing now
        closed,   // the peer is gone; `error` has errno, or 0 after an end in good order
        failed,   // failure() says why; an alert may have been sent
    };
    struct Moved {
        Result result = Result::fine;
        size_t bytes = 0;  // plain ones
        int error = 0;
    };

    TlsChannel(std::shared_ptr<const security::TlsContext> context, TlsScratch& scratch);
    ~TlsChannel();
    TlsChannel(const TlsChannel&) = delete;
    TlsChannel& operator=(const TlsChannel&) = delete;

    Moved receive(int socket, std::span<iovec> into);
    Moved transmit(int socket, std::span<iovec> from);
    /// Sends what is left of earlier calls.
    Moved push(int socket);
    /// Tells the peer that nothing more comes, if the socket takes it.
    void finish(int socket);

    /// Is the handshake done?
    bool established() const { return established_; }
    bool failed() const { return !failure_.empty(); }
    /// Has anything come from the peer?
    bool begun() const { return connection_ != nullptr || failed(); }
    /// A clause about the peer.
    const std::string& failure() const { return failure_; }
    /// Plain bytes are there that receive() gives without the socket.
    bool holds_input() const { return !overflow_.empty(); }
    bool holds_output() const { return !unsent_.empty(); }
    size_t bytes_held() const { return overflow_.size() + unsent_.size(); }
    const SSL* connection() const { return connection_.get(); }

private:
    friend struct TlsChannelBio;
    class Records;

    bool begin(ByteView first);
    size_t decrypt(std::span<iovec> into);
    bool read_plain(std::byte* into, size_t room, size_t& got);
    void take_overflow(std::span<iovec> into, size_t& got);
    void after_call(int code);
    size_t encrypt_batch(Records& records);
    Moved send_out(int socket);

    const std::shared_ptr<const security::TlsContext> context_;
    TlsScratch& scratch_;
    security::Owned<SSL> connection_;  // none until the first bytes come
    ByteView feed_;                    // ciphertext that OpenSSL has not read yet; within a call
    Bytes overflow_;
    Bytes unsent_;
    size_t owed_ = 0;  // plain bytes whose ciphertext is in unsent_
    std::string failure_;
    bool established_ = false;
    bool peer_finished_ = false;
};

}  // namespace stoker::net
