// stoker-demo: what `make run` shows; see src/load/demo.hpp.
#include "load/demo.hpp"
#include "load/programs.hpp"

namespace {

int run(int argc, char** argv) {
    using namespace stoker::load;
    auto options = parse_demo_options(argc, argv);
    if (!options) return leave(options.error());
    return run_demo(*options);
}

}  // namespace

int main(int argc, char** argv) {
    return stoker::load::guarded("stoker-demo", run, argc, argv);
}
