#include "http/metrics_endpoint.hpp"

#include <utility>

#include "metrics/text_writer.hpp"

namespace stoker::http {

std::expected<std::unique_ptr<Server>, std::string> serve_metrics(
    ServerOptions options, std::function<std::shared_ptr<const std::string>()> text) {
    return Server::start(std::move(options), [text = std::move(text)](const Request& request) {
        if (request.method != "GET" && request.method != "HEAD") {
            Response response = text_response(405, "only GET and HEAD are served here");
            response.headers.emplace_back("Allow", "GET, HEAD");
            return response;
        }
        if (request.path != "/metrics")
            return text_response(request.path == "/" ? 200 : 404, "see /metrics");
        return Response{.content_type = std::string(metrics::text_content_type), .body = text()};
    });
}

std::vector<std::string> metrics_addresses(const Server& server) {
    std::vector<std::string> addresses;
    for (const std::string& address : server.addresses())
        addresses.push_back("http://" + address + "/metrics");
    return addresses;
}

}  // namespace stoker::http
