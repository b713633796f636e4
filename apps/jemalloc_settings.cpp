// What jemalloc reads before main(); MALLOC_CONF in the environment wins over it. Few arenas,
// because a broker has a handful of threads and each arena keeps pages of its own; what is free
// goes back to the system after a second, because a burst should not decide what the process
// weighs for the rest of the day.
extern "C" {
extern const char* malloc_conf;
const char* malloc_conf = "narenas:4,dirty_decay_ms:1000,muzzy_decay_ms:0";
}
