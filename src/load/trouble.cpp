#include "load/trouble.hpp"

#include <fmt/format.h>

#include <string_view>

namespace stoker::load {
namespace {

struct Advice {
    std::string_view what;
    std::string_view remedy;
};

Advice advice_for(client::Cause cause) {
    switch (cause) {
        case client::Cause::unreachable:
            return {"no broker answered",
                    "check that the servers run and that --security-protocol is theirs"};
        case client::Cause::name:
            return {"the name is not known", "check --bootstrap-servers"};
        case client::Cause::credentials:
            return {"the broker refused the user or the password",
                    "check --username, --password and --sasl-mechanism"};
        case client::Cause::untrusted:
            return {"the broker's certificate is not trusted",
                    "check --ssl-cafile and that the certificate is for this host name"};
        case client::Cause::certificate_required:
            return {"the broker refused our certificate",
                    "check --ssl-certfile and --ssl-keyfile"};
        case client::Cause::not_tls:
            return {"the server does not speak TLS here", "check --security-protocol and the port"};
        case client::Cause::permission:
            return {"the user may not do this", "check the broker's ACLs"};
    }
    return {};
}

}  // namespace

std::string explain(const std::string& bootstrap_servers, const client::Error& error) {
    const Advice advice = advice_for(client::cause_of(error));
    return fmt::format("{}: {} ({}): {}", bootstrap_servers, advice.what, error.text,
                       advice.remedy);
}

}  // namespace stoker::load
