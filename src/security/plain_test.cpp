#include <gtest/gtest.h>

#include "security/plain_server.hpp"
#include "security/sasl_client.hpp"

namespace stoker::security {
namespace {

using namespace std::string_literals;

std::unique_ptr<SaslServer> server() {
    return plain_server(std::make_shared<const PlainUsers>(
        std::map<std::string, std::string, std::less<>>{{"alice", "secret"}, {"empty", ""}}));
}

/// What is told; "in" when there is no refusal, "refused" when nothing more is told.
std::string answer_to(const std::string& message) {
    auto asked = server();
    auto answer = asked->evaluate(bytes_of(message));
    if (answer) return asked->complete() ? "in" : "incomplete";
    return answer.error().told.empty() ? "refused" : answer.error().told;
}

TEST(Plain, the_right_password_gets_in) {
    auto asked = server();
    EXPECT_TRUE(asked->evaluate(plain_client("alice", "secret")->first()));
    EXPECT_TRUE(asked->complete());
    EXPECT_EQ(asked->user(), "alice");
}

TEST(Plain, wrong_passwords_and_users_get_the_same_answer) {
    const std::string told = "Authentication failed: Invalid username or password";
    EXPECT_EQ(answer_to("\0alice\0wrong"s), told);
    EXPECT_EQ(answer_to("\0bob\0secret"s), told);
    EXPECT_EQ(answer_to("\0alice\0secret "s), told);
    EXPECT_EQ(answer_to("\0ALICE\0secret"s), told);
}

TEST(Plain, nobody_may_act_as_another) {
    EXPECT_EQ(answer_to("admin\0alice\0secret"s),
              "Authentication failed: Client requested an authorization id that is different from "
              "username");
    EXPECT_EQ(answer_to("alice\0alice\0secret"s), "in");
}

TEST(Plain, what_is_not_of_its_form_is_refused) {
    for (const std::string& message :
         {""s, "alice"s, "\0alice"s, "\0\0secret"s, "\0alice\0"s, "\0empty\0"s,
          "\0alice\0secret\0more"s})
        EXPECT_EQ(answer_to(message), "refused") << message;
}

}  // namespace
}  // namespace stoker::security
