// consumer-bomber: see src/load/consumer_bomber.hpp for what it does and --help for how to use it.
#include "load/programs.hpp"
#include "load/secrets.hpp"

namespace {

int run(int argc, char** argv) {
    using namespace stoker::load;
    auto options = parse_consumer_options(argc, argv, process_environment());
    hide_secrets(argc, argv);
    if (!options) return leave(options.error());
    return run_consumer_bomber(*options);
}

}  // namespace

int main(int argc, char** argv) {
    return stoker::load::guarded("consumer-bomber", run, argc, argv);
}
