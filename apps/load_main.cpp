// stoker-load: `stoker load`; see src/workload/command.hpp.
#include "workload/command.hpp"

int main(int argc, char** argv) { return stoker::workload::load_main(argc, argv); }
