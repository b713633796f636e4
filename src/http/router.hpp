// Which handler a request is for, by its method and its path:
//
//   Router router(json_error);
//   router.on("GET", "/subjects/{subject}/versions", versions_of);
//   router.on("POST", "/payment", [&](const Request& request, Reply reply) { … });
//   auto server = Server::start(std::move(options), std::move(router));
//
// A path that no route has is status 404; one that has other methods is 405 and says which.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "http/server.hpp"

namespace stoker::http {

/// An AsyncHandler. Built before the server starts, unchanged from then on.
class Router {
public:
    explicit Router(ErrorResponse error = text_response) : error_(std::move(error)) {}

    /// A pattern's {name} stands for one segment of the path that is not empty
    /// (Request::path_parameter). The first route that fits has the request. A GET route has HEAD,
    /// too, unless HEAD has one of its own.
    void on(std::string method, std::string_view pattern, Handler handler);
    void on(std::string method, std::string_view pattern, AsyncHandler handler);

    void operator()(const Request& request, Reply reply) const;

private:
    struct Segment {
        bool is_parameter = false;
        std::string text;  // a parameter's name without its braces
    };
    struct Route {
        std::string method;
        std::vector<Segment> segments;
        AsyncHandler handler;
    };

    static bool fits(const Route& route, std::string_view path);
    static void call(const Route& route, const Request& request, Reply reply);
    Response refusal(const Request& request) const;

    ErrorResponse error_;
    std::vector<Route> routes_;
};

}  // namespace stoker::http
