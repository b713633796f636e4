// stoker: the broker and what runs beside it.
#include "node/command.hpp"

int main(int argc, char** argv) { return stoker::node::run_command(argc, argv); }
