// The expected names are those of Apache Kafka's SslPrincipalMapper.
#include "security/principal_mapper.hpp"

#include <gtest/gtest.h>

namespace stoker::security {
namespace {

const std::string duke = "CN=Duke,OU=ServiceUsers,O=Org,C=US";

std::string mapped(const std::string& rules, const std::string& name = duke) {
    const auto mapper = PrincipalMapper::parse(rules);
    if (!mapper) return "!" + mapper.error();
    return mapper->name_of(name).value_or("no rule");
}

TEST(PrincipalMapper, names_whom_a_certificate_names_by_the_first_rule_that_fits) {
    EXPECT_EQ(mapped("DEFAULT"), duke);
    EXPECT_EQ(mapped("RULE:^CN=(.*?),OU=ServiceUsers.*$/$1/"), "Duke");
    EXPECT_EQ(mapped("RULE:^CN=(.*?),OU=ServiceUsers.*$/$1/L,DEFAULT"), "duke");
    EXPECT_EQ(mapped("RULE:^.*[Cc][Nn]=([a-zA-Z0-9.]*).*$/$1/L"), "duke");
    EXPECT_EQ(mapped("RULE:^cn=(.*?),ou=(.*?)$/$1@$2/U , RULE:^CN=(.*?),.*$/$0/U"),
              "CN=DUKE,OU=SERVICEUSERS,O=ORG,C=US");
    EXPECT_EQ(mapped(",DEFAULT,"), duke);
}

TEST(PrincipalMapper, replaces_as_java_does) {
    EXPECT_EQ(mapped("RULE:(.*)/x$1/"), "x" + duke + "x") << "every match, the empty last one too";
    EXPECT_EQ(mapped("RULE:^CN=(.*?),.*$/$12/"), "Duke2") << "there is no group 12";
    EXPECT_EQ(mapped("RULE:^CN=(.*?),.*$/$1@$4/"), "Duke@$4");
    EXPECT_EQ(mapped("RULE:^CN=(.*?),.*$/a\\/b$1/"), "a/bDuke");
    EXPECT_EQ(mapped("RULE:^CN=(.*?),.*$/\\$1x/"), "$1x");
    EXPECT_EQ(mapped("RULE:^CN=(D)?(x)?(.*?),.*$/[$2$3]/"), "[uke]");
}

TEST(PrincipalMapper, knows_nobody_whom_no_rule_fits) {
    EXPECT_EQ(mapped("RULE:^CN=Duke$/$1/"), "no rule");
    EXPECT_EQ(mapped(""), "no rule");
}

TEST(PrincipalMapper, refuses_what_is_no_rule_in_a_sentence) {
    for (const auto* rules : {"default", "RULE:a/b", "RULE:^CN=(.*?),.*$/$1/LX",
                              "RULE:^CN=(.*?),.*$/$1/DEFAULT", "RULE:(/x/", "RULE:(?=x)/x/"}) {
        const std::string what = mapped(rules);
        EXPECT_TRUE(what.starts_with("!ssl.principal.mapping.rules: ")) << rules << ": " << what;
    }
}

}  // namespace
}  // namespace stoker::security
