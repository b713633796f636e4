// stoker-request: `stoker request`; see src/exchange/programs.hpp.
#include "exchange/programs.hpp"

int main(int argc, char** argv) { return stoker::exchange::request_main(argc, argv); }
