#include "load/secrets.hpp"

#include <array>
#include <cstdlib>
#include <cstring>
#include <string_view>

namespace stoker::load {
namespace {

constexpr std::array<std::string_view, 2> options{"--password", "--ssl-password"};
constexpr std::array<const char*, 2> variables{"KAFKA_PASSWORD", "KAFKA_SSL_PASSWORD"};

void overwrite(char* text) {
    std::memset(text, '*', std::strlen(text));
}

}  // namespace

void hide_secrets(int argc, char** argv) {
    for (int i = 1; i < argc; ++i) {
        const std::string_view word = argv[i];
        for (std::string_view option : options) {
            if (word == option && i + 1 < argc) overwrite(argv[i + 1]);
            if (word.starts_with(option) && word.substr(option.size()).starts_with('='))
                overwrite(argv[i] + option.size() + 1);
        }
    }
    for (const char* variable : variables)
        if (char* value = std::getenv(variable)) overwrite(value);
}

}  // namespace stoker::load
