# The bombers, the load tester and the demonstration that `make run` shows.
program(producer-bomber producer_bomber_main.cpp load)
program(consumer-bomber consumer_bomber_main.cpp load)
program(stoker-demo demo_main.cpp PRIVATE load)
program(stoker-load load_main.cpp PRIVATE JEMALLOC workload)
