// `stoker request` and `stoker respond`: a question over one topic, its answers over another.
#pragma once

namespace stoker::exchange {

/// Sends each line of standard input as a request and prints the replies in the order of the lines.
/// Status 1 when a request got no reply in time, or a reply that says that it failed.
int request_main(int argc, char** argv);

/// Answers each request with what a command of the user's prints, until it is stopped.
int respond_main(int argc, char** argv);

}  // namespace stoker::exchange
