// kafka-delegation-tokens: creates, renews, expires and shows delegation tokens.
#include <openssl/evp.h>

#include <ctime>
#include <string>
#include <vector>

#include "broker/config/config_value.hpp"
#include "cli/admin_tool.hpp"
#include "cli/jackson_text.hpp"
#include "cli/jopt.hpp"
#include "cli/listing.hpp"
#include "cli/tool_list.hpp"
#include "cli/usage.hpp"
#include "kafka/delegation_token.hpp"
#include "kafka/java_text.hpp"

namespace stoker::cli {
namespace {

using jopt::Option;

struct Options {
    jopt::Parser parser;
    const Option& bootstrap_server =
        parser.accepts("bootstrap-server", "REQUIRED: the servers to connect to first.")
            .with_required_arg();
    const Option& command_config =
        parser.accepts("command-config",
                       "REQUIRED: a properties file with settings of the admin client; tokens are "
                       "for secure connections only.")
            .with_required_arg();
    const Option& create = parser.accepts("create", "Creates a token.");
    const Option& renew = parser.accepts("renew", "Renews a token.");
    const Option& expire = parser.accepts("expire", "Makes a token expire.");
    const Option& describe = parser.accepts("describe", "Shows tokens.");
    const Option& owner =
        parser.accepts("owner-principal", "The owner, as type:name.").with_optional_arg();
    const Option& renewer =
        parser.accepts("renewer-principal", "Who may renew it, as type:name.").with_optional_arg();
    const Option& max_life =
        parser.accepts("max-life-time-period", "Its life in ms; -1: the broker's default.")
            .with_optional_arg({}, jopt::Type::int64);
    const Option& renew_period =
        parser.accepts("renew-time-period", "For how many ms more; -1: the broker's default.")
            .with_optional_arg({}, jopt::Type::int64);
    const Option& expiry_period =
        parser.accepts("expiry-time-period", "In how many ms it expires; -1: at once.")
            .with_optional_arg({}, jopt::Type::int64);
    const Option& hmac = parser.accepts("hmac", "The token's HMAC, in base64.").with_optional_arg();
    const Option& output = add_output_option(parser);
};

Bytes from_base64(const std::string& text) {
    Bytes bytes(text.size() / 4 * 3 + 3);
    int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                               reinterpret_cast<const unsigned char*>(text.data()),
                               int(text.size()));
    if (size < 0 || text.size() % 4 != 0) throw_illegal_argument("Illegal base64 in --hmac");
    // EVP_DecodeBlock counts the padding as bytes.
    size -= text.ends_with("==") ? 2 : text.ends_with("=") ? 1 : 0;
    bytes.resize(size_t(size));
    return bytes;
}

std::string minute(int64_t timestamp_ms) {
    std::time_t seconds = std::time_t(timestamp_ms / 1000);
    std::tm parts{};
    ::localtime_r(&seconds, &parts);
    char text[32];
    size_t size = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M", &parts);
    return {text, size};
}

std::vector<kafka::Principal> principals(const jopt::OptionSet& given, const Option& option) {
    std::vector<kafka::Principal> all;
    if (!given.has(option)) return all;
    for (const std::string& word : given.texts(option)) {
        std::string text(broker::trimmed(word));
        size_t colon = text.find(':');
        if (colon == std::string::npos) {
            throw_illegal_argument("expected a string in format principalType:principalName but "
                                   "got " + text);
        }
        all.push_back({text.substr(0, colon), text.substr(colon + 1)});
    }
    return all;
}

std::string list_text(const std::vector<kafka::Principal>& all) {
    std::vector<std::string> names;
    for (const kafka::Principal& one : all) names.push_back(kafka::to_string(one));
    return kafka::java_list(names);
}

void print_tokens(Streams& io, const std::vector<kafka::DelegationToken>& tokens) {
    std::string_view format = "%n%-15s %-30s %-15s %-15s %-25s %-15s %-15s %-15s%n";
    io.out.write(kafka::java_format(format, {"TOKENID", "HMAC", "OWNER", "REQUESTER", "RENEWERS",
                                             "ISSUEDATE", "EXPIRYDATE", "MAXDATE"}));
    for (const kafka::DelegationToken& token : tokens) {
        std::vector<std::string> cells{
            token.token_id,
            base64(token.hmac),
            token.principal_type + ":" + token.principal_name,
            token.token_requester_principal_type + ":" + token.token_requester_principal_name,
            list_text(token.renewers),
            minute(token.issue_timestamp),
            minute(token.expiry_timestamp),
            minute(token.max_timestamp)};
        io.out.write(kafka::java_format(format, cells));
    }
}

void list_tokens(Streams& io, const std::vector<kafka::DelegationToken>& tokens,
                 OutputFormat format) {
    Listing listing{.columns = {"token_id", "hmac", "owner", "requester", "renewers",
                                "issue_timestamp", "expiry_timestamp", "max_timestamp"},
                    .rows = {}};
    for (const kafka::DelegationToken& token : tokens) {
        listing.rows.push_back(
            {token.token_id, base64(token.hmac),
             token.principal_type + ":" + token.principal_name,
             token.token_requester_principal_type + ":" + token.token_requester_principal_name,
             list_text(token.renewers), token.issue_timestamp, token.expiry_timestamp,
             token.max_timestamp});
    }
    print_listing(io.out, format, listing);
}

void check(Streams& io, const Options& o, const jopt::OptionSet& given) {
    print_help_or_version(
        io, o.parser, given,
        "This tool helps to create, renew, expire, or describe delegation tokens.");
    int actions =
        given.has(o.create) + given.has(o.renew) + given.has(o.expire) + given.has(o.describe);
    if (actions != 1) {
        print_usage_and_exit(io, o.parser,
                             "Command must include exactly one action: --create, --renew, "
                             "--expire or --describe");
    }
    check_required_args(io, o.parser, given, {&o.bootstrap_server, &o.command_config});
    if (given.has(o.create)) check_required_args(io, o.parser, given, {&o.max_life});
    if (given.has(o.renew)) check_required_args(io, o.parser, given, {&o.hmac, &o.renew_period});
    if (given.has(o.expire)) check_required_args(io, o.parser, given, {&o.hmac, &o.expiry_period});
    check_invalid_args(io, o.parser, given, o.create,
                       {&o.hmac, &o.renew_period, &o.expiry_period});
    check_invalid_args(io, o.parser, given, o.renew,
                       {&o.renewer, &o.max_life, &o.expiry_period, &o.owner});
    check_invalid_args(io, o.parser, given, o.expire,
                       {&o.renew, &o.max_life, &o.renew_period, &o.owner});
    check_invalid_args(io, o.parser, given, o.describe,
                       {&o.renew_period, &o.max_life, &o.hmac, &o.expiry_period});
}

void create(Streams& io, const Options& o, const jopt::OptionSet& given, kafka::Admin& admin) {
    kafka::CreateDelegationTokenRequest request{
        .renewers = principals(given, o.renewer),
        .max_lifetime_ms = given.number(o.max_life).value_or(0)};
    io.out.line("Calling create token operation with renewers :" + list_text(request.renewers) +
                " , max-life-time-period :" + std::to_string(request.max_lifetime_ms));
    if (auto owners = principals(given, o.owner); !owners.empty()) {
        request.owner_principal_type = owners.front().principal_type;
        request.owner_principal_name = owners.front().principal_name;
    }
    kafka::DelegationToken token = get_or_throw(kafka::create_delegation_token(admin, request));
    io.out.line("Created delegation token with tokenId : " + token.token_id);
    print_tokens(io, {token});
}

void describe(Streams& io, const Options& o, const jopt::OptionSet& given, kafka::Admin& admin) {
    std::vector<kafka::Principal> owners = principals(given, o.owner);
    if (auto format = output_format(given, o.output)) {
        return list_tokens(io, get_or_throw(kafka::describe_delegation_tokens(admin, owners)),
                           *format);
    }
    io.out.line(owners.empty() ? "Calling describe token operation for current user."
                               : "Calling describe token operation for owners: " +
                                     list_text(owners));
    auto tokens = get_or_throw(kafka::describe_delegation_tokens(admin, owners));
    io.out.write("Total number of tokens : " + std::to_string(tokens.size()));
    print_tokens(io, tokens);
}

int execute(const Args& args, Streams& io) {
    Options o;
    jopt::OptionSet given = o.parser.parse(args);
    check(io, o, given);
    kafka::ClientProperties properties = load_properties_or_throw(given.text(o.command_config));
    properties.set("bootstrap.servers", given.text_or_empty(o.bootstrap_server));
    auto admin = make_admin(io, properties);
    std::string hmac = given.text_or_empty(o.hmac);
    if (given.has(o.create)) {
        create(io, o, given, *admin);
    } else if (given.has(o.describe)) {
        describe(io, o, given, *admin);
    } else if (given.has(o.renew)) {
        int64_t period = given.number(o.renew_period).value_or(0);
        io.out.line("Calling renew token operation with hmac :" + hmac +
                    " , renew-time-period :" + std::to_string(period));
        int64_t expiry = get_or_throw(
            kafka::renew_delegation_token(*admin, {from_base64(hmac), period}));
        io.out.write("Completed renew operation. New expiry date : " + minute(expiry));
    } else {
        int64_t period = given.number(o.expiry_period).value_or(0);
        io.out.line("Calling expire token operation with hmac :" + hmac +
                    " , expire-time-period :" + std::to_string(period));
        int64_t expiry = get_or_throw(
            kafka::expire_delegation_token(*admin, {from_base64(hmac), period}));
        io.out.write("Completed expire operation. New expiry date : " + minute(expiry));
    }
    return 0;
}

}  // namespace

int run_delegation_tokens(const Args& args, Streams& io) {
    return main_no_exit(io, [&] { return execute(args, io); });
}

}  // namespace stoker::cli
