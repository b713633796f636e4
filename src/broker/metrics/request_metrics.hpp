// Requests by API and version, how long each stretch of their way took, and with which errors they
// were answered: kafka_network_requestmetrics_*. Only a broker with a metrics port has one.
//
// Each io thread writes into a recorder of its own; answers, which any thread gives, count their
// errors in one of a few tables. A scrape adds up.
#pragma once

#include <array>
#include <atomic>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/error_code.hpp"
#include "base/guarded.hpp"
#include "metrics/instruments.hpp"
#include "metrics/recent_quantiles.hpp"
#include "metrics/text_writer.hpp"
#include "net/frame_observer.hpp"
#include "protocol/message_io.hpp"

namespace stoker::broker {

/// Any thread. Outlives the server whose frames it observes.
class RequestMetrics {
public:
    static constexpr size_t apis_max = 128;
    static constexpr size_t versions_max = 32;
    /// Kafka's codes begin at -1.
    static constexpr size_t errors_max = 192;

    RequestMetrics();
    ~RequestMetrics();

    /// For one io thread.
    std::unique_ptr<net::FrameObserver> make_observer();

    /// Counts the errors in an answer, and the successes: every error_code, as Kafka does.
    template <protocol::Message Response>
    void count_errors(const Response& response);

    /// The families of this file's head comment. One thread at a time.
    void write(metrics::TextWriter& writer, int64_t now_ns);

private:
    struct ApiTimes;
    class Recorder;
    struct Stretch;
    using Errors = std::array<metrics::Counter, errors_max>;
    /// Threads spread over a few of them, so that they seldom write to one place.
    struct alignas(64) Shard {
        std::array<std::atomic<Errors*>, apis_max> of_api{};
    };
    static constexpr size_t shards = 4;
    using Recorders = std::vector<std::shared_ptr<Recorder>>;
    using ByStretch = std::vector<metrics::RecentQuantiles>;

    template <class T>
    static constexpr bool has_errors();
    template <class T, class Visit>
    static void each_error(const T& value, Visit& visit);

    Errors& errors_of(int16_t api_key);
    uint64_t errors(size_t api, size_t error) const;
    void write_requests(metrics::TextWriter& writer, const Recorders& recorders) const;
    void write_errors(metrics::TextWriter& writer) const;
    void write_times(metrics::TextWriter& writer, const Recorders& recorders, int64_t now_ns);

    std::array<Shard, shards> shards_;
    Guarded<Recorders> recorders_;
    std::map<size_t, ByStretch> recent_;  // by API; of the one thread that writes
};

template <class T>
constexpr bool RequestMetrics::has_errors() {
    bool found = std::same_as<T, ErrorCode>;
    if constexpr (protocol::Structure<T>) {
        T::fields.each([&](auto f) {
            using Member = std::remove_cvref_t<decltype(std::declval<T>().*f.member)>;
            found = found || has_errors<typename protocol::Element<Member>::type>();
        });
    }
    return found;
}

template <class T, class Visit>
void RequestMetrics::each_error(const T& value, Visit& visit) {
    if constexpr (!has_errors<typename protocol::Element<T>::type>()) {
        return;
    } else if constexpr (std::same_as<T, ErrorCode>) {
        visit(value);
    } else if constexpr (protocol::Structure<T>) {
        T::fields.each([&](auto f) { each_error(value.*f.member, visit); });
    } else if constexpr (requires { value.has_value(); }) {
        if (value) each_error(*value, visit);
    } else {
        for (const auto& one : value) each_error(one, visit);
    }
}

template <protocol::Message Response>
void RequestMetrics::count_errors(const Response& response) {
    if constexpr (has_errors<Response>()) {
        Errors& counts = errors_of(Response::api.key);
        uint64_t successes = 0;
        auto visit = [&](ErrorCode error) {
            const size_t at = size_t(int16_t(error) + 1);
            if (error == ErrorCode::none) ++successes;
            else if (at < errors_max) counts[at].add();
        };
        each_error(response, visit);
        if (successes != 0) counts[1].add(successes);
    }
}

}  // namespace stoker::broker
