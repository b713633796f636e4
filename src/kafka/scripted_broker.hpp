// A broker of a few lines for the tests of this layer: it listens on a free loopback port and
// answers each request as the script says, malformed answers included.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "base/big_endian.hpp"
#include "base/bytes.hpp"
#include "base/guarded.hpp"
#include "kafka/endpoint.hpp"
#include "protocol/apis.hpp"
#include "protocol/message_io.hpp"
#include "protocol/messages/03_metadata.hpp"
#include "protocol/messages/18_api_versions.hpp"

namespace stoker::kafka {

/// What the script sees of a request. The body is a view that lasts for the call.
struct ScriptedRequest {
    protocol::RequestHeader header;
    MutableByteView body;

    template <protocol::Message T>
    T decode() const {
        return protocol::decode<T>(body, header.request_api_version);
    }
    /// A whole answer to it.
    template <protocol::Message T>
    Bytes answer(const T& message) const {
        return protocol::encode_response(header.correlation_id, message,
                                         header.request_api_version)
            .bytes;
    }
};

class ScriptedBroker {
public:
    /// The bytes to send, none for no answer, nothing at all to hang up.
    using Reaction = std::function<std::optional<Bytes>(const ScriptedRequest&)>;

    /// The script is called from the broker's own thread, one request at a time. Without one for
    /// an API: ApiVersions says that every API of ours is served in all its versions, Metadata
    /// names this broker as node 1 and controller; others hang up.
    explicit ScriptedBroker(std::map<int16_t, Reaction> script = {}) : script_(std::move(script)) {
        listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in any{.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
        socklen_t size = sizeof any;
        if (::bind(listener_, reinterpret_cast<sockaddr*>(&any), size) != 0 ||
            ::listen(listener_, 16) != 0 ||
            ::getsockname(listener_, reinterpret_cast<sockaddr*>(&any), &size) != 0) {
            throw std::runtime_error("no loopback port");
        }
        port_ = ntohs(any.sin_port);
        if (::pipe(stop_) != 0) throw std::runtime_error("no pipe");
        thread_ = std::thread([this] { serve(); });
    }
    ~ScriptedBroker() {
        ::close(stop_[1]);
        thread_.join();
        ::close(listener_);
        ::close(stop_[0]);
    }
    ScriptedBroker(const ScriptedBroker&) = delete;

    uint16_t port() const { return port_; }
    std::string server() const { return "127.0.0.1:" + std::to_string(port_); }
    Address address() const { return resolve({"127.0.0.1", port_}).front(); }
    /// The API keys of all requests so far.
    std::vector<int16_t> asked() const { return *asked_.lock(); }

    static protocol::ApiVersionsResponse all_versions() {
        protocol::ApiVersionsResponse response;
        for (const protocol::Api& api : protocol::apis()) {
            response.api_keys.push_back({api.key, api.versions.first, api.versions.last});
        }
        return response;
    }
    protocol::MetadataResponse this_node() const {
        return {.brokers = {{.node_id = 1, .host = "127.0.0.1", .port = port_}},
                .cluster_id = "a-cluster",
                .controller_id = 1};
    }

private:
    void serve() {
        std::vector<int> peers;
        for (;;) {
            std::vector<pollfd> waiting{{stop_[0], POLLIN, 0}, {listener_, POLLIN, 0}};
            for (int peer : peers) waiting.push_back({peer, POLLIN, 0});
            ::poll(waiting.data(), waiting.size(), -1);
            if (waiting[0].revents != 0) break;
            if (waiting[1].revents != 0) peers.push_back(::accept(listener_, nullptr, nullptr));
            for (size_t i = 2; i < waiting.size(); ++i) {
                if (waiting[i].revents == 0 || serve_one(waiting[i].fd)) continue;
                ::close(waiting[i].fd);
                std::erase(peers, waiting[i].fd);
            }
        }
        for (int peer : peers) ::close(peer);
    }

    bool serve_one(int peer) {
        std::byte size[4];
        if (::recv(peer, size, sizeof size, MSG_WAITALL) != sizeof size) return false;
        Bytes frame(load_big_endian<uint32_t>(size));
        if (::recv(peer, frame.data(), frame.size(), MSG_WAITALL) != ssize_t(frame.size())) {
            return false;
        }
        protocol::RequestFrame parts = protocol::read_request_header(frame);
        asked_.lock()->push_back(parts.header.request_api_key);
        std::optional<Bytes> answer = react({parts.header, parts.body});
        if (!answer) return false;
        return ::send(peer, answer->data(), answer->size(), MSG_NOSIGNAL) ==
               ssize_t(answer->size());
    }

    std::optional<Bytes> react(const ScriptedRequest& request) {
        int16_t key = request.header.request_api_key;
        if (auto found = script_.find(key); found != script_.end()) return found->second(request);
        if (key == protocol::ApiVersionsRequest::api.key) return request.answer(all_versions());
        if (key == protocol::MetadataRequest::api.key) return request.answer(this_node());
        return std::nullopt;
    }

    std::map<int16_t, Reaction> script_;
    mutable Guarded<std::vector<int16_t>> asked_;
    int listener_ = -1;
    int stop_[2] = {-1, -1};
    uint16_t port_ = 0;
    std::thread thread_;
};

}  // namespace stoker::kafka
