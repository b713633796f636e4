#include "http/router.hpp"

#include <algorithm>
#include <utility>

#include "base/check.hpp"

namespace stoker::http {
namespace {

/// The segment behind the slash at the front; both are taken off.
std::string_view take_segment(std::string_view& path) {
    path.remove_prefix(1);
    const std::string_view segment = path.substr(0, path.find('/'));
    path.remove_prefix(segment.size());
    return segment;
}

std::string decoded(std::string_view segment) {
    return percent_decoded(segment).value_or(std::string(segment));
}

bool is_same(std::string_view segment, std::string_view text) {
    return segment == text || (segment.contains('%') && decoded(segment) == text);
}

}  // namespace

void Router::on(std::string method, std::string_view pattern, Handler handler) {
    on(std::move(method), pattern,
       AsyncHandler([handler = std::move(handler)](const Request& request, Reply reply) {
           std::move(reply).send(handler(request));
       }));
}

void Router::on(std::string method, std::string_view pattern, AsyncHandler handler) {
    Route route{.method = std::move(method), .segments = {}, .handler = std::move(handler)};
    STOKER_CHECK(is_token(route.method), "a method is a token");
    while (!pattern.empty()) {
        STOKER_CHECK(pattern.starts_with('/'), "a pattern begins with a slash");
        std::string_view text = take_segment(pattern);
        const bool is_parameter = text.starts_with('{') && text.ends_with('}');
        if (is_parameter) text = text.substr(1, text.size() - 2);
        STOKER_CHECK(!text.contains('{') && !text.contains('}'), "a {name} is a whole segment");
        route.segments.push_back({.is_parameter = is_parameter, .text = std::string(text)});
    }
    STOKER_CHECK(!route.segments.empty(), "a pattern begins with a slash");
    routes_.push_back(std::move(route));
}

void Router::operator()(const Request& request, Reply reply) const {
    const bool is_head = request.method == "HEAD";
    const Route* found = nullptr;
    for (const Route& route : routes_) {
        const bool same = route.method == request.method;
        const bool stands_in = is_head && route.method == "GET" && found == nullptr;
        if ((!same && !stands_in) || !fits(route, request.path)) continue;
        found = &route;
        if (same) break;
    }
    if (found != nullptr) return call(*found, request, std::move(reply));
    std::move(reply).send(refusal(request));
}

bool Router::fits(const Route& route, std::string_view path) {
    for (const Segment& segment : route.segments) {
        if (!path.starts_with('/')) return false;
        const std::string_view text = take_segment(path);
        if (segment.is_parameter ? text.empty() : !is_same(text, segment.text)) return false;
    }
    return path.empty();
}

void Router::call(const Route& route, const Request& request, Reply reply) {
    if (std::ranges::none_of(route.segments, &Segment::is_parameter))
        return route.handler(request, std::move(reply));
    Request with_parameters = request;
    std::string_view path = request.path;
    for (const Segment& segment : route.segments) {
        const std::string_view text = take_segment(path);
        if (segment.is_parameter)
            with_parameters.path_parameters.emplace_back(segment.text, decoded(text));
    }
    route.handler(with_parameters, std::move(reply));
}

/// 405 when the path has other methods, 404 otherwise.
Response Router::refusal(const Request& request) const {
    std::vector<std::string_view> methods;
    const auto allow = [&](std::string_view method) {
        if (std::ranges::find(methods, method) == methods.end()) methods.push_back(method);
    };
    for (const Route& route : routes_) {
        if (!fits(route, request.path)) continue;
        allow(route.method);
        if (route.method == "GET") allow("HEAD");
    }
    const int status = methods.empty() ? 404 : 405;
    Response response = error_(status, "HTTP " + std::to_string(status) + " " +
                                           std::string(reason_of(status)));
    if (methods.empty()) return response;
    std::string list;
    for (const std::string_view method : methods) {
        if (!list.empty()) list += ", ";
        list += method;
    }
    response.headers.emplace_back("Allow", std::move(list));
    return response;
}

}  // namespace stoker::http
