#include "security/jaas.hpp"

#include <gtest/gtest.h>

namespace stoker::security {
namespace {

const std::string plain = "org.apache.kafka.common.security.plain.PlainLoginModule";

JaasEntry parsed(const std::string& text) {
    auto entry = parse_jaas(text);
    EXPECT_TRUE(entry) << entry.error();
    return entry.value_or(JaasEntry{});
}

std::string why_not(const std::string& text) {
    auto entry = parse_jaas(text);
    return entry ? "it was taken" : entry.error();
}

TEST(Jaas, an_entry_is_a_module_a_flag_and_options) {
    JaasEntry entry = parsed(plain + " required username=\"alice\" user_bob='b s';");
    EXPECT_EQ(entry.module, LoginModule::plain);
    EXPECT_EQ(entry.option("username"), "alice");
    EXPECT_EQ(entry.option("password"), std::nullopt);
    EXPECT_EQ(entry.options_after("user_").at("bob"), "b s");
}

TEST(Jaas, the_flag_is_read_in_any_case_and_options_may_be_missing) {
    EXPECT_EQ(parsed("org.apache.kafka.common.security.scram.ScramLoginModule Required;").module,
              LoginModule::scram);
}

TEST(Jaas, quoted_text_has_the_escapes_of_java) {
    JaasEntry entry = parsed(plain + R"( required a="q\"\\\n\t" b="\101\0" c="it's" d='"';)");
    EXPECT_EQ(entry.option("a"), "q\"\\\n\t");
    EXPECT_EQ(entry.option("b"), std::string("A\0", 2));
    EXPECT_EQ(entry.option("c"), "it's");
    EXPECT_EQ(entry.option("d"), "\"");
}

TEST(Jaas, quoted_text_keeps_what_separates_elsewhere) {
    JaasEntry entry = parsed(plain + " required password=\"a;b=c//d/*e*/\";");
    EXPECT_EQ(entry.option("password"), "a;b=c//d/*e*/");
}

TEST(Jaas, comments_are_passed_over) {
    JaasEntry entry = parsed("/* one */ " + plain + " // two\n required / three\n a=b;");
    EXPECT_EQ(entry.option("a"), "b");
}

TEST(Jaas, text_beyond_ascii_is_kept) {
    JaasEntry entry = parsed(plain + " required password=\"pässwörd\";");
    EXPECT_EQ(entry.option("password"), "pässwörd");
}

TEST(Jaas, the_last_of_two_options_of_one_name_counts) {
    EXPECT_EQ(parsed(plain + " required a=1 a=2;").option("a"), "2");
}

TEST(Jaas, two_entries_are_refused) {
    EXPECT_EQ(why_not(plain + " required; " + plain + " required;"),
              "it has more than one login module");
}

TEST(Jaas, modules_of_others_are_refused) {
    for (const char* module : {"com.sun.security.auth.module.JndiLoginModule",
                               "com.sun.security.auth.module.LdapLoginModule",
                               "com.sun.security.auth.module.Krb5LoginModule", "PlainLoginModule"})
        EXPECT_NE(why_not(std::string(module) + " required;").find("login module is none of"),
                  std::string::npos)
            << module;
}

TEST(Jaas, what_is_incomplete_is_refused) {
    EXPECT_EQ(why_not(""), "it names no login module");
    EXPECT_NE(why_not(plain).find("required"), std::string::npos);
    EXPECT_NE(why_not(plain + " perhaps;").find("required"), std::string::npos);
    EXPECT_EQ(why_not(plain + " required"), "it does not end with a semicolon");
    EXPECT_EQ(why_not(plain + " required a=\"b"), "it does not end with a semicolon");
    EXPECT_EQ(why_not(plain + " required a;"), "an option is not of the form name=\"value\"");
    EXPECT_EQ(why_not(plain + " required a=;"), "an option is not of the form name=\"value\"");
}

TEST(Jaas, no_refusal_repeats_what_was_given) {
    const std::string texts[] = {"canary required;", plain + " canary;",
                                 plain + " required canary",
                                 plain + " required password=my canary;",
                                 plain + " required password=\"canary\""};
    for (const std::string& text : texts)
        EXPECT_EQ(why_not(text).find("canary"), std::string::npos) << text;
}

}  // namespace
}  // namespace stoker::security
