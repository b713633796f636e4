// kafka-tools: every kafka-* tool in one binary, chosen by the name it is called with.
#include "cli/main.hpp"

int main(int argc, char** argv) { return stoker::cli::run_main(argc, argv); }
