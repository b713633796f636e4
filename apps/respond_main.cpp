// stoker-respond: `stoker respond`; see src/exchange/programs.hpp.
#include "exchange/programs.hpp"

int main(int argc, char** argv) { return stoker::exchange::respond_main(argc, argv); }
