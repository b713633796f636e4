// `stoker schedule add | list | remove | run`: messages that are sent by the clock.
#pragma once

namespace stoker::schedule {

int schedule_main(int argc, char** argv);

}  // namespace stoker::schedule
