#include "http/response.hpp"

#include <fmt/format.h>

namespace stoker::http {

Response text_response(int status, std::string text) {
    text += '\n';
    return {.status = status, .body = std::make_shared<const std::string>(std::move(text))};
}

Response json_response(int status, std::string json) {
    return {.status = status,
            .content_type = "application/json",
            .body = std::make_shared<const std::string>(std::move(json))};
}

Response json_error(int status, std::string message) {
    return json_response(
        status, fmt::format(R"({{"error_code":{},"message":{}}})", status, json_quoted(message)));
}

std::string_view reason_of(int status) {
    switch (status) {
        case 200: return "OK";
        case 201: return "Created";
        case 202: return "Accepted";
        case 204: return "No Content";
        case 301: return "Moved Permanently";
        case 302: return "Found";
        case 303: return "See Other";
        case 304: return "Not Modified";
        case 307: return "Temporary Redirect";
        case 308: return "Permanent Redirect";
        case 400: return "Bad Request";
        case 401: return "Unauthorized";
        case 403: return "Forbidden";
        case 404: return "Not Found";
        case 405: return "Method Not Allowed";
        case 406: return "Not Acceptable";
        case 408: return "Request Timeout";
        case 409: return "Conflict";
        case 410: return "Gone";
        case 412: return "Precondition Failed";
        case 413: return "Content Too Large";
        case 415: return "Unsupported Media Type";
        case 422: return "Unprocessable Content";
        case 429: return "Too Many Requests";
        case 431: return "Request Header Fields Too Large";
        case 500: return "Internal Server Error";
        case 501: return "Not Implemented";
        case 502: return "Bad Gateway";
        case 503: return "Service Unavailable";
        case 504: return "Gateway Timeout";
        case 505: return "HTTP Version Not Supported";
        default: return "";
    }
}

std::string json_quoted(std::string_view text) {
    std::string quoted = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            quoted += '\\';
            quoted += c;
        } else if (c == '\n') {
            quoted += "\\n";
        } else if (static_cast<unsigned char>(c) < ' ') {
            quoted += fmt::format("\\u{:04x}", int(c));
        } else {
            quoted += c;
        }
    }
    return quoted + '"';
}

}  // namespace stoker::http
