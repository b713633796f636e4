// What a handler answers with, and the usual answers: text, JSON, an error as JSON.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace stoker::http {

struct Response {
    int status = 200;
    std::string content_type = "text/plain; charset=utf-8";
    /// Shared, so that what is asked for often is made once. Null: empty. 204 and 304 have none.
    std::shared_ptr<const std::string> body{};
    /// A control character in a value is sent as a blank: no value begins a header of its own.
    std::vector<std::pair<std::string, std::string>> headers{};
};

/// `text` and a line's end.
Response text_response(int status, std::string text);
/// `json` as it is: application/json.
Response json_response(int status, std::string json);
/// {"error_code":404,"message":"…"}
Response json_error(int status, std::string message);

/// How errors are told that no handler answers: text_response, json_error or a program's own.
using ErrorResponse = std::function<Response(int status, std::string message)>;

/// "Not Found"; empty when it has no name here.
std::string_view reason_of(int status);

/// "text" with its quotes; bytes beyond ASCII stay as they are.
std::string json_quoted(std::string_view text);

}  // namespace stoker::http
