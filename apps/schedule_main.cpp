// stoker-schedule: `stoker schedule`; see src/schedule/programs.hpp.
#include "schedule/programs.hpp"

int main(int argc, char** argv) { return stoker::schedule::schedule_main(argc, argv); }
