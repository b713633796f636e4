// stoker-exporter: `stoker exporter`; see src/exporter/programs.hpp.
#include "exporter/programs.hpp"

int main(int argc, char** argv) { return stoker::exporter::exporter_main(argc, argv); }
